"""A tracker that nobody closes is closed when its process exits, with what can be known of how the program ended.

Python tells no exit handler of a `SystemExit`. So an app that leaves with `sys.exit` has an ending that nobody knows.
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
from envcfg.tracking.processes.registry import Unclosed, trackers

_RETURNS: Final = frozenset({"RETURN_VALUE", "RETURN_CONST"})


collected: Final[list[Unclosed]] = []
"""Trackers that nobody can close any more. Python collects at any moment, so they are closed at a better one."""


def close_collected() -> None:
    """Close the trackers that were collected; whether their trainings went well is not known."""
    with suppress(IndexError):  # another thread took the last one
        while collected:
            _close(collected.pop(), None)


def come_first() -> None:
    """Have this process close its trackers before the exit handlers that are there now run: W&B's is one of them."""
    global _bottom  # noqa: PLW0603  # one process, one main thread
    if _bottom is None:
        _bottom = _bottom_of_main_thread()
    atexit.unregister(close_all)
    atexit.register(close_all)
    if is_child():
        in_worker(close_all)


def close_all() -> None:
    """Close every tracker of this process. No exception leaves; a strict job that fails here has exit status 1."""
    status = how_it_ends()
    unclosed: list[Unclosed] = [*trackers.values(), *collected]
    collected.clear()
    are_well = [_close(tracker, status) for tracker in unclosed]
    if not all(are_well):
        sys.stdout.flush()
        os._exit(1)


def in_worker(close: Callable[[], None]) -> None:
    """Have *close* called when this process ends as it should; a child of `multiprocessing` runs no `atexit`.

    What it raises is the exit status of such a child.
    """
    from multiprocessing.util import Finalize  # noqa: PLC0415  # only where there are processes

    def last() -> None:
        try:
            close()
        except Exception as error:  # strict only; nobody else would hear of it
            raise SystemExit(f"envcfg: {error}") from error

    Finalize(None, last, exitpriority=0)


def is_child() -> bool:
    """Whether `multiprocessing` started this process."""
    started = sys.modules.get("multiprocessing.process")
    return started is not None and started.parent_process() is not None


def how_it_ends() -> Status | None:
    """How the program ends, asked at its exit; None where nobody can know."""
    error = sys.exc_info()[1] or _uncaught()
    if isinstance(error, SystemExit) and not error.code:
        return "completed"
    if error is not None or is_child():
        return status_of(error)
    return "completed" if _has_returned(_bottom) and not _is_interactive() else None


def _uncaught() -> BaseException | None:
    """What ended the main thread. Where a prompt or a notebook went on after an error, that did not end it."""
    error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    trace = getattr(error, "__traceback__", None)
    is_last = trace is not None and trace.tb_frame is _bottom and not _is_interactive()
    return error if is_last and isinstance(error, BaseException) else None


def _has_returned(frame: FrameType | None) -> bool:
    """Whether a frame came to its end, and was not left by an exception: it keeps the last instruction that it ran."""
    if frame is None or frame.f_lasti < 0:
        return False
    return dis.opname[frame.f_code.co_code[frame.f_lasti]] in _RETURNS


def _is_interactive() -> bool:
    """IPython and its kernels have prompts, too."""
    return hasattr(sys, "ps1") or bool(sys.flags.interactive)


def _bottom_of_main_thread() -> FrameType | None:
    """The frame of the program itself. It holds the globals of its main module, which live as long as the process."""
    frame = sys._current_frames().get(threading.main_thread().ident or 0)  # noqa: SLF001  # there is no other name
    while frame is not None and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _close(tracker: Unclosed, status: Status | None) -> bool:
    try:
        tracker.close_at_exit(status)
    except Exception as error:  # noqa: BLE001  # strict only: no exception changes how a program ends
        sys.stderr.write(f"envcfg: {error}\n")
        return not tracker.is_job
    return True


_bottom: FrameType | None = None
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=collected.clear)  # they are the parent's to close
