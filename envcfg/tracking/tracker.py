"""The tracker records each config that an env adopts."""

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from envcfg.core.packed import packed
from envcfg.core.record import EVALUATION, Cause, Request, Role, Writer
from envcfg.journal.others import found_by
from envcfg.journal.segment import ROTATE_AT, SegmentWriter
from envcfg.tracking import arguments
from envcfg.tracking.arguments import SMALL, When, checked_cause, count, optional_count, optional_text
from envcfg.tracking.capture.arrays import ArrayCapture
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.capture.columns import ColumnReader
from envcfg.tracking.capture.device_rows import HostColumns
from envcfg.tracking.capture.recognition import CacheEntry
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.draws.drawing import Drawing
from envcfg.tracking.guard import Guarded
from envcfg.tracking.many_slots import ManySlots
from envcfg.tracking.opening import begin
from envcfg.tracking.processes import exits
from envcfg.tracking.processes.context import ProcessContext
from envcfg.tracking.processes.handoff import MOST_WORKERS, PickledState
from envcfg.tracking.processes.registry import trackers
from envcfg.tracking.processes.slot_numbers import SlotNumbers
from envcfg.tracking.processes.workers import Workers
from envcfg.tracking.progress import Progress
from envcfg.tracking.redaction.rules import Redaction
from envcfg.tracking.redaction.secret_values import safe_text
from envcfg.tracking.sink import Sink
from envcfg.tracking.slots import TrackedSlots
from envcfg.tracking.timing import clock_of


class Tracker(ManySlots):
    """Records the configs that the slots of a run adopt into a journal in *folder*, then calls the sinks.

    It raises no exception in the training loop unless *strict*. `close` seals the journal; so does the end of the
    program. *job* describes the job by any of `name`, `overrides` and `config`. *metric_step* is the key of your
    metrics that counts environment steps, if the run clock cannot check it. A journal file of *segment_bytes* bytes is
    compressed, and a new file begins. A pickled or forked tracker writes its own shard.
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
        metric_step: str | None = None,
        sinks: Sequence[Sink] = (),
        strict: bool = False,
        redaction: Redaction | None = None,
        segment_bytes: int = ROTATE_AT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        exits.close_collected()
        session = uuid.uuid4().hex[:12]
        rules = redaction or Redaction()
        writer = Writer(safe_text(run or session[:8]), session, rank, worker)
        found = found_by(Path(folder), writer)
        writer = replace(writer, id=found.id or uuid.uuid4().hex, resumes=found.resumes)
        state = PickledState.of(Path(folder), writer, rules, strict=strict, segment_bytes=segment_bytes)
        state = state._replace(has_past=bool(found.resumes))
        process = ProcessContext(state, is_made_here=True)
        self._set_up(process, Capture(rules, strict=strict), tuple(sinks), clock)
        self._is_closed = True  # strict only: if opening raises, nobody has the tracker
        begin(self._out, self._capture, job or {}, curriculum, metric_step, living=found.living)
        self._is_closed = False
        exits.close_before_other_handlers()

    def _set_up(
        self, process: ProcessContext, capture: Capture, sinks: tuple[Sink, ...], clock: Callable[[], float]
    ) -> None:
        self.folder = Path(process.state.folder)
        self.save_interval = process.state.save_interval
        self._process, self._capture, self._clock = process, capture, clock
        self._is_closed = False
        self._lock = threading.RLock()
        self._begin(process.state.writer, sinks)
        trackers[process.state.key] = self

    def _begin(self, writer: Writer, sinks: tuple[Sink, ...] = ()) -> None:
        """Create the parts that each recording process has separately."""
        state, text = self._process.state, self._capture.text
        journal = SegmentWriter(self.folder, writer, rotate_at=state.segment_bytes)
        self._out = Dispatcher(journal, sinks, self._clock, strict=state.strict, text=text)
        self._slots = TrackedSlots(self._out)
        clock = clock_of(self._out, has_past=state.has_past)
        workers = Workers(self._process, writer, self._slots, self._out)
        self._progress = Progress(self._out, clock, workers.read, is_worker=self._process.is_worker)
        self._drawing = Drawing(
            self._capture, self._slots, self._out, self._progress.tally, is_worker=self._process.is_worker
        )
        self._progress.write_draws = self._drawing.write
        self._episodes = {}
        shared = self._process.is_worker
        self._numbers = {
            "train": SlotNumbers(self.folder, writer.session, role="train", is_shared=shared),
            "eval": SlotNumbers(self.folder, writer.session, role="eval", first=EVALUATION, is_shared=shared),
        }
        journal.reached = lambda: (clock.step, clock.epoch)
        roles: tuple[Role, ...] = ("train", "eval")
        self._columns, self._on_host = ColumnReader(), {role: HostColumns() for role in roles}
        self._arrays = {role: ArrayCapture(self._capture) for role in roles}
        self._update_deferral()

    @property
    def run(self) -> str:
        """The name of the run, which all its shards and sessions share."""
        return self._out.journal.writer.run

    def record(
        self,
        config: Any,
        *,
        step: int | None = None,
        epoch: int | None = None,
        episode: int | None = None,
        task: str | None = None,
        slot: int = 0,
        requested_at: int | None = None,
        cause: Cause | None = None,
        version: int | str | None = None,
        draws: bool | None = None,
    ) -> None:
        """Record the config that the env of *slot* adopted at its reset. `digest` returns its digest.

        *step* counts environment steps over all slots. Without it, the latest step of the training process counts.
        *requested_at* is the step at which the slots were asked, after a random delay if there is one. If a slot adopts
        the same config again, this is only counted. An object with a *version* is captured again only when its version
        changes. A frozen dataclass needs no version. *draws* is as for `record_slots`.
        """
        form = packed(config) if type(config) is dict and version is None else None
        held = self._slots.unchanged(slot, config, version, form, task)
        if held is not None and self._progress.count_unchanged(slot, step, epoch, held.in_use.task):
            if episode is not None:
                self._episodes[slot] = episode
            return
        with self._lock, self._out.guard("record"):
            slot, task = self._slots.begin_adoption(count("slot", slot, SMALL)), optional_text(task, self._out.text)
            at, of = self._enter(step, epoch, slot=slot)
            known = self._captured(config, arguments.version(version), form)
            since, why = optional_count("requested_at", requested_at), checked_cause(cause, self._out.text)
            episode = optional_count("episode", episode, SMALL)
            when = When(at, of, episode, self._on_axis(since), why)
            if draws is not False and slot < EVALUATION:
                known, when = self._drawing.take_config(slot, task, known, when)
            self._slots.adopt(slot, task, known, when)
            if episode is not None:
                self._episodes[slot] = episode
            if slot < EVALUATION:
                self._progress.tally.adopt(task)

    def digest(self, slot: int = 0) -> str | None:
        """The digest of the latest config that `record` recorded for *slot* in this process; None if that failed."""
        with self._lock, self._out.guard("digest"):
            return None if self._process.is_elsewhere else self._slots.digest(count("slot", slot, SMALL))
        return None

    def request(
        self,
        changes: Any,
        *,
        step: int | None = None,
        epoch: int | None = None,
        slot: int | Iterable[int] | None = None,
        task: str | None = None,
        cause: Cause | None = None,
    ) -> None:
        """Record a request to the env of *slot*: a whole config, or only the leaves to change.

        *slot* is one slot, several, or None for all slots of this rank; *step* is as for `record`. A request becomes
        effective when the slots adopt it. If a slot has not adopted a key after some resets, a message on stderr names
        the key once.
        """
        with self._lock, self._out.guard("request"):
            at, of_epoch = self._enter(step, epoch)
            asked = self._capture(changes).config
            self._out.store(asked)
            of, why, task = (
                arguments.slots(slot),
                checked_cause(cause, self._out.text),
                optional_text(task, self._out.text),
            )
            request = Request(at, asked.digest, self._out.now(), of, of_epoch, task, why)
            self._slots.ask(request, asked.config)
        self._update_deferral()

    def guard(self, where: str) -> Guarded:
        """A context manager for an adapter's code. An exception in it is counted and shown; only *strict* raises it."""
        return Guarded(self._caught, where)

    def shard(self, worker: int) -> "Tracker":
        """The tracker to pass to a worker, with a fixed number instead of the one from `multiprocessing`.

        Workers that run at the same time need different numbers. A worker that is started again may use its old number.
        """
        return unpacked(self._packed()._replace(worker=count("worker", worker, MOST_WORKERS)))

    def __reduce__(self) -> "tuple[Callable[[PickledState], Tracker], tuple[PickledState]]":
        return unpacked, (self._packed(),)

    def before_fork(self) -> None:  # so that the child can read the steps
        if not self._is_closed:
            self._packed()

    def after_fork(self) -> None:
        """Replace the lock: the thread that holds it may not exist in the child. The open segment is the parent's."""
        self._process.after_fork()
        self._out.journal.disown()
        self._update_deferral()
        self._lock = threading.RLock()

    def _caught(self, where: str, error: BaseException) -> bool:
        """Count a failure outside of the tracker, in the journal of this process."""
        with self._lock, self._out.guard("open"):
            if isinstance(error, Exception) and self._process.is_elsewhere and not self._is_closed:
                self._move()
            return self._out.guard.caught(where, error)
        return True

    def _captured(self, config: Any, version: int | str | None, form: bytes | None) -> CacheEntry:
        """The snapshot of *config*; a leaf that cannot be recorded counts as a failure."""
        new_secrets = self._capture.new_secrets
        known = self._capture.entry(config, version, form)
        if new_secrets != self._capture.new_secrets:
            self._slots.forget_entries()
        for problem in known.snapshot.problems:
            self._out.guard.note("config", problem)
        return known

    def _update_deferral(self) -> None:
        """Update whether unchanged adoptions may wait until the epoch ends."""
        is_needed = not self._process.is_alone or self._slots.requests.is_asked
        self._progress.may_defer = not (is_needed or self._is_closed)

    def _packed(self) -> PickledState:
        """The state for another process, which can read the steps from now on."""
        with self._out.guard("progress"):
            self._process.share(*self._shared())
            for numbers in self._numbers.values():
                numbers.share()
        self._update_deferral()
        return self._process.state._replace(hidden=self._capture.hidden, save_interval=self.save_interval)

    def _move(self) -> None:
        """In another process: leave the segments and sinks to the parent, and write our own shard."""
        left = self._out
        before, begun = self._progress.clock, self._slots.begun
        self._begin(self._process.move())
        self._slots.begun |= begun
        self._progress.clock.follow(before.step, before.running)
        left.hand_over(self._out)
        exits.at_worker_exit(lambda: self.close_at_exit(exits.exit_status()))


def unpacked(state: PickledState) -> Tracker:
    """The tracker of *state*: the same object in the process that pickled it, else one that writes its own shard."""
    if isinstance(known := trackers.get(state.key), Tracker):
        return known
    tracker = Tracker.__new__(Tracker)  # without opening the run again
    capture = Capture(state.redaction, strict=state.strict, hidden=state.hidden)
    tracker._set_up(ProcessContext(state, is_made_here=False), capture, (), time.time)  # noqa: SLF001  # same module
    return tracker
