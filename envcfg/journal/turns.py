"""One call at a time, also if a signal handler or a destructor calls while another call of the same thread runs."""

import sys
from collections import deque
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

T = TypeVar("T")


class Turns:
    """Runs calls one after the other. A lock is held around all of them, so only one thread calls."""

    def __init__(self) -> None:
        self._running: FrameType | None = None
        """The frame of the call that runs. An exception from a signal handler may leave it here after its end."""
        self._waiting: deque[Callable[[], object]] = deque()

    def take(self, call: Callable[[], T]) -> T | None:
        """Run *call* and then the calls that came meanwhile. If another call is running, *call* waits: returns None."""
        if self._running is not None and _is_below(self._running):
            self._waiting.append(call)
            return None
        try:
            self._running = sys._getframe()  # noqa: SLF001  # CPython's own way to recognise a call
            result = call()
        finally:
            self._running = None
        while self._waiting:
            self.take(self._waiting.popleft())
        return result


def _is_below(frame: FrameType) -> bool:
    """Whether *frame* is on the stack of this thread."""
    caller: FrameType | None = sys._getframe(1)  # noqa: SLF001
    while caller is not None and caller is not frame:
        caller = caller.f_back
    return caller is frame
