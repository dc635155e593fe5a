"""The randomisation test for switches: changes that came at random times.

The null hypothesis: the metric would be the same at whatever time the switch came. Then all possible moments are
equally likely, whatever the noise is and however the curriculum decided (Fisher 1935; for series with one switch,
Edgington 1975, doi 10.1080/00223980.1975.9923932; Bulté and Onghena 2008, doi 10.3758/BRM.40.2.467).
"""

from collections.abc import Iterator, Sequence
from itertools import product
from math import isfinite, prod
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.gate import meaning
from envcfg.history.changes import Change
from envcfg.history.history import History
from envcfg.sources.series import Series

REACH: Final = 12
"""The most points that are used on each side of the possible moments of a switch."""
LEAST: Final = 3
"""The points that each side needs."""
_EXACT: Final = 20_000
_DRAWS: Final = 20_000
_ROUNDING: Final = 1e-9


class Switch(NamedTuple):
    """A change that came at a random time."""

    number: int
    """The number of the change."""
    at: int
    """The first point of the metric after the change."""
    first: int
    """The first point after the change if it had come without a delay."""
    choices: int
    """The number of possible moments: one for each point from *first* on."""


class Randomised(NamedTuple):
    """The jump of the metric at the switches, compared with their other possible moments."""

    metric: str
    value: float
    """The jump at the switch minus the mean jump over all its possible moments; the mean over all switches."""
    p: float
    """Two-sided."""
    least_p: float
    """The smallest p that is possible with this number of moments."""
    switches: tuple[Switch, ...]
    unused: int
    """The number of switches with too few points around them, or that give the metric another meaning."""


def randomised(history: History, series: Series, *, invariant: bool = False) -> Randomised | None:
    """The test over all changes with a random delay; None if the run has no such change, or none can be used.

    It needs a metric that was logged with its epoch, once an epoch or more often. Changes that give the metric another
    meaning are left out, unless *invariant* says that it keeps its meaning.
    """
    switches = list(_switches(history.changes, series))
    redefining = meaning(series.name, invariant=invariant, histories=[history])
    kept = [not redefining(history.edits(history.changes[switch.number - 1])) for switch in switches]
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
    """The switches in order; changes that were not drawn evenly from several moments are left out."""
    epochs = [epoch for epoch in series.epochs if epoch is not None]
    if len(epochs) != len(series.epochs):
        return
    for change in changes:
        cause, decided = change.cause, change.requested_at
        if cause is None or cause.delay is None or not cause.propensity or decided is None:
            continue
        index = int(np.searchsorted(series.steps, decided, side="right"))
        choices = round(1 / cause.propensity)
        if index < len(epochs) and abs(choices * cause.propensity - 1) < _ROUNDING and 0 <= cause.delay < choices:
            first = int(np.searchsorted(epochs, epochs[index] - cause.delay))
            if index - first == cause.delay:
                yield Switch(change.number, index, first, choices)


def _bounds(switches: Sequence[Switch], count: int) -> Iterator[tuple[int, int]]:
    """The points around each switch, up to the possible moments of its neighbours."""
    for place, switch in enumerate(switches):
        before = switches[place - 1] if place else None
        start = before.first + before.choices if before else 0
        end = switches[place + 1].first if place + 1 < len(switches) else count
        last = switch.first + switch.choices
        yield max(start, switch.first - REACH), min(end, last + REACH, count)


def _steps(values: Floats, start: int, end: int, switch: Switch) -> Floats | None:
    """The mean after minus the mean before each possible moment; the point at the moment itself is not used.

    All moments use the same points, so a straight trend adds the same amount to each jump.
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
