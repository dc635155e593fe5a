"""Finds slot numbers that two workers used at the same time: their environments are kept apart."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import inf
from typing import NamedTuple, TypeAlias

from envcfg.journal.columns import Columns
from envcfg.journal.reading import Reading

_Moment: TypeAlias = tuple[float, float]
"""A step, and a time in milliseconds."""
_Worker: TypeAlias = tuple[str, int]
"""A session and a worker."""


class _Activity(NamedTuple):
    first: _Moment
    last: _Moment

    def overlaps(self, other: "_Activity") -> bool:
        """Whether both were active between the first and the last moment of the other."""
        is_timeless = self.first[0] == self.last[0] == other.first[0] == other.last[0]  # nobody told steps
        axis = 1 if is_timeless else 0
        return self.last[axis] > other.first[axis] and other.last[axis] > self.first[axis]


def doubled(readings: Sequence[Reading]) -> frozenset[tuple[int, int]]:
    """The ranks and slots that several workers used at the same time.

    A worker was active from its first to its last record of the slot. Counts of resets that changed nothing show that
    it went on. If it closed the environment, it ended there.
    """
    found: set[tuple[int, int]] = set()
    for (rank, slot), workers in _shared(readings).items():
        active = {worker: _activity(slot, own) for worker, own in workers.items()}
        pairs = combinations(active.items(), 2)
        if any(one[0] == other[0] and own.overlaps(its) for (one, own), (other, its) in pairs):
            found.add((rank, slot))
    return frozenset(found)


def _shared(readings: Iterable[Reading]) -> Mapping[tuple[int, int], Mapping[_Worker, list[Reading]]]:
    """The slots of a rank that more than one worker wrote, with the readings of each."""
    users: defaultdict[tuple[int, int], dict[_Worker, list[Reading]]] = defaultdict(dict)
    by_worker: defaultdict[_Worker, list[Reading]] = defaultdict(list)
    ranks: dict[int, set[int]] = defaultdict(set)
    for reading in readings:
        ranks[reading.writer.rank].add(reading.writer.worker)
    for reading in readings:
        if len(ranks[reading.writer.rank]) > 1:
            worker = reading.writer.session, reading.writer.worker
            by_worker[worker].append(reading)
            for slot in set(reading.records.slot):
                users[reading.writer.rank, slot][worker] = by_worker[worker]
    return {place: workers for place, workers in users.items() if len(workers) > 1}


def _activity(slot: int, readings: Iterable[Reading]) -> _Activity:
    first, last, ended = (inf, inf), (-inf, -inf), None
    for reading in readings:
        own = _moments(slot, reading.records)
        first, last = min([first, *own]), max([last, *own])
        last = max([last, *((mix.step, mix.time * 1000) for mix in reading.mixes if mix.adopted)])
        closed = [e for e in reading.slot_events if e.event != "began" and (e.slots is None or slot in e.slots)]
        ended = (closed[-1].step, closed[-1].time * 1000) if closed else (None if own else ended)
    return _Activity(first, last if ended is None else min(last, ended))


def _moments(slot: int, records: Columns) -> list[_Moment]:
    """The first and the last moment at which *slot* wrote."""
    if slot not in records.slot:
        return []
    first, last = records.slot.index(slot), len(records) - 1 - records.slot[::-1].index(slot)
    return [(records.step[row], records.time[row]) for row in (first, last)]
