"""Configs that were captured before: how each kind is known to be the same without being looked into again."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct

from envcfg.core.immutable import is_immutable
from envcfg.tracking.capture.omegaconf_identity import Fingerprint
from envcfg.tracking.capture.snapshot import Snapshot

if TYPE_CHECKING:
    from omegaconf import Container

_OBJECTS: Final = 4096
"""ObjectCache that are kept, and thereby kept alive."""
_RESOLVED: Final = 64
"""OmegaConf configs whose resolved values are kept, so that a random resolver is not drawn again."""


class CacheEntry(Protocol):
    """A config that was captured, and a way to tell that it is still the same."""

    @property
    def snapshot(self) -> Snapshot: ...

    def is_still(self, config: Any, version: int | str | None, form: bytes | None) -> bool:
        """Whether looking into *config* would give this snapshot again; raises nothing.

        *form* is what a plain dict says now, packed; None for anything else.
        """


class NotCached(Struct, frozen=True):
    """A config of which nothing but another look tells whether it is still the same."""

    snapshot: Snapshot

    def is_still(self, config: Any, version: int | str | None, form: bytes | None) -> bool:  # noqa: ARG002  # as every `CacheEntry`
        return False


class CachedObject(Struct, frozen=True):
    """An object that cannot have changed, or cannot have changed under its version."""

    config: Any
    version: int | str | None
    snapshot: Snapshot

    def is_still(self, config: Any, version: int | str | None, form: bytes | None = None) -> bool:  # noqa: ARG002  # as every `CacheEntry`
        """Runs no code of anybody else's."""
        return config is self.config and (
            version is self.version or (type(version) is type(self.version) and version == self.version)
        )


class CachedOmegaConf(Struct, frozen=True):
    """An OmegaConf config, and what its whole tree consisted of when it was resolved."""

    tree: Fingerprint
    snapshot: Snapshot

    def is_still(self, config: Any, version: int | str | None, form: bytes | None) -> bool:  # noqa: ARG002  # as every `CacheEntry`
        return self.tree.is_of(config)


class ObjectCache:
    """ObjectCache that cannot have changed since: frozen dataclasses, and whatever has a version."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, CachedObject] = OrderedDict()

    def find(self, config: Any, version: int | str | None) -> CachedObject | None:
        known = self._known.get(id(config))
        if known is None or not known.is_still(config, version):
            return None
        self._known.move_to_end(id(config))
        return known

    def kept(self, config: Any, version: int | str | None, known: CacheEntry) -> CacheEntry:
        """*config*, recognised by its identity from now on where it has a version or is immutable; else *known*."""
        if known.snapshot.problems or (version is None and not is_immutable(config)):
            return known
        fixed = self._known[id(config)] = CachedObject(config, version, known.snapshot)
        if len(self._known) > _OBJECTS:
            self._known.popitem(last=False)
        return fixed


class OmegaConfCache:
    """OmegaConf configs by identity: resolved once, as long as nothing in their trees is written to."""

    def __init__(self, resolve: "Callable[[Container], Snapshot]") -> None:
        self._resolve = resolve
        self._known: OrderedDict[int, CachedOmegaConf] = OrderedDict()

    def __call__(self, config: "Container") -> CachedOmegaConf:
        known = self._known.get(id(config))
        if known is None or not known.tree.is_of(config):
            known = self._known[id(config)] = CachedOmegaConf(Fingerprint(config), self._resolve(config))
            if len(self._known) > _RESOLVED:
                self._known.popitem(last=False)
        self._known.move_to_end(id(config))
        return known
