"""Collects the adoptions of a journal from its shards, with the lives of the slots."""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from msgspec.structs import replace

from envcfg.core.record import EVALUATION, Ending, Record, SlotEvent
from envcfg.history.adoptions import Adoptions, Place, ordered
from envcfg.history.lives import Life
from envcfg.history.recording import Evaluation
from envcfg.journal.columns import Columns
from envcfg.journal.folder import Segment, shard_name
from envcfg.journal.reading import Reading
from envcfg.journal.sessions import Cut, ShardSession, session_of
from envcfg.sources.double_writers import doubled
from envcfg.sources.slot_lives import ENDS, End, FoundLife, lives

_Rows: TypeAlias = Sequence[int] | None
"""Rows of a reading; None for all of them."""


class FoundAdoptions(NamedTuple):
    """The adoptions of a journal: those of the training, and those of evaluation environments."""

    train: Adoptions
    lives: tuple[Life, ...]
    evaluation: Evaluation | None
    abandoned: Adoptions


def adoptions_of(readings: Sequence[Reading], cut: Cut, missing: Collection[Segment]) -> FoundAdoptions:
    """The adoptions of *readings*, whose records this empties, so that a million are not in memory twice.

    *missing* are the segments that are not there, in their open form.
    """
    shards = _Shards(readings, cut)
    abandoned = _Collector()
    for reading in readings:
        end = cut.ends[session_of(reading)]
        before = Segment(reading.segment.shard, reading.segment.number - 1, is_sealed=False)
        shards.add(reading, end, follows_a_gap=before in missing)
        if reading.records.last_step >= end:
            rows = [row for row, step in enumerate(reading.records.step) if step >= end]
            abandoned.extend(reading, reading.records, rows, shards.places[reading.writer.rank, reading.writer.worker])
        reading.records.clear()
    shards.end()
    begun = shards.train.begun()
    begun |= {name: min(step, begun.get(name, step)) for name, step in shards.evaluation.begun().items()}
    train, evaluation = (each.finished(shards.sessions, begun) for each in (shards.train, shards.evaluation))
    return FoundAdoptions(
        *train, Evaluation(*evaluation) if evaluation[0] else None, abandoned.finished(shards.sessions, {})[0]
    )


class _Places(dict[int, Place]):
    """The place of each slot of one worker.

    A place has the number of its worker only if several workers used the slot at the same time.
    """

    def __init__(self, rank: int, worker: int, doubled: Collection[tuple[int, int]]) -> None:
        self._of = rank, worker, doubled

    def __missing__(self, slot: int) -> Place:
        rank, worker, doubled = self._of
        self[slot] = place = Place(rank, worker if (rank, slot) in doubled else 0, slot % EVALUATION)
        return place


class _Collector:
    """Collects adoptions and lives, shard by shard."""

    def __init__(self) -> None:
        self.columns = Columns()
        self.lives: list[FoundLife] = []
        self._place = array("i")
        self._places: dict[Place, int] = {}
        self._shards: set[str] = set()

    def extend(self, reading: Reading, records: Columns, rows: _Rows, places: Mapping[int, Place]) -> None:
        first = len(self.columns)
        self.columns.extend(records, rows)
        slots = self.columns.slot[first:]
        positions = {slot: self._places.setdefault(places[slot], len(self._places)) for slot in sorted(set(slots))}
        is_same = all(slot == position for slot, position in positions.items())
        self._place.extend(slots if is_same else map(positions.__getitem__, slots))
        if slots and max(slots) >= EVALUATION:
            self.columns.slot[first:] = array("i", [slot % EVALUATION for slot in slots])
        self._shards.add(reading.segment.shard)

    def take(
        self,
        reading: Reading,
        records: Columns,
        rows: Sequence[int],
        new: Sequence[tuple[FoundLife, int]],
        places: Mapping[int, Place],
    ) -> None:
        """Add these rows of a segment, and those of the *new* lives that begin in one of them."""
        first = len(self.columns)
        if rows:
            self.extend(reading, records, None if len(rows) == len(records) else rows, places)
        for life, row in new:
            at = bisect_left(rows, row)
            if rows[at : at + 1] and rows[at] == row:
                life.row = first + at
                self.lives.append(life)

    def begun(self) -> dict[str, int]:
        """The step of the first adoption of each session."""
        found: dict[str, int] = {}
        for life in self.lives:
            step = self.columns.step[life.row]
            found[life.session] = min(step, found.get(life.session, step))
        return found

    def finished(
        self, sessions: Mapping[int, Sequence[str]], begun: Mapping[str, int]
    ) -> tuple[Adoptions, tuple[Life, ...]]:
        firsts = [life.row for life in self.lives]
        places = tuple(self._places)
        adoptions, rows = ordered(self.columns, self._place, places, firsts, shards=len(self._shards))
        return adoptions, lives(self.lives, adoptions, rows, sessions, begun)


@dataclass(slots=True)
class _Shard:
    """The entries of one session of a worker about its slots, so far."""

    is_worker: bool = False
    living: dict[int, FoundLife] = field(default_factory=dict)
    deaths: list[SlotEvent] = field(default_factory=list)
    """The events of other processes about the death of the worker."""
    endings: list[Ending] = field(default_factory=list)

    def take(self, event: SlotEvent) -> None:
        """Note an event that the worker wrote, or that another process wrote about it."""
        if event.event in ENDS:
            for slot in tuple(self.living) if event.slots is None else event.slots:
                life = self.living.pop(slot, None)
                if life is not None:
                    life.end = End(event.step, event.time * 1000, event.event)

    def begin(self, slot: int, name: str, place: Place) -> FoundLife:
        life = self.living[slot] = FoundLife(place, name, -1, "train" if slot < EVALUATION else "eval")
        return life


class _Shards:
    """Follows all shards, segment by segment."""

    def __init__(self, readings: Sequence[Reading], cut: Cut) -> None:
        self.train, self.evaluation = _Collector(), _Collector()
        twice = doubled(readings)
        self.places = {
            (rank, worker): _Places(rank, worker, twice)
            for rank, worker in {(reading.writer.rank, reading.writer.worker) for reading in readings}
        }
        self.sessions: dict[int, list[str]] = {}
        self._shards: defaultdict[ShardSession, _Shard] = defaultdict(_Shard)
        for reading in sorted(readings, key=lambda reading: cut.order[reading.writer.session]):
            own = self.sessions.setdefault(reading.writer.rank, [])
            if reading.writer.session not in own:
                own.append(reading.writer.session)
            shard = self._shards[session_of(reading)]
            shard.is_worker = bool(reading.writer.worker)
            shard.endings += reading.endings
            for event in reading.slot_events:
                if event.worker is not None:
                    name = shard_name(replace(reading.writer, worker=event.worker))
                    self._shards[name, reading.writer.session].deaths.append(event)

    def add(self, reading: Reading, end: float, *, follows_a_gap: bool) -> None:
        shard, start = self._shards[session_of(reading)], 0
        while shard.deaths and shard.deaths[0].time < reading.header.time:
            shard.take(shard.deaths.pop(0))  # a worker of the same number was started again
        if follows_a_gap:
            self._take(shard, reading, _restated(reading), slice(None), end)
        own = [event for event in reading.slot_events if event.worker is None and event.step <= end]
        for event in sorted(own, key=lambda event: event.after):
            self._take(shard, reading, reading.records, slice(start, event.after), end)
            shard.take(event)
            start = max(start, event.after)
        self._take(shard, reading, reading.records, slice(start, None), end)

    def end(self) -> None:
        """End the open lives of workers that wrote their end, or whose end another process wrote."""
        ended = {name for (_, name), shard in self._shards.items() if shard.endings}
        for (_, name), shard in self._shards.items():
            for event in shard.deaths:
                shard.take(event)
            if shard.is_worker and shard.endings:
                last = shard.endings[-1]
                shard.take(SlotEvent(last.step or 0, last.time, "closed"))
            for life in shard.living.values():
                life.is_silent = shard.is_worker and name in ended

    def _take(self, shard: _Shard, reading: Reading, records: Columns, part: slice, end: float) -> None:
        """Add a part of the records of a segment. A slot that does not live begins with its first one."""
        slots = records.slot[part]
        if not slots:
            return
        places = self.places[reading.writer.rank, reading.writer.worker]
        offset = part.start or 0
        new = [
            (shard.begin(slot, reading.writer.session, places[slot]), offset + slots.index(slot))
            for slot in sorted(set(slots) - shard.living.keys())
        ]
        whole = range(*part.indices(len(records)))
        kept = whole if records.last_step < end else [row for row in whole if records.step[row] < end]
        is_training = max(slots) < EVALUATION
        self.train.take(reading, records, kept if is_training else _training(kept, records), new, places)
        if not is_training:
            others = sorted(set(kept).difference(_training(kept, records)))
            self.evaluation.take(reading, records, others, new, places)


def _training(rows: Sequence[int], records: Columns) -> list[int]:
    return [row for row in rows if records.slot[row] < EVALUATION]


def _restated(reading: Reading) -> Columns:
    """Return the state of the slots when the segment was opened. It replaces the missing segments before it."""
    time = reading.header.time
    return Columns.of(
        Record(state.step, state.slot, state.config, time, task=state.task, template=state.template)
        for state in reading.header.slots
    )
