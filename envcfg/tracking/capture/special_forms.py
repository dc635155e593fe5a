"""A cache of dicts that contain values other than plain ones, such as an enum, an array or a function."""

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from envcfg.core.code import Coded
from envcfg.core.encoding import encode
from envcfg.core.normal import is_container, plain_value
from envcfg.core.packed import packed_with
from envcfg.core.tree import Marker, Path, Tree
from envcfg.tracking.capture.lru import LRUCache
from envcfg.tracking.capture.snapshot import Snapshot

_BYTES: Final = 8 << 20
"""The bytes of packed forms to keep."""


class CachedSpecial(Struct, frozen=True):
    """A captured dict that contains values other than plain ones."""

    form: bytes
    snapshot: Snapshot

    def is_still(self, config: Any, version: int | str | None, form: bytes | None) -> bool:  # noqa: ARG002  # as every `CacheEntry`
        return type(config) is dict and _form(config) == self.form


class SpecialForms:
    """Captures dicts with the function *walked*, unless the same dict was captured before."""

    def __init__(self, walked: Callable[[Any], Snapshot]) -> None:
        self._walked = walked
        self._known: LRUCache[bytes, Snapshot] = LRUCache(_BYTES)

    def __call__(self, config: dict[Any, Any]) -> CachedSpecial | None:
        """The cache entry for *config*; None if only a walk can tell whether it is the same."""
        form = _form(config)
        if form is None:
            return None
        snapshot = self._known.get(form)
        if snapshot is None:
            snapshot = self._walked(config)
            self._known.keep(form, snapshot, len(form))
        return CachedSpecial(form, snapshot)


def _form(config: Any) -> bytes | None:
    try:
        return packed_with(config, _plain)
    except Exception:  # noqa: BLE001  # a user's object may raise anything when it is read
        return None


def _plain(value: Any) -> Any:
    """A plain form of a value. Raises `TypeError` for a container, whose inner values are captured one by one."""
    if is_container(value):
        raise TypeError
    return type(value).__qualname__, encode(plain_value(value, (), _marker)).decode()


def _marker(_: Path, reason: Coded) -> Tree:
    return Marker("unreadable", str(reason))
