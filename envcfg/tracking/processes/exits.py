"""Closes open trackers when their process exits, with the status of the program if it is known.

Python does not report a `SystemExit` to exit handlers. So the status of an app that ends with `sys.exit` is not known.
"""

import atexit
import dis
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Final

from envcfg.core.record import Status
from envcfg.tracking.arguments import status_of
from envcfg.tracking.processes.registry import OpenTracker, trackers

_RETURNS: Final = frozenset({"RETURN_VALUE", "RETURN_CONST"})


collected: Final[list[OpenTracker]] = []
"""Trackers that were garbage-collected while open. Python may collect them at any moment, so they are closed later."""


def close_collected() -> None:
    """Close the trackers that were garbage-collected while open. The status of their trainings is not known."""
    with suppress(IndexError):  # another thread took the last one
        while collected:
            _close(collected.pop(), None)


def close_before_other_handlers() -> None:
    """Close the trackers before the exit handlers that are registered now, such as the one of W&B."""
    global _main_frame  # noqa: PLW0603  # one process, one main thread
    if _main_frame is None:
        _main_frame = _find_main_frame()
    atexit.unregister(close_all)
    atexit.register(close_all)
    if is_child():
        at_worker_exit(close_all)


def close_all() -> None:
    """Close every tracker of this process. Raises nothing; if a strict job fails here, it exits with status 1."""
    status = exit_status()
    unclosed: list[OpenTracker] = [*trackers.values(), *collected]
    collected.clear()
    are_well = [_close(tracker, status) for tracker in unclosed]
    if not all(are_well):
        sys.stdout.flush()
        os._exit(1)


def at_worker_exit(close: Callable[[], None]) -> None:
    """Call *close* when this process ends normally; a child of `multiprocessing` does not run `atexit`.

    If *close* raises, the exit status of the child is not zero.
    """
    from multiprocessing.util import Finalize  # noqa: PLC0415  # only where there are processes

    def last() -> None:
        try:
            close()
        except Exception as error:  # strict only; nothing else would report it
            raise SystemExit(f"envcfg: {error}") from error

    Finalize(None, last, exitpriority=0)


def is_child() -> bool:
    """Whether `multiprocessing` started this process."""
    started = sys.modules.get("multiprocessing.process")
    return started is not None and started.parent_process() is not None


def exit_status() -> Status | None:
    """The status of the program, called at its exit; None if the status cannot be known."""
    error = sys.exc_info()[1] or _uncaught()
    if isinstance(error, SystemExit) and not error.code:
        return "completed"
    if error is not None or is_child():
        return status_of(error)
    return "completed" if _has_returned(_main_frame) and not _is_interactive() else None


def _uncaught() -> BaseException | None:
    """The exception that ended the main thread. An error in a prompt or a notebook does not count."""
    error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    trace = getattr(error, "__traceback__", None)
    is_last = trace is not None and trace.tb_frame is _main_frame and not _is_interactive()
    return error if is_last and isinstance(error, BaseException) else None


def _has_returned(frame: FrameType | None) -> bool:
    """Whether a frame returned and was not left by an exception, according to its last instruction."""
    if frame is None or frame.f_lasti < 0:
        return False
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] in _RETURNS


def _is_interactive() -> bool:
    """Whether Python runs interactively, as in a prompt, IPython or a notebook kernel."""
    return hasattr(sys, "ps1") or bool(sys.flags.interactive)


def _find_main_frame() -> FrameType | None:
    """The outermost frame of the main thread: the program itself. A reference to it keeps only that module alive."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001  # there is no other name
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _close(tracker: OpenTracker, status: Status | None) -> bool:
    try:
        tracker.close_at_exit(status)
    except Exception as error:  # noqa: BLE001  # strict only: no exception changes how a program ends
        sys.stderr.write(f"envcfg: {error}\n")
        return not tracker.is_job
    return True


_main_frame: FrameType | None = None
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=collected.clear)  # the parent closes them
