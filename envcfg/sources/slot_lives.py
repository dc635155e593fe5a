"""The lives of the slots of a journal, from the events in its shards and from the order of its records."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Final, NamedTuple

from envcfg.core.record import Role
from envcfg.history.adoptions import Adoptions, Place
from envcfg.history.lives import REPLACED, RESTARTED, Life

ENDS: Final = frozenset({"closed", "replaced", "died"})
"""The events that end a life."""


class End(NamedTuple):
    """The end of a life, as an event in the journal says."""

    step: int
    time: float
    """In milliseconds since the Unix epoch."""
    reason: str


@dataclass(slots=True)
class FoundLife:
    """A life in one shard: where it begins among the rows in order of shard, and its end, if the journal has one."""

    place: Place
    session: str
    row: int
    role: Role = "train"
    end: End | None = None
    is_silent: bool = False


class Bound(NamedTuple):
    """Where a life ends at the latest: before a row, and at a step."""

    row: float
    step: int


NEVER: Final = Bound(inf, 0)


def lives(
    found: Iterable[FoundLife],
    adoptions: Adoptions,
    positions: Mapping[int, int],
    sessions: Mapping[int, Sequence[str]],
    begun: Mapping[str, int],
) -> tuple[Life, ...]:
    """The lives of *adoptions*, of which *positions* has the sorted position of each first row.

    Another environment in the same slot ends a life. So does a later session: *sessions* has those of each rank, in
    order, and *begun* the step of the first adoption of each, in whatever role.
    """
    of_place: dict[Place, list[tuple[Life, FoundLife]]] = defaultdict(list)
    steps = adoptions.columns.step
    starts = {name: Bound(bisect_left(steps, step), step) for name, step in begun.items()}
    for each in found:
        row = positions[each.row]
        bound = Bound(row, steps[row])
        starts[each.session] = min(bound, starts.get(each.session, bound))
        life = Life(each.place, steps[row], row, role=each.role, is_silent=each.is_silent)
        of_place[each.place].append((life, each))
    later = {name: bound for own in sessions.values() for name, bound in _later_starts(own, starts).items()}
    whole: list[Life] = []
    for own in of_place.values():
        own.sort(key=lambda pair: pair[0].first)
        following = [*own[1:], (None, None)]
        for (life, one), (after, other) in zip(own, following, strict=True):
            is_same = other is not None and other.session == one.session
            bound = min(NEVER if after is None else Bound(after.first, after.born), later[one.session])
            whole.append(_ended(life, one.end, adoptions, bound, REPLACED if is_same else RESTARTED))
    return tuple(sorted(whole, key=lambda life: life.first))


def _ended(life: Life, end: End | None, adoptions: Adoptions, bound: Bound, reason: str) -> Life:
    """*life* with its own end, or with an end at *bound* if another life began there."""
    stop = inf if end is None else _row_after(end, adoptions)
    is_before = end is not None and (bound == NEVER or end.step <= bound.step)
    if end is not None and is_before and stop <= min(bound.row, len(adoptions)):
        return replace(life, ended=end.step, stop=max(int(stop), life.first + 1), reason=end.reason)
    if bound == NEVER:
        return life
    return replace(life, ended=bound.step, stop=int(bound.row), reason=reason, is_silent=False)


def _row_after(end: End, adoptions: Adoptions) -> int:
    """The number of rows up to *end*."""
    columns = adoptions.columns
    start, stop = bisect_left(columns.step, end.step), bisect_right(columns.step, end.step)
    return bisect_right(columns.time, end.time, start, stop) if start < stop else stop


def _later_starts(sessions: Sequence[str], starts: Mapping[str, Bound]) -> Mapping[str, Bound]:
    """For each session, where the first of the later ones began."""
    found: dict[str, Bound] = {}
    later = NEVER
    for session in reversed(sessions):
        found[session] = later
        later = min(later, starts.get(session, NEVER))
    return found
