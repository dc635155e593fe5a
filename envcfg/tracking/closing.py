"""Closes a tracker: by a call, at the end of a `with` block, or when the program exits."""

import threading
from typing import Final, Self

from envcfg.core.record import Role, Status
from envcfg.core.renamed import Renamed
from envcfg.core.save_interval import DEFAULT_SAVE_INTERVAL
from envcfg.tracking import arguments
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.draws.drawing import Drawing
from envcfg.tracking.processes import exits
from envcfg.tracking.processes.context import ProcessContext
from envcfg.tracking.processes.slot_numbers import SlotNumbers
from envcfg.tracking.progress import Progress
from envcfg.tracking.slots import TrackedSlots

_STUCK: Final = 10.0
"""At its exit, the program waits this many seconds for a thread that is still inside a call."""


class ClosingMixin(Renamed):
    """The part of a tracker that closes it. `Tracker` sets the attributes."""

    _called = "tracker"
    is_job: bool = False
    """Whether the end of a job closes the tracker. Then an exit without that close is an interruption."""
    save_interval: int = DEFAULT_SAVE_INTERVAL
    """After this many epochs without a change W&B gets an artifact version: `trainer.env_config_save_interval`."""
    _is_closed: bool
    _lock: threading.RLock
    _process: ProcessContext
    _out: Dispatcher
    _progress: Progress
    _slots: TrackedSlots
    _numbers: dict[Role, SlotNumbers]
    _capture: Capture
    _drawing: Drawing

    @property
    def is_closed(self) -> bool:
        """Whether the tracker was closed, so that it records nothing more."""
        return self._is_closed

    def close(self, status: Status = "completed") -> None:
        """Write the remaining entries, seal the journal and close the sinks. A second call does nothing."""
        with self._lock:
            self._end(status)

    def close_at_exit(self, status: Status | None) -> None:
        """Close the tracker if it is open. Even if a thread is stuck in a call, the program can end."""
        if self._lock.acquire(timeout=_STUCK):
            try:
                self._end("interrupted" if self.is_job else status)
            finally:
                self._lock.release()

    def __del__(self) -> None:
        """Release the user's objects, and leave the tracker in `exits.collected`, to be closed later."""
        if not (getattr(self, "_is_closed", True) or self._process.is_elsewhere):
            self._slots.forget()
            self._capture.forget()
            exits.collected.append(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            self.close(arguments.status_of(error))
        except Exception:
            if error is None:  # otherwise people must see the error of the block
                raise

    def _end(self, status: Status | None) -> None:
        if self._is_closed or self._process.is_elsewhere:
            return
        with self._out.guard("close"):
            self._slots.adopt_late(self._progress.clock.step, self._progress.clock.running)
            self._drawing.finish(self._progress.clock.step, self._progress.clock.running)
            self._progress.end(status and arguments.status(status), self._now())
        self._is_closed = True
        self._progress.may_defer = False
        self._slots.forget()
        if not self._process.is_worker:
            for numbers in self._numbers.values():
                numbers.end()
        self._process.end()

    def _now(self) -> int:
        """The current step of the run. A worker that waits knows it from the training process."""
        step, _ = self._process.with_shared_step(None, None)
        return max(self._progress.clock.step, step or 0)
