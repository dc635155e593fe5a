"""Writes how a job ended into its journal.

Hydra 1.3 does not inform callbacks of a KeyboardInterrupt, a SystemExit or a signal. All records are already on disk
at that time. Only the ending remains to be written.
"""

import os
import signal
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Final

from envcfg.core.record import Status
from envcfg.tracking import ambient
from envcfg.tracking.tracker import Tracker

_CAUGHT: Final = "SigCgt:"


def close(status: Status) -> None:
    """Close and detach the attached tracker, if there is one."""
    try:
        ambient.tracker().close(status)
    finally:
        ambient.detach()


def watch(tracker: Tracker) -> None:
    """Make sure that the end of a job is recorded even if Hydra does not report it.

    Such a job counts as interrupted. SIGTERM ends it as `sys.exit` does, unless the app has its own handler.
    """
    unwatch()
    tracker.is_job = True
    if _in_main_thread() and _is_default(signal.SIGTERM):
        signal.signal(signal.SIGTERM, _Terminate(os.getpid()))


def unwatch() -> None:
    """Restore the signal handler after the job.

    A handler that the app has set instead of ours stays. If the app sets ours again later, ours does nothing.
    """
    for handler in _made:
        handler.is_over = True
    _made.clear()
    if _in_main_thread() and isinstance(signal.getsignal(signal.SIGTERM), _Terminate):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@dataclass(slots=True)
class _Terminate:
    """Ends the program on SIGTERM as `sys.exit` does. A second SIGTERM kills it.

    Schedulers send SIGTERM before they kill. The handler only raises, because the program may hold a lock that closing
    would wait for. If the app has set its own handler, this one does nothing, even if the app's handler calls it.
    """

    process: int
    is_over: bool = field(default=False, init=False)
    """Whether the job of this handler has ended."""

    def __post_init__(self) -> None:
        _made.append(self)

    def __call__(self, signum: int, _: FrameType | None) -> None:
        if not _is_in_place(self, signum):
            return
        signal.signal(signum, signal.SIG_DFL)
        if self.is_over or os.getpid() != self.process:  # a forked worker, which the signal would normally kill
            os.kill(os.getpid(), signum)
            return
        raise SystemExit(128 + signum)


_made: Final[list[_Terminate]] = []
"""The handlers of the running job."""


def _is_in_place(handler: _Terminate, number: int) -> bool:
    return signal.getsignal(number) is handler


def _is_default(number: int) -> bool:
    """Whether this signal has no handler, neither in Python nor in C (`faulthandler.register` sets one in C)."""
    return signal.getsignal(number) is signal.SIG_DFL and not _is_caught_in_c(number)


def _is_caught_in_c(number: int) -> bool:
    """Whether a C handler exists. Python does not know it, but Linux does. Elsewhere the answer is always no."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return False
    caught = next((line.removeprefix(_CAUGHT) for line in lines if line.startswith(_CAUGHT)), "0")
    return bool(int(caught, 16) >> (number - 1) & 1)


def _in_main_thread() -> bool:
    """Whether this is the main thread, the only one that may set a handler."""
    return threading.current_thread() is threading.main_thread()
