"""What a walk through a config has open: it ends where an object contains itself, and after so many containers.

Without this, a graph of parents and children would be walked exponentially, up to the greatest depth.
"""

import threading
from typing import Any, Final

from envcfg.core.code import Code, Coded

SHALLOW: Final = 4
"""Above this depth nothing is checked, which would take longer than the walk: only below it a graph grows."""
MOST_CONTAINERS: Final = 50_000
"""The most dicts, lists and objects in a part of a config at this depth. Each counts as often as it occurs."""


class Walk(threading.local):
    """The walk of this thread."""

    def __init__(self) -> None:
        self._open: set[int] = set()
        self._left = 0

    def enter(self, container: Any) -> Coded | None:
        """Begin to walk through *container*. If that may not be done, the reason; `leave` is not called then."""
        if not self._open:
            self._left = MOST_CONTAINERS
        self._left -= 1
        if id(container) in self._open:
            return Coded("contains itself", Code.CONFIG_DEPTH)
        if self._left < 0:
            return Coded(f"has more than {MOST_CONTAINERS:,} dicts, lists and objects", Code.CONFIG_SIZE)
        self._open.add(id(container))
        return None

    def leave(self, container: Any) -> None:
        """End the walk through *container*."""
        self._open.discard(id(container))
