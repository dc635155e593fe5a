"""Caches of captured configs, which recognise a config without capturing it again."""

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct

from envcfg.core.immutable import is_immutable
from envcfg.core.tree import Marker, leaves
from envcfg.tracking.capture.omegaconf_identity import Fingerprint
from envcfg.tracking.capture.resolvers import reading, times_noted
from envcfg.tracking.capture.snapshot import Snapshot

if TYPE_CHECKING:
    from omegaconf import Container

_OBJECTS: Final = 4096
"""The number of config objects to keep; the cache keeps them alive."""
_RESOLVED: Final = 64
"""The number of resolved OmegaConf configs to keep, so that a random resolver is not called again."""


class CacheEntry(Protocol):
    """A captured config that can recognise the same config later."""

    @property
    def snapshot(self) -> Snapshot: ...

    def is_still(self, config: Any, version: int | str | None, form: bytes | None) -> bool:
        """Whether capturing *config* again would give the same snapshot; raises nothing.

        *form* is the packed form of a plain dict; None for any other config.
        """


class NotCached(Struct, frozen=True):
    """A config that must be captured again each time."""

    snapshot: Snapshot

    def is_still(self, config: Any, version: int | str | None, form: bytes | None) -> bool:  # noqa: ARG002  # as every `CacheEntry`
        return False


class CachedObject(Struct, frozen=True):
    """An immutable object, or an object with a version that changes whenever the object does."""

    config: Any
    version: int | str | None
    snapshot: Snapshot

    def is_still(self, config: Any, version: int | str | None, form: bytes | None = None) -> bool:  # noqa: ARG002  # as every `CacheEntry`
        """Whether object and version are the same; runs no code of the user."""
        return config is self.config and (
            version is self.version or (type(version) is type(self.version) and version == self.version)
        )


class CachedOmegaConf(Struct, frozen=True):
    """An OmegaConf config, with the fingerprint of its tree from when it was resolved."""

    tree: Fingerprint
    snapshot: Snapshot
    times_noted: int | None
    """For a config with values that only the app can get: how often it had read such values by then."""
    read: "Callable[[Container], CachedOmegaConf]"

    def is_still(self, config: Any, version: int | str | None, form: bytes | None) -> bool:  # noqa: ARG002  # as every `CacheEntry`
        return (self.times_noted is None or self.times_noted == times_noted()) and self.tree.is_of(config)

    @property
    def has_unresolved(self) -> bool:
        """Whether a value was not known when the config was captured. The app may get it later."""
        return self.times_noted is not None and any(
            isinstance(value, Marker) and value.kind == "unresolved" for _, value in leaves(self.snapshot.config.config)
        )

    def captured_later(self) -> "CachedOmegaConf | None":
        """The same config with the values that the app got since; None if it got none, or if the config was changed."""
        config = self.tree.config
        return None if self.times_noted == times_noted() or not self.tree.is_of(config) else self.read(config)


class ObjectCache:
    """A cache of frozen dataclasses and of objects with a version, by identity."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, CachedObject] = OrderedDict()

    def find(self, config: Any, version: int | str | None) -> CachedObject | None:
        known = self._known.get(id(config))
        if known is None or not known.is_still(config, version):
            return None
        self._known.move_to_end(id(config))
        return known

    def kept(self, config: Any, version: int | str | None, known: CacheEntry) -> CacheEntry:
        """A new entry for *config* if it has a version or is immutable; otherwise *known*, which is not kept."""
        if known.snapshot.problems or (version is None and not is_immutable(config)):
            return known
        entry = self._known[id(config)] = CachedObject(config, version, known.snapshot)
        if len(self._known) > _OBJECTS:
            self._known.popitem(last=False)
        return entry


class OmegaConfCache:
    """A cache of OmegaConf configs by identity. A config is resolved again only after a write to its tree."""

    def __init__(self, resolve: "Callable[[Container], Snapshot]") -> None:
        self._resolve = resolve
        self._known: OrderedDict[int, CachedOmegaConf] = OrderedDict()

    def __call__(self, config: "Container") -> CachedOmegaConf:
        known = self._known.get(id(config))
        if known is None or not known.is_still(config, None, None):
            known = self._known[id(config)] = self._read(config)
            if len(self._known) > _RESOLVED:
                self._known.popitem(last=False)
        self._known.move_to_end(id(config))
        return known

    def _read(self, config: "Container") -> CachedOmegaConf:
        with reading() as done:
            tree, snapshot = Fingerprint(config), self._resolve(config)
        return CachedOmegaConf(tree, snapshot, times_noted() if done.needs_app else None, self)
