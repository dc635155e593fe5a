"""The tracker: one call for each config that an env adopts."""

import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike, getpid
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from envcfg.core.errors import ConfigError
from envcfg.core.record import STATUSES, Cause, Ending, Entry, Failure, Job, Record, Request, Status, Stored, Writer
from envcfg.journal.segment import SegmentWriter
from envcfg.tracking.arguments import (
    SMALL,
    When,
    checked,
    checked_version,
    count,
    maybe,
    maybe_text,
    slots,
    status_of,
    text,
)
from envcfg.tracking.capture import Capture
from envcfg.tracking.guard import Guard
from envcfg.tracking.held import Held
from envcfg.tracking.redaction import Redaction
from envcfg.tracking.requests import Requests
from envcfg.tracking.sink import Sink
from envcfg.tracking.snapshot import Snapshot
from envcfg.tracking.tally import Tally


class Tracker:
    """Records what each slot of a run adopts into a journal in *folder*, then tells the sinks.

    Nothing it does raises into the training loop unless *strict*; `close` seals the journal. *job* says what the
    program was started as: any of `name`, `overrides` and `config`.
    """

    def __init__(
        self,
        folder: str | PathLike[str],
        *,
        run: str | None = None,
        rank: int = 0,
        worker: int = 0,
        job: Mapping[str, Any] | None = None,
        curriculum: str | None = None,
        sinks: Sequence[Sink] = (),
        strict: bool = False,
        redaction: Redaction | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.folder = Path(folder)
        self._clock = clock
        self._guard = Guard(self._report, clock=self._now, strict=strict)
        self._capture = Capture(redaction or Redaction(), strict=strict)
        self._sinks = tuple(sinks)
        self._tally = Tally()
        self._slots: dict[int, Held] = {}
        self._requests = Requests()
        self._ghosts: int | None = None
        self._step = 0
        self._epoch: int | None = None
        self._published: int | None = None
        self._is_closed = False
        self._lock = threading.RLock()
        self._pid = getpid()
        session = uuid.uuid4().hex[:12]
        self._journal = SegmentWriter(self.folder, Writer(text(run or session[:8]), session, rank, worker))
        with self._guard("open"):
            self._open(job or {}, curriculum)

    @property
    def run(self) -> str:
        """The name that all shards and sessions of this run share."""
        return self._journal.writer.run

    def record(
        self,
        config: Any,
        *,
        step: int,
        epoch: int | None = None,
        episode: int | None = None,
        task: str | None = None,
        slot: int = 0,
        requested_at: int | None = None,
        cause: Cause | None = None,
        version: int | str | None = None,
    ) -> str | None:
        """Record the config that the env of *slot* adopted, at its reset; gives the config's digest.

        *step* counts environment steps, all slots together; *requested_at* is the step at which the curriculum
        decided. A slot that adopts what it already has costs no write, it is only counted. An object that has a
        *version* is not looked into again until that changes; a frozen dataclass needs none. None means that
        nothing could be recorded; the reason went to stderr once and into the journal.
        """
        held = self._slots.get(slot)
        if (
            held is not None
            and held.is_still(config, version, task)
            and self._stays(step, epoch)
            and not self._requests
        ):
            with self._lock:
                self._step = step
                self._tally.adopt(held.task)
            return held.digest
        with self._lock, self._guard("record"):
            self._enter(count("step", step), maybe("epoch", epoch, SMALL))
            snapshot = self._capture(config, checked_version(version))
            for problem in snapshot.problems:
                self._guard.note("config", problem)
            when = When(maybe("episode", episode, SMALL), maybe("requested_at", requested_at), checked(cause))
            slot = count("slot", slot, SMALL)
            digest = self._adopt(snapshot, maybe_text(task), slot, when)
            if self._capture.recognises(config, version):
                self._slots[slot] = self._slots[slot]._replace(config=config, version=version)
            return digest
        return None

    def request(
        self,
        changes: Any,
        *,
        step: int,
        epoch: int | None = None,
        slot: int | Iterable[int] | None = None,
        task: str | None = None,
        cause: Cause | None = None,
    ) -> None:
        """Record what the env of *slot* was asked to run: a config, or the leaves of one that are to change.

        *slot* is one, several, or None for all of this rank. Whether and when they do so is seen in what they adopt: a
        key that a slot has not come to have after some resets is named on stderr once.
        """
        with self._lock, self._guard("request"):
            self._enter(count("step", step), maybe("epoch", epoch, SMALL))
            asked = self._capture(changes).config
            self._store(asked)
            of, why = slots(slot), checked(cause)
            request = Request(self._step, asked.digest, self._now(), of, self._epoch, maybe_text(task), why)
            self._append(request)
            self._requests.ask(request, asked.config)
            self._tell_ghosts()

    def mix(self, probabilities: Mapping[str, float], *, step: int, epoch: int | None = None) -> None:
        """Record the task probabilities that the curriculum states now."""
        with self._lock, self._guard("mix"):
            self._enter(count("step", step), maybe("epoch", epoch, SMALL))
            self._tally.state(probabilities)

    def advance(self, *, step: int, epoch: int, rewards: Mapping[str, Iterable[float] | float] | None = None) -> None:
        """An epoch ended: write its tallies, publish its metrics, let the fallback interval run.

        *rewards* are those of the episodes that ended in it, by task: they tell a change of the task mix from one
        of skill.
        """
        with self._lock, self._guard("advance"):
            ended = count("epoch", epoch, SMALL)
            self._enter(count("step", step), ended)
            if rewards is not None:
                with self._guard("rewards"):
                    self._tally.reward(rewards)
            self._publish(ended)

    def close(self, status: Status = "completed") -> None:
        """Write what is left, seal the journal, let the sinks finish; a second call does nothing."""
        with self._lock:
            if self._is_closed or getpid() != self._pid:
                return
            with self._guard("close"):
                self._finish(status)
            self._is_closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(status_of(error))

    def _open(self, job: Mapping[str, Any], curriculum: str | None) -> None:
        overrides = tuple(text(override) for override in job.get("overrides", ()))
        snapshot = self._capture(job["config"]) if job.get("config") is not None else None
        config = self._store(snapshot.config) if snapshot else None
        template = self._store(snapshot.template) if snapshot else None
        name = maybe_text(job.get("name"))
        entry = Job(
            self._now(), maybe_text(curriculum), name, self._capture.redaction.overrides(overrides), config, template
        )
        self._append(entry)
        for sink in self._sinks:
            with self._guard(type(sink).__name__):
                sink.opened(self._journal, entry)

    def _stays(self, step: int, epoch: int | None) -> bool:
        """Whether a record at *step* and *epoch* has nothing to do but count."""
        if self._requests:  # what was asked for may be answered by it
            return False
        is_now = epoch is None or (epoch is self._epoch or (type(epoch) is int and epoch == self._epoch))
        return is_now and type(step) is int and step >= 0 and not self._is_closed and getpid() == self._pid

    def _enter(self, step: int, epoch: int | None) -> None:
        """Note how far the run is; an epoch that is now behind us is published."""
        if self._is_closed:
            raise ConfigError("the tracker is closed: make a new one to record more")
        if getpid() != self._pid:
            self._become_a_shard()
        if epoch is not None and self._epoch is not None and epoch > self._epoch and self._published != self._epoch:
            self._publish(self._epoch)
        self._step = step
        self._epoch = self._epoch if epoch is None else epoch

    def _adopt(self, snapshot: Snapshot, task: str | None, slot: int, when: When) -> str:
        digest = snapshot.config.digest
        if self._requests:
            when = self._answered(snapshot, task, slot, when)
        template = None if snapshot.template is None else snapshot.template.digest
        held = self._slots.get(slot)
        if held is None or not held.is_same(task, digest, template):
            self._store(snapshot.config)
            self._store(snapshot.template)
            record = Record(
                self._step,
                slot,
                digest,
                self._now(),
                self._epoch,
                when.episode,
                task,
                template,
                when.requested_at,
                when.cause,
            )
            self._append(record)
            self._slots[slot] = Held(task, digest, template)
            self._tell(lambda sink: sink.recorded(record, snapshot.config.config))
        self._tally.adopt(task)
        return digest

    def _answered(self, snapshot: Snapshot, task: str | None, slot: int, when: When) -> When:
        """When and why what a slot adopts was asked for, where nobody says so; what it lacks again is told."""
        request = self._requests.look(slot, snapshot.config.config, task)
        for warning in self._requests.warnings():
            sys.stderr.write(f"envcfg: {warning} (said once)\n")
        self._tell_ghosts()
        return when if request is None else when.explained(request)

    def _tell_ghosts(self) -> None:
        ghosts = len(self._requests.ghosts)
        if ghosts != self._ghosts:
            self._ghosts = ghosts
            self._tell(lambda sink: sink.missed(ghosts))

    def _publish(self, epoch: int) -> None:
        self._write_mix(epoch)
        self._published = epoch
        self._tell(lambda sink: sink.advanced(step=self._step, epoch=epoch))

    def _write_mix(self, epoch: int | None, *, is_last: bool = False) -> None:
        mix = self._tally.take(step=self._step, epoch=epoch, time=self._now(), is_last=is_last)
        if mix is not None:
            self._append(mix)
            self._tell(lambda sink: sink.mixed(mix))

    def _finish(self, status: Status) -> None:
        if status not in STATUSES:
            raise ConfigError(f"status {status!r} is not one of {', '.join(STATUSES)}")
        if self._epoch is not None and self._published != self._epoch:
            self._publish(self._epoch)
        self._write_mix(self._epoch, is_last=True)
        told = tuple(self._guard.latest.values())
        ending = Ending(status, self._now(), self._step, self._epoch)
        for failure in told:
            self._append(failure)
        self._append(ending)
        self._journal.seal()
        self._tell(lambda sink: sink.closed(ending))
        for failure in self._guard.latest.values():
            if failure not in told:
                self._append(failure)  # what failed at the very end is worth a segment of its own
        self._journal.seal()

    def _tell(self, hear: Callable[[Sink], None]) -> None:
        for sink in self._sinks:
            with self._guard(type(sink).__name__):
                hear(sink)

    def _store(self, config: Stored | None) -> str | None:
        """Make sure that the open segment holds a config before something refers to it; gives its digest."""
        if config is None:
            return None
        if not self._journal.knows(config.digest):
            self._append(config)
        return config.digest

    def _append(self, entry: Entry) -> None:
        """Append, and seal a segment that is full: only where no config waits for its record."""
        self._journal.append(entry, time=self._now())
        if self._journal.is_full and not isinstance(entry, Stored):
            self._journal.seal()

    def _report(self, failure: Failure) -> None:
        """Put a failure into the journal, unless it is the journal that fails."""
        if self._journal.is_open:
            with self._guard("journal"):
                self._append(failure)

    def _become_a_shard(self) -> None:
        """In a forked child: leave the parent's segments and sinks alone, write a shard of our own."""
        self._pid = getpid()
        writer = self._journal.writer
        self._journal.disown()
        self._journal = SegmentWriter(self.folder, Writer(writer.run, writer.session, writer.rank, self._pid))
        self._sinks = ()
        self._slots.clear()

    def _now(self) -> float:
        """The clock in whole milliseconds, which is what a journal keeps."""
        return round(self._clock() * 1_000) / 1_000
