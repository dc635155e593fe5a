"""Finds slot numbers that two workers used at the same time: their environments are kept apart."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from envcfg.core.record import SlotEvent
from envcfg.journal.columns import Columns
from envcfg.journal.reading import Reading
from envcfg.sources.slot_lives import ENDS

_Moment: TypeAlias = tuple[float, float]
"""A step, and a time in milliseconds."""
_Worker: TypeAlias = tuple[str, int]
"""A session and a worker."""


class _Activity(NamedTuple):
    first: _Moment
    last: _Moment


def doubled(readings: Sequence[Reading]) -> frozenset[tuple[int, int]]:
    """The ranks and slots that several workers used at the same time.

    A worker was active from its first to its last record of the slot. If it has one slot only, counts of resets that
    changed nothing show that it went on. If it closed the environment, it ended there.
    """
    return frozenset(place for place, workers in _shared(readings).items() if _overlap(place[1], workers))


def _overlap(slot: int, workers: Mapping[_Worker, Sequence[Reading]]) -> bool:
    """Whether environments of two workers of one session were active at the same time."""
    active = [(own, worker) for worker, readings in workers.items() for own in _activities(slot, readings)]
    steps = {moment[0] for own, _ in active for moment in own}
    axis = 0 if len(steps) > 1 else 1  # the time, if nobody told steps
    latest: dict[_Worker, _Activity] = {}
    for own, worker in sorted(active, key=lambda each: each[0].first[axis]):
        others = [its for other, its in latest.items() if other != worker and other[0] == worker[0]]
        if any(its.last[axis] > own.first[axis] and own.last[axis] > its.first[axis] for its in others):
            return True
        before = latest.get(worker, own)
        latest[worker] = own if own.last >= before.last else before
    return False


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


def _activities(slot: int, readings: Sequence[Reading]) -> list[_Activity]:
    """When the environments of one worker in *slot* were active, one after the other."""
    is_alone = all(set(reading.records.slot) <= {slot} for reading in readings)
    found: list[_Activity] = []
    is_open = False
    counts = _Counts()
    for reading in readings:
        start = 0
        for event in [*_ends(slot, reading), None]:
            moments = _moments(slot, reading.records, slice(start, event and event.after))
            if moments:
                first = found.pop().first if is_open else moments[0]
                found.append(_Activity(first, moments[-1]))
            is_open = bool(moments or is_open) and event is None
            start = event.after if event else 0
        counted = counts.unchanged(reading)
        if is_open and is_alone:
            found[-1] = _Activity(found[-1].first, max([found[-1].last, *counted]))
    return found


class _Counts:
    """The counts of resets of one worker, segment by segment, without those that were recorded."""

    def __init__(self) -> None:
        self._records = self._counted = self._unchanged = 0

    def unchanged(self, reading: Reading) -> list[_Moment]:
        """The moments of the counts that have resets which changed nothing."""
        found: list[_Moment] = []
        for mix in reading.mixes:
            self._counted += sum(mix.adopted.values())
            unchanged = self._counted - self._records - bisect_right(reading.records.step, mix.step)
            if unchanged > self._unchanged:
                self._unchanged = unchanged
                found.append((mix.step, mix.time * 1000))
        self._records += len(reading.records)
        return found


def _ends(slot: int, reading: Reading) -> list[SlotEvent]:
    ends = [event for event in reading.slot_events if event.worker is None and event.event in ENDS]
    return sorted((e for e in ends if e.slots is None or slot in e.slots), key=lambda event: event.after)


def _moments(slot: int, records: Columns, part: slice) -> list[_Moment]:
    """The first and the last moment at which *slot* wrote in a part of the records."""
    slots = records.slot[part]
    if slot not in slots:
        return []
    start = part.start or 0
    first, last = start + slots.index(slot), start + len(slots) - 1 - slots[::-1].index(slot)
    return [(records.step[row], records.time[row]) for row in (first, last)]
