"""Configs that were captured before: an object that cannot have changed, or a plain dict that says the same."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, NamedTuple, cast

import msgspec

from envcfg.core.errors import ConfigError
from envcfg.core.immutable import is_immutable
from envcfg.core.normal import normal
from envcfg.core.rewriting import Written, rewritten, written
from envcfg.core.tree import Config, Tree
from envcfg.tracking.snapshot import Snapshot, stored

_OBJECTS: Final = 4096
"""Objects that are kept, and thereby kept alive."""
_BYTES: Final = 16 << 20
"""Of plain dicts in a compact form that are kept; the configs themselves share what is the same in them."""

_pack: Final = msgspec.msgpack.Encoder().encode


class _Object(NamedTuple):
    config: Any
    version: int | str | None
    snapshot: Snapshot


class Objects:
    """Snapshots of objects that cannot have changed since: frozen dataclasses, and whatever has a version."""

    def __init__(self) -> None:
        self._known: OrderedDict[int, _Object] = OrderedDict()

    def find(self, config: Any, version: int | str | None) -> Snapshot | None:
        known = self._known.get(id(config))
        if known is None or known.config is not config or known.version != version:
            return None
        self._known.move_to_end(id(config))
        return known.snapshot

    def keep(self, config: Any, version: int | str | None, snapshot: Snapshot) -> None:
        """Remember a config that has a version or is immutable; another is not kept."""
        if snapshot.problems or (version is None and not is_immutable(config)):
            return
        self._known[id(config)] = _Object(config, version, snapshot)
        if len(self._known) > _OBJECTS:
            self._known.popitem(last=False)


class _Plain(NamedTuple):
    tree: Config
    """As it was handed over, secrets included: never written anywhere."""
    snapshot: Snapshot


class Plains:
    """Snapshots of dicts of JSON's own types, by their bytes; of a new one only what changed since the last is walked.

    *redact* must decide about each leaf by its place and value alone.
    """

    def __init__(self, redact: Callable[[Config], Config]) -> None:
        self._redact = redact
        self._known: OrderedDict[bytes, _Plain] = OrderedDict()
        self._size = 0
        self._last: tuple[_Plain, Written] | None = None

    def __call__(self, config: dict[Any, Any]) -> Snapshot | None:
        """The snapshot of *config*; None where it holds anything that is not plain."""
        try:
            packed = _pack(config)
        except (TypeError, ValueError, OverflowError, RecursionError):
            return None
        known = self._known.get(packed)
        if known is None:
            return self._new(config, packed)
        self._known.move_to_end(packed)
        return known.snapshot if known.tree == config else None  # a set and a list are packed alike

    def _new(self, config: dict[Any, Any], packed: bytes) -> Snapshot | None:
        found = self._from_last(config, packed) or self._from_nothing(config, packed)
        if found is None:
            return None
        self._last = found
        self._known[packed] = found[0]
        self._size += len(packed)
        while self._size > _BYTES and len(self._known) > 1:
            self._size -= len(self._known.popitem(last=False)[0])
        return found[0].snapshot

    def _from_nothing(self, config: dict[Any, Any], packed: bytes) -> tuple[_Plain, Written] | None:
        try:
            tree = normal(config)
        except ConfigError:
            return None
        if tree != config or _pack(tree) != packed:
            return None
        told = self._redact(tree)
        told = tree if told == tree else told
        encoding = written(told)
        return _Plain(tree, Snapshot(stored(told, encoding))), encoding

    def _from_last(self, config: dict[Any, Any], packed: bytes) -> tuple[_Plain, Written] | None:
        if self._last is None:
            return None
        (before, snapshot), encoding = self._last
        try:
            tree = _grafted(before, config)
        except (ConfigError, RecursionError):
            return None
        if tree is before or not isinstance(tree, dict) or _pack(tree) != packed:
            return None  # 1 and True are equal, and yet not the same
        told = cast(Config, _overlaid(before, tree, snapshot.config.config, self._redact(_news(before, tree))))
        encoding = rewritten(encoding, snapshot.config.config, told)
        return _Plain(tree, Snapshot(stored(told, encoding))), encoding


def _grafted(before: Tree, config: Any) -> Tree:
    """The tree of *config*, sharing with *before* whatever is equal."""
    if type(config) is not dict:
        return normal({"": config})[""]
    if type(before) is not dict or before.keys() != config.keys():
        return normal(config)
    differing = [name for name, value in config.items() if before[name] != value]
    return {**before, **{name: _grafted(before[name], config[name]) for name in differing}} if differing else before


def _news(before: Config, after: Config) -> Config:
    """Of *after*, what it does not share with *before*."""
    if before.keys() != after.keys():
        return after
    news: Config = {}
    for name in [name for name, value in after.items() if before[name] is not value]:
        old, new = before[name], after[name]
        news[name] = _news(old, new) if isinstance(old, dict) and isinstance(new, dict) else new
    return news


def _overlaid(before: Tree, after: Tree, told: Tree, news: Tree) -> Tree:
    """*told*, which is *before* as it is recorded, made into *after* as it is recorded by *news*."""
    if not (isinstance(before, dict) and isinstance(after, dict) and isinstance(told, dict) and isinstance(news, dict)):
        return news
    if before.keys() != after.keys():
        return news
    changed = {name: _overlaid(before[name], after[name], told[name], value) for name, value in news.items()}
    return {**told, **changed}
