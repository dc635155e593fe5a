"""Totals of the records so far, for the metadata of an artifact and the summary of a run."""

from collections import Counter, deque
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from envcfg.core.record import EVALUATION, Mix, Record, Request, Writer
from envcfg.journal.folder import shard_name
from envcfg.journal.format import FORMAT, VERSION
from envcfg.journal.reading import read_journal
from envcfg.journal.sessions import Session, cutoffs, ended_at, mixes_before, session_of, sessions_of
from envcfg.sinks.change_counter import ChangeCounter

MAX_TASKS: Final = 50
"""The most tasks whose counts are listed. W&B accepts at most 100 keys of metadata."""


class Totals:
    """Counts records. *past* has the records of earlier sessions, which count up to this session's first step."""

    def __init__(self, past: Sequence[Session] = ()) -> None:
        self.step = 0
        self.epoch = 0
        self.records = 0
        self._past = tuple(past)
        self._first_step: int | None = None
        self._configs: dict[str, None] = {}
        """In the order in which they were first adopted."""
        self._adopted: Counter[str] = Counter()
        self._recorded: Counter[str] = Counter()
        self.counter = ChangeCounter()
        self._last_change: int | None = None
        self._task: str | None = None
        self._pending: list[Request] = []

    def record(self, record: Record) -> None:
        self._resume(record.step)
        self.records += 1
        self._configs.setdefault(record.config)
        self._recorded[record.task or ""] += 1
        before = self.counter.count
        self.counter.record(record)
        if self.counter.count > before:
            self._last_change = record.step
        self._task = record.task
        self._first_step = record.step if self._first_step is None else self._first_step
        self.set_step(step=record.step, epoch=record.epoch or 0)

    def requested(self, request: Request) -> None:
        """Note a request. One before the first record of this session is kept until the past was counted."""
        if self._past:
            self._pending.append(request)
        else:
            self.counter.requested(request)

    def mix(self, mix: Mix) -> None:
        self._resume(mix.step)
        self._adopted.update(mix.adopted)
        self.set_step(step=mix.step, epoch=mix.epoch or 0)

    def set_step(self, *, step: int, epoch: int) -> None:
        self.step, self.epoch = max(self.step, step), max(self.epoch, epoch)

    def summary(self, status: str) -> dict[str, Any]:
        """Return the columns for a table of runs."""
        return {
            "records": self.records,
            "changes": self.counter.count,
            "configs": len(self._configs),
            "tasks": self.tasks,
            "status": status,
            "stage": self._task,
            "last_change_step": self._last_change,
        }

    @property
    def tasks(self) -> int:
        return len(self._task_counts())

    @property
    def schedule(self) -> str:
        """A short digest of the configs in the order in which they were first adopted."""
        return blake2b("\n".join(self._configs).encode(), digest_size=4).hexdigest()

    def metadata(self, status: str) -> dict[str, Any]:
        """Return the metadata of an artifact version."""
        return {
            **self.summary(status),
            "format": FORMAT,
            "format_version": VERSION,
            "epoch": self.epoch,
            "first_step": self._first_step,
            "last_step": self.step,
            "task_counts": dict(self._task_counts().most_common(MAX_TASKS)),
        }

    def _task_counts(self) -> Counter[str]:
        """Return the adoptions of each task. A killed session has no final counts: each record of it counts once."""
        return self._adopted | self._recorded

    def _resume(self, step: int) -> None:
        """Start this session at *step*. Earlier records before it count, and later ones are abandoned."""
        past, self._past = self._past, ()
        cut = cutoffs(past)
        for own, reading in ((session.readings, reading) for session in past for reading in session.readings):
            end = min(step, cut.ends[session_of(reading)])
            asked = deque(request for request in reading.requests if request.step < end)
            epochs = (over for each in own for over in each.epochs)
            ended = ended_at(end, epochs, (each.records for each in own))
            for record in reading.records:
                while asked and round(asked[0].time * 1000) <= round(record.time * 1000):
                    self.counter.requested(asked.popleft())
                if record.step < end and record.slot < EVALUATION:
                    self.record(record)
            for request in asked:
                self.counter.requested(request)
            for mix in mixes_before(reading.mixes, end, ended):
                self.mix(mix)
            for over in reading.epochs:
                if over.step <= end:
                    self.set_step(step=over.step, epoch=over.epoch)
        while self._pending:
            self.counter.requested(self._pending.pop(0))


def past_of(folder: Path, writer: Writer) -> list[Session]:
    """The sessions of its shard that *writer* resumes, the oldest first."""
    readings, _ = read_journal(folder)
    return sessions_of([r for r in readings if r.segment.shard == shard_name(writer)], writer.resumes)
