"""What a reader must know before believing an effect, checked by machine and said in words."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.bins import Bins
from envcfg.analysis.effects.reml import Design
from envcfg.analysis.effects.windows import ChangeGroup, Window
from envcfg.history.changes import Change
from envcfg.sources.series import Series

SAMPLED: Final = 500
"""Points that W&B's history gives unless it is asked for all."""
BOUND: Final = 0.25
"""The share of points at one extreme from which a metric is taken to stand at a bound."""
_SMOOTHED: Final = re.compile(r"(?i)smooth|(^|[^a-z])ema([^a-z]|$)|running|moving|_avg|mean_?\d+")


class Caution(NamedTuple):
    """A warning: *kind* for machines, *text* for people."""

    kind: str
    text: str


def of_series(series: Series, bins: Bins, *, sessions: int) -> tuple[Caution, ...]:
    """What is wrong with the metric as a whole."""
    return tuple(_of_series(series, bins, sessions))


def _of_series(series: Series, bins: Bins, sessions: int) -> Iterator[Caution]:
    twice = len(series.steps) - len(set(series.steps))
    if sessions > 1 and twice:
        yield Caution("resumed twice", f"{twice} steps were logged twice: a resumed stretch may be counted twice")
    if is_smoothed(series.name, bins.values):
        yield Caution(
            "smoothed input", f"{series.name} looks smoothed: give the raw metric, or intervals are too narrow"
        )
    if len(series.steps) == SAMPLED:
        yield Caution(
            "sampled history", f"exactly {SAMPLED} points: this looks like W&B's sampled history, not all rows"
        )
    if series.axis == "_step":
        yield Caution("log step", "the metric's own log step was taken for the environment step")


def is_smoothed(name: str, values: Floats) -> bool:
    """Whether neighbouring differences go the same way, as only a smoother makes them; or the name says so."""
    steps = np.diff(values[np.isfinite(values)])
    if len(steps) < 12 or not np.any(steps):
        return bool(_SMOOTHED.search(name))
    centred = steps - steps.mean()
    return bool(_SMOOTHED.search(name)) or float(centred[1:] @ centred[:-1]) > 0.3 * float(centred @ centred)


def of_bundle(bundle: ChangeGroup, bins: Bins, leaves: int) -> Iterator[Caution]:
    """What is wrong with one bundle, whatever the metric."""
    if len(bundle.changes) > 1:
        numbers = ", ".join(str(transaction.number) for transaction in bundle.changes[:6])
        more = "…" if len(bundle.changes) > 6 else ""
        yield Caution("simultaneous", f"changes {numbers}{more} came too close together to be told apart")
    elif leaves > 1:
        yield Caution("simultaneous", f"{leaves} parameters changed at once: the effect is that of all together")
    lag = max(map(_lag, bundle.changes)) / bins.width
    if lag > 1:
        yield Caution(
            "lag", f"it took {lag:.1f} points from the decision until the last slot had it; they are left out"
        )


def _lag(change: Change) -> int:
    """Steps from the decision, or else the first adoption, until the last slot had it."""
    return change.last_step - (change.step if change.requested_at is None else change.requested_at)


def shared(windows: Sequence[Window], index: int) -> Iterator[Caution]:
    """Points that also stand in a neighbour's window."""
    window = windows[index]
    beside = [other for other in (index - 1, index + 1) if 0 <= other < len(windows)]
    if any(windows[o].first < window.end and window.first < windows[o].end for o in beside):
        yield Caution("windows overlap", "the points between this change and its neighbour count for both")


def of_points(count: int, effective: float, *, least: int, least_effective: float) -> Iterator[Caution]:
    if count < least:
        yield Caution("few points", f"only {count} points (a test needs {least}): an effect size, and no p-value")
    elif effective < least_effective:
        yield Caution(
            "few points",
            f"{count} autocorrelated points are worth {effective:.1f} independent ones (a test needs "
            f"{least_effective:.0f}): no p-value",
        )


def bound(values: Floats) -> Iterator[Caution]:
    """A metric that stands at its ceiling or floor, where its noise goes one way only."""
    for edge in (float(values.max()), float(values.min())):
        share = float(np.mean(values == edge))
        if share >= BOUND:
            stands = f"{share:.0%} of the points stand at {edge:.4g}, as at a bound"
            yield Caution("at a bound", f"{stands}: noise there is not what the model expects")


def pre_trend(values: Floats, window: Window) -> Iterator[Caution]:
    """A metric that was already on its way before the change."""
    bins = np.arange(window.first, window.change)
    bins = bins[np.isfinite(values[bins])]
    if len(bins) < 8:
        return
    line = np.stack([np.ones(len(bins)), bins - bins.mean()], axis=1)
    if float(Design(line, bins, of=1).fit(values[bins]).p[0]) < 0.05:
        yield Caution("pre-trend", "the metric was already moving before the change; the effect is beyond that trend")
