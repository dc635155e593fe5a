"""Tells whether a method of an object is still running, in any thread."""

import inspect
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any
from weakref import ref


def running(owner: Any, name: str) -> Callable[[], bool]:
    """A function that tells whether the method *name* of *owner*, which is running now, is still running.

    It keeps no frame alive. If the method is not on the stack now, the answer is always True.
    """
    frame, owner_of = _frame(owner, name, None, inspect.currentframe()), ref(owner)
    if frame is None:
        return lambda: True
    code = frame.f_code
    return lambda: _is_running(owner_of(), name, code)


def _is_running(owner: Any, name: str, code: CodeType) -> bool:
    if owner is None:
        return False
    if _frame(owner, name, code, inspect.currentframe()) is not None:
        return True
    stacks = sys._current_frames().values()  # noqa: SLF001  # the only way to see the other threads
    return any(_frame(owner, name, code, frame) is not None for frame in stacks)


def _frame(owner: Any, name: str, code: CodeType | None, frame: FrameType | None) -> FrameType | None:
    """The innermost frame of the method on a stack. Without *code*, its code is not known yet."""
    while frame is not None:
        is_method = frame.f_code.co_name == name if code is None else frame.f_code is code
        if is_method and frame.f_locals.get("self") is owner:
            return frame
        frame = frame.f_back
    return None
