"""How a tracker is closed: by a call, at the end of a `with` block, or at the exit of a program that did neither."""

import threading
from typing import Final, Self

from envcfg.core.record import Status
from envcfg.core.renamed import Renamed
from envcfg.tracking import arguments
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.processes import exits
from envcfg.tracking.processes.context import ProcessContext
from envcfg.tracking.progress import Progress
from envcfg.tracking.slots import Slots

_STUCK: Final = 10.0
"""Seconds that the end of the program waits for a thread that is in the middle of a call."""


class Closing(Renamed):
    """What of a tracker has to do with its end; `Tracker` sets the attributes."""

    _called = "tracker"
    is_job: bool = False
    """Whether it belongs to a job whose end closes it, so that an exit without that is an interruption."""
    _is_closed: bool
    _lock: threading.RLock
    _process: ProcessContext
    _out: Dispatcher
    _progress: Progress
    _slots: Slots
    _capture: Capture

    def close(self, status: Status = "completed") -> None:
        """Write what is left, seal the journal, let the sinks finish; a second call does nothing."""
        with self._lock:
            self._end(status)

    def close_at_exit(self, status: Status | None) -> None:
        """`close`, where nobody has; a thread that is stuck in a call keeps no program from ending."""
        if self._lock.acquire(timeout=_STUCK):
            try:
                self._end("interrupted" if self.is_job else status)
            finally:
                self._lock.release()

    def __del__(self) -> None:
        """Nobody can close it any more: what it counted waits for a better moment, without the user's objects."""
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
            if error is None:  # otherwise it is what people must see
                raise

    def _end(self, status: Status | None) -> None:
        if self._is_closed or self._process.is_elsewhere:
            return
        with self._out.guard("close"):
            self._progress.end(status and arguments.status(status))
        self._is_closed = True
        self._progress.is_quiet = False
        self._slots.forget()
        self._process.end()
