"""However a job ends, its journal says so.

Hydra 1.3 tells no callback of a KeyboardInterrupt, a SystemExit or a signal. Every record is on disk by then;
what is left to do is to write how it ended.
"""

import atexit
import os
import signal
import sys
import threading
from dataclasses import dataclass
from types import FrameType

from envcfg.core.record import Status
from envcfg.tracking import ambient


def close(status: Status) -> None:
    """End the attached tracker, if there is one; it is the job's last word."""
    try:
        ambient.tracker().close(status)
    finally:
        ambient.detach()


def watch() -> None:
    """From now on an end that Hydra keeps to itself closes the attached tracker; an app's own handler is left alone."""
    unwatch()
    atexit.register(_interrupted)
    if _in_main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _Terminate(os.getpid()))


def unwatch() -> None:
    """The job is over: leave the process as it was."""
    atexit.unregister(_interrupted)
    if _in_main_thread() and isinstance(signal.getsignal(signal.SIGTERM), _Terminate):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@dataclass(frozen=True, slots=True)
class _Terminate:
    """SIGTERM, which schedulers send before they kill, unwinds the program as `sys.exit` does; a second one ends it.

    It only raises: wherever the program is, it may hold a lock that closing would wait for.
    """

    process: int

    def __call__(self, signum: int, _: FrameType | None) -> None:
        signal.signal(signum, signal.SIG_DFL)
        if os.getpid() != self.process:  # a forked worker, which would have died of it without us
            os.kill(os.getpid(), signum)
            return
        raise SystemExit(128 + signum)


def _interrupted() -> None:
    try:
        close("interrupted")
    except Exception as error:  # noqa: BLE001  # strict only: no exception changes the status of a program that ends
        sys.stderr.write(f"envcfg: {error}\n")
        sys.stdout.flush()
        os._exit(1)


def _in_main_thread() -> bool:
    """Python lets no other thread set a handler."""
    return threading.current_thread() is threading.main_thread()
