"""However a job ends, its journal says so.

Hydra 1.3 tells no callback of a KeyboardInterrupt, a SystemExit or a signal. Every record is on disk by then;
what is left to do is to write how it ended.
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
    """End the attached tracker, if there is one; it is the job's last word."""
    try:
        ambient.tracker().close(status)
    finally:
        ambient.detach()


def watch(tracker: Tracker) -> None:
    """A job whose end Hydra keeps to itself was interrupted; have SIGTERM end it as `sys.exit` does.

    An app's own handler is left alone.
    """
    unwatch()
    tracker.is_job = True
    if _in_main_thread() and _is_default(signal.SIGTERM):
        signal.signal(signal.SIGTERM, _Terminate(os.getpid()))


def unwatch() -> None:
    """The job is over: leave the process as it was.

    A handler that the app has put in place of ours stays. It may put ours back later, which then does nothing of its
    own.
    """
    for handler in _made:
        handler.is_over = True
    _made.clear()
    if _in_main_thread() and isinstance(signal.getsignal(signal.SIGTERM), _Terminate):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@dataclass(slots=True)
class _Terminate:
    """SIGTERM, which schedulers send before they kill, unwinds the program as `sys.exit` does; a second one ends it.

    It only raises: wherever the program is, it may hold a lock that closing would wait for. It does nothing where the
    app has a handler of its own by now, which calls this one as the one before it: how to stop is then the app's
    decision.
    """

    process: int
    is_over: bool = field(default=False, init=False)
    """Whether its job has ended."""

    def __post_init__(self) -> None:
        _made.append(self)

    def __call__(self, signum: int, _: FrameType | None) -> None:
        if not _is_in_place(self, signum):
            return
        signal.signal(signum, signal.SIG_DFL)
        if self.is_over or os.getpid() != self.process:  # a forked worker, which would have died of it without us
            os.kill(os.getpid(), signum)
            return
        raise SystemExit(128 + signum)


_made: Final[list[_Terminate]] = []
"""The handlers of the running job."""


def _is_in_place(handler: _Terminate, number: int) -> bool:
    return signal.getsignal(number) is handler


def _is_default(number: int) -> bool:
    """Whether nobody handles this signal, in Python or in C, as `faulthandler.register` does."""
    return signal.getsignal(number) is signal.SIG_DFL and not _is_caught_in_c(number)


def _is_caught_in_c(number: int) -> bool:
    """Python does not know of these handlers; Linux tells. Elsewhere none is assumed."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return False
    caught = next((line.removeprefix(_CAUGHT) for line in lines if line.startswith(_CAUGHT)), "0")
    return bool(int(caught, 16) >> (number - 1) & 1)


def _in_main_thread() -> bool:
    """Python lets no other thread set a handler."""
    return threading.current_thread() is threading.main_thread()
