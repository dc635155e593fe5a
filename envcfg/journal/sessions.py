"""The sessions of a journal: their order, and which of them belong to one run. No clock is read.

A journal may contain several runs: jobs that share a folder, or two jobs that wrote at the same time.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from envcfg.core.drawn import Draws
from envcfg.core.record import Ending, EpochEnd, Mix, Request
from envcfg.journal.columns import Columns
from envcfg.journal.reading import Reading

ShardSession: TypeAlias = tuple[str, str]
"""The shard and the session. Each start of a run starts a new session in each of its shards."""


@dataclass(frozen=True, slots=True)
class Session:
    """One start of one rank."""

    name: str
    readings: tuple[Reading, ...]
    """By shard and number, the training process first."""
    writes_beside: frozenset[str]
    """The sessions that it saw writing at the same time."""

    @property
    def run(self) -> str:
        return self.readings[0].writer.run

    @property
    def rank(self) -> int:
        return self.readings[0].writer.rank

    @property
    def resumes(self) -> str:
        return self.readings[0].writer.resumes

    @property
    def first_step(self) -> float:
        return min(map(_first_step, self.readings))

    @property
    def overrides(self) -> tuple[str, ...]:
        return next((job.overrides for reading in self.readings for job in reading.jobs), ())

    @property
    def ending(self) -> Ending | None:
        """How it ended; None if it was cut off or is still running."""
        shard = self.readings[0].segment.shard
        return next((end for r in self.readings if r.segment.shard == shard for end in r.endings), None)

    def overlaps(self, other: "Session") -> bool:
        """Whether both wrote at the same time: one of them saw it, or the segments of their trainers alternate."""
        if other.name in self.writes_beside or self.name in other.writes_beside:
            return True
        ours, theirs = self.trainer_segments, other.trainer_segments
        return bool(ours and theirs) and ours[0] < theirs[-1] and theirs[0] < ours[-1]

    @property
    def trainer_segments(self) -> list[int]:
        """The numbers of the segments of the training process, in order."""
        return [reading.segment.number for reading in self.readings if not reading.writer.worker]


@dataclass(slots=True)
class RunSessions:
    """The sessions of one run, in order."""

    id: str
    sessions: list[Session]
    ranks: list[Session] = field(default_factory=list)
    """The sessions of further ranks, and of workers that opened the journal by themselves, in order."""

    @property
    def every(self) -> list[Session]:
        return [*self.sessions, *self.ranks]

    @property
    def readings(self) -> list[Reading]:
        """By shard and number."""
        return sorted((r for session in self.every for r in session.readings), key=lambda reading: reading.segment)


class Cut(NamedTuple):
    """The order of sessions, and the step at which each of them ends."""

    ends: Mapping[ShardSession, float]
    order: Mapping[str, int]
    """The position of each session among those of its rank."""


def runs(readings: Sequence[Reading]) -> list[RunSessions]:
    """The runs in a journal, in the order in which they began. *readings* are by shard and number."""
    found = _sessions(readings)
    trainers = [session for session in found if session.trainer_segments] or found
    first = min((session.rank for session in trainers), default=0)
    leading = [session for session in trainers if session.rank == first]
    main: list[RunSessions] = []
    for session in leading:
        _take(session, main)
    for session in found:
        if not any(session is one for one in leading):
            _beside(session, main).ranks.append(session)
    return main


def cutoffs(sessions: Sequence[Session]) -> Cut:
    """For each session, the step at which a later session of the same shard began and replaces its records.

    All shards of a session end together, even if the later session has fewer workers.
    """
    ends: dict[ShardSession, float] = {}
    later: dict[str, float] = {}
    for session in reversed(sessions):
        shards = {reading.segment.shard for reading in session.readings}
        end = min(later.get(shard, math.inf) for shard in shards)
        ends |= {(shard, session.name): end for shard in shards}
        later |= {shard: min(session.first_step, end) for shard in shards}
    return Cut(ends, _order(sessions))


def stands(entry: Request | Draws, end: float, records: Iterable[Columns]) -> bool:
    """Whether *entry* counts if a later session began at the step *end*. *records* are those of the same session.

    At exactly this step, it counts if it was made before the records that the later session replaced.
    """
    if entry.step != end:
        return entry.step < end
    rows = (row for columns in records for row in zip(columns.step, columns.time, strict=True))
    return entry.time * 1000 <= min((time for step, time in rows if step >= end), default=math.inf)


def session_of(reading: Reading) -> ShardSession:
    return (reading.segment.shard, reading.writer.session)


def ended_at(end: float, epochs: Iterable[EpochEnd], records: Iterable[Columns]) -> set[int]:
    """The epochs that ended exactly at the step *end*, where a later session began, without a record there.

    Their counts are all of the steps before. *epochs* and *records* are those of one session.
    """
    ended = {over.epoch for over in epochs if over.step == end}
    found = (columns for columns in records if ended and end in columns.step)
    return ended - {
        epoch for columns in found for step, epoch in zip(columns.step, columns.epoch, strict=True) if step == end
    }


def mixes_before(mixes: Iterable[Mix], end: float, ended: Collection[int]) -> Iterator[Mix]:
    """Yield the mixes that count only what came before the step *end*. *ended* is the result of `ended_at`."""
    return (mix for mix in mixes if mix.step < end or (mix.step == end and mix.epoch in ended))


def sessions_of(readings: Sequence[Reading], resumes: str) -> list[Session]:
    """The session *resumes* and those that it continues, in order; empty if it is not there."""
    for run in runs(readings):
        names = [session.name for session in run.sessions]
        if resumes in names:
            return run.sessions[: names.index(resumes) + 1]
    return []


def _sessions(readings: Sequence[Reading]) -> list[Session]:
    """The sessions of each rank, in the order of their first segments."""
    of: dict[tuple[int, str], list[Reading]] = {}
    for reading in sorted(readings, key=lambda one: (one.writer.rank, one.writer.worker, one.segment.number)):
        of.setdefault((reading.writer.rank, reading.writer.session), []).append(reading)
    return [
        Session(name, tuple(own), frozenset(line.session for reading in own for line in reading.concurrent))
        for (_, name), own in of.items()
    ]


def _take(session: Session, found: list[RunSessions]) -> None:
    """Add *session* to the run that it continues, or to a new one."""
    before = list(_continued(session, found))
    is_branch = bool(before) and not any(run.sessions[-1] is before[-1] for run in found)
    if before and not is_branch:
        next(run for run in found if run.sessions[-1] is before[-1]).sessions.append(session)
        return
    ids = {run.id for run in found}
    own = session.readings[0].writer.id
    found.append(RunSessions(session.name if not own or own in ids else own, [*before, session]))


def _continued(session: Session, found: Sequence[RunSessions]) -> Iterator[Session]:
    """The sessions that *session* continues, in order; none if it begins a run."""
    for run in _candidates(session, found):
        before = run.sessions
        names = [one.name for one in before]
        if session.resumes in names:
            before = before[: names.index(session.resumes) + 1]
        while before and session.overlaps(before[-1]):
            before = before[:-1]
        if before:
            if _continues(session, before):
                yield from before
            return


def _candidates(session: Session, found: Sequence[RunSessions]) -> list[RunSessions]:
    """The runs of the same name: the one that the session names, or else the last one."""
    same = [run for run in reversed(found) if run.sessions[-1].run == session.run]
    return [run for run in same if any(one.name == session.resumes for one in run.sessions)] or same


def _continues(session: Session, before: Sequence[Session]) -> bool:
    """Whether *session* keeps something of the sessions before, or is a new attempt of them."""
    start = min(one.first_step for one in before)
    if math.isinf(start) or session.first_step > start:
        return True
    last = before[-1]
    is_completed = last.ending is not None and last.ending.status_text == "completed"
    return not is_completed and last.overrides == session.overrides


def _beside(session: Session, found: list[RunSessions]) -> RunSessions:
    """The run of a session of another rank, or of a worker that opened the journal by itself.

    It is the next run with its overrides that has none of this rank, else any.
    """
    same = [run for run in found if run.sessions[-1].run == session.run] or found
    same = [run for run in same if run.sessions[-1].overrides == session.overrides] or same
    free = [run for run in same if len([one for one in run.ranks if one.rank == session.rank]) < len(run.sessions)]
    return (free or same)[0 if free else -1]


def _first_step(reading: Reading) -> float:
    mixes, epochs = (mix.step for mix in reading.mixes), (end.step for end in reading.epochs)
    return min([reading.records.first_step, *mixes, *epochs, *(draws.since for draws in reading.draws)])


def _order(sessions: Sequence[Session]) -> dict[str, int]:
    counts: dict[int, int] = {}
    order: dict[str, int] = {}
    for session in sessions:
        order[session.name] = counts.get(session.rank, 0)
        counts[session.rank] = order[session.name] + 1
    return order
