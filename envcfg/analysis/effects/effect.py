"""What each change of a run is associated with, in one metric: a card for each bundle of changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from envcfg.analysis.effects import cautions
from envcfg.analysis.effects.arrays import np
from envcfg.analysis.effects.bins import Bins, binned
from envcfg.analysis.effects.cautions import Caution
from envcfg.analysis.effects.estimate import LEAST_EFFECTIVE, LEAST_POINTS, LEAST_SIDE, Estimate, estimate
from envcfg.analysis.effects.fdr import q_values
from envcfg.analysis.effects.invariance import redefining
from envcfg.analysis.effects.placebo import MEMORY, ControlWindows, Trigger
from envcfg.analysis.effects.windows import LEAST, REACH, ChangeGroup, Window, bundles, quiet, windows
from envcfg.analysis.tasks.mix_and_skill import around
from envcfg.core.diff import Edit
from envcfg.core.split import Split
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.metrics import metric as metric_of
from envcfg.sources.series import Series

_UNCORRECTED: Final = "adaptive, uncorrected: the curriculum decided because of a metric; expect negative bias"


@dataclass(frozen=True, slots=True)
class Effect:
    """What one bundle of changes is associated with; without an estimate, *refusal* says why."""

    metric: str
    bundle: ChangeGroup
    changes: tuple[Edit, ...]
    """Every leaf that changed."""
    estimate: Estimate | None
    refusal: str | None
    cautions: tuple[Caution, ...]
    split: Split | None = None
    """The rewards that the trainer handed to the tracker: what of their change is task mix and what is skill."""
    q: float | None = None
    """The false discovery rate over the tests of the report, by Benjamini and Hochberg."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The changes, as they are numbered everywhere."""
        return tuple(transaction.number for transaction in self.bundle.changes)


@dataclass(frozen=True, slots=True)
class Subject:
    """A metric on bins, and the bundles that may have moved it."""

    series: Series
    bins: Bins
    bundles: tuple[ChangeGroup, ...]
    windows: tuple[Window, ...]
    quiet: ControlWindows


def effects(
    history: History, metric: MetricChoice = None, *, invariant: bool = False, reach: int = REACH
) -> tuple[Effect, ...]:
    """What each change of a run is associated with, in order; *metric* is by default the run's reward, and may be
    a series of your own.

    A change that gives the metric another meaning is refused, unless *invariant* says that it keeps its meaning.
    *reach* is how many bins are looked at on each side. Raises `SourceError` where the run logged no such metric.
    """
    about = subject(history, metric_of(history, metric), reach=reach)
    whole = cautions.of_series(about.series, about.bins, sessions=history.sessions)
    leaves = [_leaves(history, bundle) for bundle in about.bundles]
    found = [_effect(about, index, leaves[index], whole, invariant=invariant) for index in range(len(leaves))]
    parts = [_split(history, about, window) for window in about.windows]
    return _with_q([replace(effect, split=part) for effect, part in zip(found, parts, strict=True)])


def subject(history: History, series: Series, *, reach: int = REACH) -> Subject:
    """The bundles and windows of a run in one metric; raises `SourceError` for a metric logged at one step only."""
    bins = binned(series)
    found = bundles(history.changes, bins)
    around = windows(found, bins, reach=reach)
    return Subject(series, bins, found, around, ControlWindows(bins.values, tuple(quiet(around, bins))))


def trigger(about: Subject, index: int) -> Trigger | None:
    """The rule behind a bundle, where its curriculum decided by how well it went; None where nothing was compared."""
    causes = [transaction.cause for transaction in about.bundles[index].changes]
    adaptive = next((cause for cause in causes if cause is not None and cause.kind == "curriculum"), None)
    if adaptive is None:
        return None
    change = about.windows[index].change
    start = about.windows[index - 1].after if index else 0
    stage, last = about.bins.values[start:change], about.bins.values[max(start, change - MEMORY) : change]
    if not np.isfinite(last).any():
        return Trigger(0.0)
    is_ours = adaptive.metric == about.series.name and adaptive.threshold is not None
    level = adaptive.threshold if is_ours and adaptive.threshold is not None else float(np.nanmean(last))
    return Trigger(level - float(np.nanmean(stage)))


def _leaves(history: History, bundle: ChangeGroup) -> tuple[Edit, ...]:
    """Each once; a curriculum that goes back and forth a thousand times changes the same few leaves."""
    different = {(change.before, change.config): change for change in reversed(bundle.changes)}
    return tuple(dict.fromkeys(leaf for change in reversed(different.values()) for leaf in history.edits(change)))


def _effect(about: Subject, index: int, leaves: Sequence[Edit], whole: Sequence[Caution], *, invariant: bool) -> Effect:
    bundle, window, rule = about.bundles[index], about.windows[index], trigger(about, index)
    redefined = () if invariant else redefining(about.series.name, leaves)
    if redefined:
        places = ", ".join(redefined[:4])
        refusal = f"metric not invariant: {places} changed, so {about.series.name} means something else since then"
        return Effect(
            about.series.name, bundle, tuple(leaves), None, refusal, (Caution("metric not invariant", refusal),)
        )
    found = estimate(about.bins.values, window, about.quiet, trigger=rule)
    said = (*whole, *_cautions(about, index, leaves, found, rule))
    why = None if found else _too_little(about, window)
    return Effect(about.series.name, bundle, tuple(leaves), found, why, said)


def _split(history: History, about: Subject, window: Window) -> Split | None:
    """Of the few bins next to the change: over more of them, what a task was learned would count as mix."""
    near = window._replace(first=max(window.first, window.change - LEAST), end=min(window.end, window.after + LEAST))
    first, change, after, end = (about.bins.step(index - 1) for index in near)
    return around(history, since=first, change=change, settled=after, until=end)


def _too_little(about: Subject, window: Window) -> str:
    bins = window.indices(about.bins.values)
    before = int((bins < window.change).sum())
    if min(before, len(bins) - before) >= LEAST_SIDE:
        return f"{about.series.name} has no noise around it to measure an effect against"
    if len(about.bundles) == 1 < len(about.bundles[0].changes):
        return "the run changed all the time: no stretch without a change is left (see mix and skill, and correlations)"
    return f"only {before} points of {about.series.name} before it and {len(bins) - before} after it"


def _cautions(
    about: Subject, index: int, leaves: Sequence[Edit], found: Estimate | None, rule: Trigger | None
) -> Iterator[Caution]:
    yield from cautions.of_bundle(about.bundles[index], about.bins, len(leaves))
    yield from cautions.shared(about.windows, index)
    if found is None:
        return
    yield from cautions.bound(about.bins.values[about.windows[index].indices(about.bins.values)])
    yield from cautions.pre_trend(about.bins.values, about.windows[index])
    points = sum(found.points)
    yield from cautions.of_points(points, found.effective, least=LEAST_POINTS, least_effective=LEAST_EFFECTIVE)
    if rule is not None and found.matched:
        yield Caution(
            "adaptive trigger", f"adaptive: corrected by {found.matched} places where its rule would have fired"
        )
    elif rule is not None:
        yield Caution("adaptive trigger", _UNCORRECTED)
    if not found.placebos and found.p is not None:
        yield Caution("no placebos", "no quiet stretch is long enough for placebos: p rests on the noise model alone")


def _with_q(found: Sequence[Effect]) -> tuple[Effect, ...]:
    tested = [effect.estimate.p for effect in found if effect.estimate and effect.estimate.p is not None]
    left = iter(q_values(tested))
    return tuple(
        replace(effect, q=next(left)) if effect.estimate and effect.estimate.p is not None else effect
        for effect in found
    )


def counts(found: Sequence[Effect]) -> Mapping[str, int]:
    """How many cards there are of each kind: tested, with a size only, refused."""
    tested = sum(effect.q is not None for effect in found)
    refused = sum(effect.estimate is None for effect in found)
    return {"tested": tested, "size only": len(found) - tested - refused, "refused": refused}
