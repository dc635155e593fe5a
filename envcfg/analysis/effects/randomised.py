"""What switches did that came at random times: the randomisation test that goes with them.

The null is sharp: the metric would have been the same whenever the switch had come. Then each moment that might have
been drawn is as likely as the one that was, whatever the noise and however the curriculum decided (Fisher 1935; for
series with one switch, Edgington 1975, doi 10.1080/00223980.1975.9923932; Bulté and Onghena 2008, doi
10.3758/BRM.40.2.467).
"""

from collections.abc import Iterator, Sequence
from itertools import product
from math import isfinite, prod
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.invariance import redefining
from envcfg.history.changes import Change
from envcfg.history.history import History
from envcfg.sources.series import Series

REACH: Final = 12
"""Points on each side of the moments that a switch might have come at."""
LEAST: Final = 3
"""Points that there have to be on each side."""
_EXACT: Final = 20_000
_DRAWS: Final = 20_000
_ROUNDING: Final = 1e-9


class Switch(NamedTuple):
    """A change that came at a random time."""

    number: int
    """Of the change."""
    at: int
    """The first point of the metric that is after it."""
    first: int
    """The first point had it come at once."""
    choices: int
    """How many moments it might have come at, one a point from *first* on."""


class Randomised(NamedTuple):
    """What the metric did at switches beyond what it did at the other moments that they might have come at."""

    metric: str
    value: float
    """The step at the switches less the mean step at all their possible moments; the mean over switches."""
    p: float
    """Two-sided."""
    least_p: float
    """The smallest p that so many moments can give."""
    switches: tuple[Switch, ...]
    unused: int
    """Switches with too few points around them, or that give the metric another meaning."""


def randomised(history: History, series: Series, *, invariant: bool = False) -> Randomised | None:
    """The test over all changes that were delayed at random; None where the run has none that can be used.

    It needs a metric that was logged once an epoch, or oftener, with its epochs. Changes that give the metric another
    meaning are left out, unless *invariant* says that it keeps its meaning.
    """
    switches = list(_switches(history.changes, series))
    kept = [invariant or not _redefines(history, switch, series.name) for switch in switches]
    values = np.asarray(series.values, dtype=float)
    found = [
        (switch, _steps(values, *bounds, switch))
        for switch, bounds in zip(switches, _bounds(switches, len(values)), strict=True)
    ]
    used = [
        (switch, steps) for (switch, steps), is_kept in zip(found, kept, strict=True) if is_kept and steps is not None
    ]
    if not used:
        return None
    deviations = [steps - steps.mean() for _, steps in used]
    observed = sum(float(steps[switch.at - switch.first]) for (switch, _), steps in zip(used, deviations, strict=True))
    count = prod(len(steps) for steps in deviations)
    return Randomised(
        metric=series.name,
        value=observed / len(used),
        p=_p(deviations, observed, is_exact=count <= _EXACT),
        least_p=max(1 / count, 1 / (_DRAWS + 1)),
        switches=tuple(switch for switch, _ in used),
        unused=len(switches) - len(used),
    )


def _switches(changes: Sequence[Change], series: Series) -> Iterator[Switch]:
    """In order; a propensity that is not that of an even draw is left out."""
    epochs = [epoch for epoch in series.epochs if epoch is not None]
    if len(epochs) != len(series.epochs):
        return
    for change in changes:
        cause, decided = change.cause, change.requested_at
        if change.is_initial or cause is None or cause.delay is None or not cause.propensity or decided is None:
            continue
        index = int(np.searchsorted(series.steps, decided, side="right"))
        choices = round(1 / cause.propensity)
        if index < len(epochs) and abs(choices * cause.propensity - 1) < _ROUNDING and 0 <= cause.delay < choices:
            first = int(np.searchsorted(epochs, epochs[index] - cause.delay))
            if index - first == cause.delay:
                yield Switch(change.number, index, first, choices)


def _redefines(history: History, switch: Switch, metric: str) -> bool:
    return bool(redefining(metric, history.edits(history.changes[switch.number - 1])))


def _bounds(switches: Sequence[Switch], count: int) -> Iterator[tuple[int, int]]:
    """The points around each switch, up to where its neighbours might have come."""
    for place, switch in enumerate(switches):
        before = switches[place - 1] if place else None
        start = before.first + before.choices if before else 0
        end = switches[place + 1].first if place + 1 < len(switches) else count
        last = switch.first + switch.choices
        yield max(start, switch.first - REACH), min(end, last + REACH, count)


def _steps(values: Floats, start: int, end: int, switch: Switch) -> Floats | None:
    """The mean after less the mean before each possible moment; the point of the moment itself is neither.

    The points are the same for all of them, so that a straight trend is in each as much.
    """
    if switch.first - start < LEAST or end - (switch.first + switch.choices) < LEAST or switch.choices < 2:
        return None
    moments = range(switch.first, switch.first + switch.choices)
    steps = [float(values[at + 1 : end].mean() - values[start:at].mean()) for at in moments]
    return np.asarray(steps) if all(map(isfinite, steps)) else None


def _p(deviations: Sequence[Floats], observed: float, *, is_exact: bool) -> float:
    limit = abs(observed) * (1 - _ROUNDING)
    if is_exact:
        sums = np.array([sum(drawn) for drawn in product(*deviations)])
        return float((np.abs(sums) >= limit).mean())
    draw = np.random.default_rng(0)
    sums = sum((steps[draw.integers(len(steps), size=_DRAWS)] for steps in deviations), np.zeros(_DRAWS))
    return float(((np.abs(sums) >= limit).sum() + 1) / (_DRAWS + 1))
