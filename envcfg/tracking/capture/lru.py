"""A least-recently-used cache that is limited in bytes.

`cachetools.LRUCache` takes twice as long for a lookup, and refuses an entry that is larger than the cache.
"""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LRUCache(Generic[K, V]):
    """A cache that removes the least recently used entries when they take more than *max_bytes* together.

    The latest entry is always kept, even if it is larger.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._size = 0
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """The value of *key*, which becomes the most recently used entry; None if there is no entry."""
        found = self._entries.get(key)
        if found is None:
            return None
        self._entries.move_to_end(key)
        return found[0]

    def keep(self, key: K, value: V, size: int) -> None:
        """Add an entry of *size* bytes; *key* must be new."""
        self._entries[key] = value, size
        self._size += size
        while self._size > self._max_bytes and len(self._entries) > 1:
            self._size -= self._entries.popitem(last=False)[1][1]
