"""The effects pipeline: series, windows, estimate, cautions. `effects` shows all steps in order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from envcfg.analysis.effects import cautions, gate
from envcfg.analysis.effects.bins import Bins, binned
from envcfg.analysis.effects.estimate import LEAST_EFFECTIVE, LEAST_POINTS, LEAST_SIDE, Estimate, estimate
from envcfg.analysis.effects.fdr import q_values
from envcfg.analysis.effects.gate import Caution
from envcfg.analysis.effects.placebo import ControlWindows
from envcfg.analysis.effects.rule import Rule, UnknownRule
from envcfg.analysis.effects.rule import rule as recorded_rule
from envcfg.analysis.effects.windows import (
    LEAST,
    REACH,
    ChangeGroup,
    Window,
    change_groups,
    unchanged_stretches,
    windows,
)
from envcfg.analysis.tasks.mix_and_skill import around
from envcfg.core.diff import Edit
from envcfg.core.split import Split
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.metrics import metric as metric_of
from envcfg.sources.series import Series

NEAR: Final = 10
"""The most points on each side of a change that its plain means use."""


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of one group of changes; without an estimate, *refusal* gives the reason."""

    metric: str
    group: ChangeGroup
    edits: tuple[Edit, ...]
    """Every key that the group changed."""
    estimate: Estimate | None
    refusal: str | None
    cautions: tuple[Caution, ...]
    split: Split | None = None
    """The change of the mean reward, split into task mix and skill; None where the trainer passed no rewards."""
    means: tuple[float, float] | None = None
    """The plain means of the metric next to the change, before and after; None where a side has no point."""
    q: float | None = None
    """The false discovery rate over all tested effects of the run, by Benjamini and Hochberg."""

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the changes."""
        return tuple(change.number for change in self.group.changes)


@dataclass(frozen=True, slots=True)
class MetricWindows:
    """A metric on bins, with one window around each group of changes."""

    series: Series
    bins: Bins
    groups: tuple[ChangeGroup, ...]
    windows: tuple[Window, ...]
    controls: ControlWindows
    """The windows in which nothing changed."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The effects of one run, and where they were measured."""

    data: MetricWindows
    effects: tuple[Effect, ...]


def effects(
    history: History, metric: MetricChoice = None, *, invariant: bool = False, reach: int = REACH
) -> tuple[Effect, ...]:
    """The effect of each change of a run on a metric, in order of step; changes that are close together share one.

    *metric* is a name or a `Series`; by default the run's reward. A change that gives the metric another meaning has no
    estimate. *invariant* says that the metric always keeps its meaning. *reach* is the number of points used on each
    side of a change. `estimate.value` is in the unit of the metric, `q` is the false discovery rate. Raises
    `SourceError` if the run did not log the metric, and `MissingExtraError` without numpy and scipy.

    >>> from envcfg import effects, load, sample
    >>> found = effects(load(sample("forage")), invariant=True)
    >>> [(effect.numbers, round(effect.estimate.value, 2)) for effect in found]
    [((1,), -0.24), ((2,), -0.06), ((3,), -0.0), ((4,), -0.06)]
    """
    series = metric if isinstance(metric, Series) else metric_of(history, metric)
    return measure(history, series, invariant=invariant, reach=reach).effects


def measure(history: History, series: Series, *, invariant: bool = False, reach: int = REACH) -> Measured:
    """The effects of a run, with the metric on bins."""
    data = metric_windows(history, series, reach=reach)
    warnings = cautions.of_series(series, data.bins, sessions=history.sessions)
    found = [_effect(history, data, index, warnings, invariant=invariant) for index in range(len(data.groups))]
    return Measured(data, _with_q(found))


def metric_windows(history: History, series: Series, *, reach: int = REACH) -> MetricWindows:
    """Put *series* on bins and find the window of each group of changes.

    Raises `SourceError` for a metric that was logged at one step only.
    """
    bins = binned(series)
    groups = change_groups(history.changes, bins)
    found = windows(groups, bins, reach=reach)
    controls = ControlWindows(bins.values, tuple(unchanged_stretches(found, bins)))
    return MetricWindows(series, bins, groups, found, controls)


def _effect(
    history: History, data: MetricWindows, index: int, warnings: Sequence[Caution], *, invariant: bool
) -> Effect:
    """Estimate one group of changes and collect its cautions."""
    name, group, window = data.series.name, data.groups[index], data.windows[index]
    edits, split, means = _edits(history, group), _split(history, data, window), _means(data.bins, window)
    refused = gate.redefined(name, gate.meaning(name, invariant=invariant, histories=[history])(edits))
    if refused is not None:
        return Effect(name, group, edits, None, refused.text, (refused,), split, means)
    start = data.windows[index - 1].after if index else 0
    rule = recorded_rule(history, data.series, data.bins, group, start)
    found = estimate(data.bins, window, data.controls, rule=rule)
    said = (*warnings, *_cautions(data, index, edits, found, rule))
    return Effect(name, group, edits, found, None if found else _too_little(data, window), said, split, means)


def _edits(history: History, group: ChangeGroup) -> tuple[Edit, ...]:
    """Each edit once: a curriculum that goes back and forth a thousand times changes the same few keys."""
    different = {(change.before, change.config): change for change in reversed(group.changes)}
    return tuple(dict.fromkeys(edit for change in reversed(different.values()) for edit in history.edits(change)))


def _split(history: History, data: MetricWindows, window: Window) -> Split | None:
    """Split the few bins next to the change: over more bins, learning within a task would count as task mix."""
    near = window._replace(first=max(window.first, window.change - LEAST), end=min(window.end, window.after + LEAST))
    first, change, after, end = (data.bins.step(index - 1) for index in near)
    return around(history, since=first, change=change, settled=after, until=end)


def _means(bins: Bins, window: Window) -> tuple[float, float] | None:
    chosen = window.indices(bins.values)
    before, after = chosen[chosen < window.change][-NEAR:], chosen[chosen >= window.after][:NEAR]
    if not (len(before) and len(after)):
        return None
    return float(bins.values[before].mean()), float(bins.values[after].mean())


def _too_little(data: MetricWindows, window: Window) -> str:
    bins = window.indices(data.bins.values)
    before = int((bins < window.change).sum())
    if min(before, len(bins) - before) >= LEAST_SIDE:
        return f"{data.series.name} has no noise around this change to compare an effect with"
    if len(data.groups) == 1 < len(data.groups[0].changes):
        return "the config changed all the time, so nothing can be compared (see mix and skill, and correlations)"
    return f"only {before} points of {data.series.name} before this change and {len(bins) - before} after it"


def _cautions(
    data: MetricWindows, index: int, edits: Sequence[Edit], found: Estimate | None, rule: Rule | UnknownRule | None
) -> Iterator[Caution]:
    yield from cautions.of_group(data.groups[index], data.bins, len(edits))
    yield from cautions.shared(data.windows, index)
    if found is None:
        return
    yield from cautions.bound(data.bins.values[data.windows[index].indices(data.bins.values)])
    yield from cautions.pre_trend(data.bins.values, data.windows[index])
    points = sum(found.points)
    yield from cautions.of_points(points, found.effective, least=LEAST_POINTS, least_effective=LEAST_EFFECTIVE)
    if found.is_slope:
        yield cautions.SLOPE
    if rule is not None:
        yield cautions.of_rule(found.rule, rule.reason if isinstance(rule, UnknownRule) else None)
    if not found.placebos and found.p is not None:
        yield Caution(
            "no placebos",
            "no unchanged part of the run is long enough for placebos: p uses the noise model alone",
        )


def _with_q(found: Sequence[Effect]) -> tuple[Effect, ...]:
    tested = [effect.estimate.p for effect in found if effect.estimate and effect.estimate.p is not None]
    left = iter(q_values(tested))
    return tuple(
        replace(effect, q=next(left)) if effect.estimate and effect.estimate.p is not None else effect
        for effect in found
    )


def counts(found: Sequence[Effect]) -> Mapping[str, int]:
    """How many effects there are of each kind."""
    tested = sum(effect.q is not None for effect in found)
    refused = sum(effect.estimate is None for effect in found)
    untested = len(found) - tested - refused
    return {"tested": tested, "estimated without a test": untested, "not testable": refused}
