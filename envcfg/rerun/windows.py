"""The windows in which the two arms of an ablation are compared: while only one arm has the change, and later."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from envcfg.analysis.effects.gate import meaning
from envcfg.core import diff
from envcfg.history.adoptions import Adoptions, Place
from envcfg.history.changes import Change
from envcfg.history.history import History
from envcfg.journal.columns import NONE
from envcfg.rerun.interventions import Intervention

_MAX_DIFFERENT: Final = 0.05
"""The greatest share of a window, over all slots, in which a key may differ without a refusal."""


class ArmWindow(NamedTuple):
    """The environment steps (start, end] of both runs."""

    name: str
    start: float
    end: float


class Arms(NamedTuple):
    """Two runs with the same seed: as recorded, and with the intervention."""

    recorded: History
    intervened: History


def arm_windows(
    recorded: History, intervention: Intervention, both: Sequence[Arms], end: float
) -> tuple[ArmWindow, ...]:
    """The windows of an intervention; the second is left out if it would be empty.

    The first window ends at the next change; for a shift, it lasts while only one arm has the change. The second begins
    when every slot has adopted its next config, and goes on to *end*.
    """
    change, *others = recorded.numbered(intervention.number)
    if intervention.kind == "shift":
        first, last = sorted((change.step, change.step + intervention.steps))
        later_arms = [arms.intervened if intervention.steps > 0 else arms.recorded for arms in both]
        settled = _settled(later_arms, _moved(recorded, change, intervention.steps))
        return _split("while one arm had it", first, last, settled, end)
    later = (each for each in recorded.changes[intervention.number :] if each.step > change.step)
    following = next(later, None)
    if following is None:
        return (ArmWindow("to the end", change.step, end),)
    name = f"until change {following.number}"
    settled = _settled([run for arms in both for run in arms], _next_steps(recorded, (change, *others)))
    return _split(name, change.step, following.step, settled, end)


def redefined(metric: str, arms: Arms, window: ArmWindow, *, invariant: bool = False) -> tuple[str, ...]:
    """The keys that differ between the two arms in a window and give *metric* another meaning.

    Slots adopt a later change at their own resets, a few steps apart in the two arms. This is ignored.
    """
    one, other = arms
    redefining = meaning(metric, invariant=invariant, histories=arms)
    apart: dict[tuple[str, str], float] = {}
    for place, rows in one.adoptions.rows.items():
        others = other.adoptions.rows.get(place, ())
        for pair, steps in _overlaps(
            _held(one.adoptions, rows, window), _held(other.adoptions, others, window), window
        ):
            apart[pair] = apart.get(pair, 0.0) + (steps if pair[0] != pair[1] else 0.0)
    shares: dict[str, float] = {}
    whole = len(one.adoptions.rows) * (min(window.end, one.last_step) - window.start)
    for (was, now), steps in apart.items():
        for key in redefining(diff.diff(one.config(was), other.config(now))):
            shares[key] = shares.get(key, 0.0) + steps / whole
    return tuple(sorted(key for key, share in shares.items() if share > _MAX_DIFFERENT))


def _split(name: str, start: float, until: float, settled: float, end: float) -> tuple[ArmWindow, ...]:
    first = ArmWindow(name, start, min(until, end))
    return (first, ArmWindow("from then to the end", settled, end)) if settled < end else (first,)


def _next_steps(recorded: History, changes: Sequence[Change]) -> Mapping[Place, float]:
    """The step at which each slot that adopted one of the changes adopts something else; infinity if it never does."""
    steps, numbers = recorded.adoptions.columns.step, recorded.changes.numbers
    found = {}
    for place, number in ((place, change.number) for change in changes for place in change.places):
        rows = iter(recorded.adoptions.rows[place])
        any(numbers[row] == number for row in rows)  # skips to the row of the change
        found[place] = next((float(steps[row]) for row in rows if numbers[row] != NONE), math.inf)
    return found


def _moved(recorded: History, change: Change, steps: int) -> Mapping[Place, float]:
    """The step at which each slot adopts the change in the later arm."""
    columns, numbers = recorded.adoptions.columns, recorded.changes.numbers
    rows = {place: recorded.adoptions.rows[place] for place in change.places}
    return {
        place: next(float(columns.step[row]) for row in own if numbers[row] == change.number) + max(0, steps)
        for place, own in rows.items()
    }


def _settled(runs: Sequence[History], due: Mapping[Place, float]) -> float:
    """The step at which the last slot of all runs has adopted its due config, at its own next reset."""
    return max(_from(run.adoptions, place, step) for run in runs for place, step in due.items())


def _from(adoptions: Adoptions, place: Place, step: float) -> float:
    steps = [adoptions.columns.step[row] for row in adoptions.rows.get(place, ())]
    index = bisect_left(steps, step)
    return steps[index] if index < len(steps) else math.inf


def _held(adoptions: Adoptions, rows: Sequence[int], window: ArmWindow) -> dict[float, str]:
    """The configs that a place ran in a window, by their first step in it."""
    columns = adoptions.columns
    ends = [*(columns.step[row] for row in rows[1:]), math.inf]
    return {
        max(window.start, columns.step[row]): columns.adopted[row].config
        for row, until in zip(rows, ends, strict=True)
        if until > window.start and columns.step[row] < window.end
    }


def _overlaps(
    one: Mapping[float, str], other: Mapping[float, str], window: ArmWindow
) -> Iterator[tuple[tuple[str, str], float]]:
    """The pairs of configs that a place runs in both arms at the same time, each with its number of steps."""
    steps = sorted({*one, *other}) if one and other else []
    for step, until in pairwise([*steps, window.end]):
        yield (_at(one, step), _at(other, step)), until - step


def _at(held: Mapping[float, str], step: float) -> str:
    """The config at *step*; before the first step, the first config."""
    steps = list(held)
    return held[steps[max(0, bisect_right(steps, step) - 1)]]
