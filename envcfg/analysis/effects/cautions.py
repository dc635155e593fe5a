"""Cautions: the automatic checks whose results a reader must know before trusting an effect."""

from collections.abc import Iterator, Sequence
from typing import Final

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.bins import Bins
from envcfg.analysis.effects.gate import Caution, smoothed
from envcfg.analysis.effects.reml import Design
from envcfg.analysis.effects.windows import ChangeGroup, Window
from envcfg.history.changes import Change
from envcfg.sources.series import Series

SAMPLED: Final = 500
"""The number of points that W&B's history returns by default."""
BOUND: Final = 0.25
"""If this share of points has the same extreme value, the metric is probably at a bound."""


def of_series(series: Series, bins: Bins, *, sessions: int) -> tuple[Caution, ...]:
    """Cautions about the metric as a whole."""
    return tuple(_of_series(series, bins, sessions))


def _of_series(series: Series, bins: Bins, sessions: int) -> Iterator[Caution]:
    twice = len(series.steps) - len(set(series.steps))
    if sessions > 1 and twice:
        yield Caution("resumed twice", f"{twice} steps were logged twice: a resumed part of the run may count twice")
    said = smoothed(series.name, bins.values)
    if said is not None:
        yield said
    if len(series.steps) == SAMPLED:
        yield Caution(
            "sampled history", f"exactly {SAMPLED} points: this looks like W&B's sampled history, not all rows"
        )
    if series.doubt is not None:
        yield Caution("unchecked axis", series.doubt)


def of_group(group: ChangeGroup, bins: Bins, edits: int) -> Iterator[Caution]:
    """Cautions about one group of changes that hold for every metric; *edits* is the number of keys that it changed."""
    if len(group.changes) > 1:
        numbers = ", ".join(str(change.number) for change in group.changes[:6])
        more = "…" if len(group.changes) > 6 else ""
        yield Caution("simultaneous", f"changes {numbers}{more} are too close together to separate their effects")
    elif edits > 1:
        yield Caution("simultaneous", f"{edits} parameters changed at once: this is the effect of all together")
    lag = max(map(_lag, group.changes)) / bins.width
    if lag > 1:
        yield Caution("lag", f"the last slot adopted it {lag:.1f} points after the decision; these points are not used")


def _lag(change: Change) -> int:
    """The steps from the decision to the last adoption; without a decision step, from the first adoption."""
    return change.last_step - (change.step if change.requested_at is None else change.requested_at)


SLOPE: Final = Caution(
    "slope", "the metric moved over several points around the change, which no test can tell from a jump: no p-value"
)


def of_rule(simulated: str | None, reason: str | None) -> Caution:
    """How the bias of an adaptive change was handled: its rule was *simulated*, or there is a *reason* against it."""
    if simulated is not None:
        return Caution(
            "adaptive trigger",
            f"adaptive: the curriculum decided because {simulated}; what this rule alone produces is subtracted",
        )
    why = reason or "its rule is hardly ever met in such noise"
    return Caution(
        "adaptive trigger",
        f"adaptive, not corrected: {why}, so its rule cannot be simulated; expect a bias against its direction, "
        "and take no p-value",
    )


def shared(windows: Sequence[Window], index: int) -> Iterator[Caution]:
    """A caution if points of this window also belong to a neighbour's window."""
    window = windows[index]
    beside = [other for other in (index - 1, index + 1) if 0 <= other < len(windows)]
    if any(windows[o].first < window.end and window.first < windows[o].end for o in beside):
        yield Caution("windows overlap", "the points between this change and its neighbour are used for both")


def of_points(count: int, effective: float, *, least: int, least_effective: float) -> Iterator[Caution]:
    if count < least:
        yield Caution("few points", f"only {count} points (a test needs {least}): so the effect has no p-value")
    elif effective < least_effective:
        yield Caution(
            "few points",
            f"{count} autocorrelated points are worth only {effective:.1f} independent points (a test needs "
            f"{least_effective:.0f}), so the effect has no p-value",
        )


AT_BOUND: Final = "at a bound"


def bound(values: Floats) -> Iterator[Caution]:
    """A caution if the metric is often at its highest or lowest value, where its noise can have only one sign."""
    for edge in (float(values.max()), float(values.min())):
        share = float(np.mean(values == edge))
        if share >= BOUND:
            often = f"{share:.0%} of the points are exactly {edge:.4g}, as if the metric had a bound there"
            yield Caution(AT_BOUND, f"{often}: the noise model does not fit")


def pre_trend(values: Floats, window: Window) -> Iterator[Caution]:
    """A caution if the metric already had a trend before the change."""
    bins = np.arange(window.first, window.change)
    bins = bins[np.isfinite(values[bins])]
    if len(bins) < 8:
        return
    line = np.stack([np.ones(len(bins)), bins - bins.mean()], axis=1)
    if float(Design(line, bins, of=1).fit(values[bins]).p[0]) < 0.05:
        yield Caution("pre-trend", "the metric already had a trend before the change; the effect excludes that trend")
