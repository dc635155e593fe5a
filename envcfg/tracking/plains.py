"""Plain dicts that were captured before, by their bytes; of a new one only what changed since the last is walked."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec import Struct

from envcfg.core.errors import ConfigError
from envcfg.core.grafting import Delta, grafted, news, overlaid
from envcfg.core.normal import normal
from envcfg.core.rewriting import Written, rewritten, written
from envcfg.core.tree import Config
from envcfg.tracking.snapshot import Snapshot, stored

_BYTES: Final = 16 << 20
"""Of plain dicts in a compact form that are kept; the configs themselves share what is the same in them."""

_pack: Final = msgspec.msgpack.Encoder().encode


class Plain(Struct, frozen=True):
    """A dict of JSON's own types."""

    tree: Config
    """As it was handed over, secrets included: never written anywhere."""
    packed: bytes
    """Tells 1, 1.0 and True apart, and not a set from a list, which *tree* does."""
    snapshot: Snapshot

    def is_still(self, config: Any, version: int | str | None) -> bool:  # noqa: ARG002  # as every `Known`
        """Whether *config*, by now or another one, says the same."""
        try:
            return type(config) is dict and self.tree == config and _pack(config) == self.packed
        except Exception:  # noqa: BLE001  # it may hold objects of the user's: whoever looks into it says what is wrong
            return False


class Plains:
    """*redact* must decide about each leaf by its place and value alone."""

    def __init__(self, redact: Callable[[Config], Config]) -> None:
        self._redact = redact
        self._known: OrderedDict[bytes, Plain] = OrderedDict()
        self._size = 0
        self._last: tuple[Plain, Written] | None = None

    def __call__(self, config: dict[Any, Any]) -> Plain | None:
        """*config* as it was captured; None where it holds anything that is not plain."""
        try:
            packed = _pack(config)
        except (TypeError, ValueError, OverflowError, RecursionError):
            return None
        known = self._known.get(packed)
        if known is None:
            return self._new(config, packed)
        self._known.move_to_end(packed)
        return known if known.tree == config else None

    def _new(self, config: dict[Any, Any], packed: bytes) -> Plain | None:
        found = self._from_last(config, packed) or self._from_nothing(config, packed)
        if found is None:
            return None
        self._last = found
        self._known[packed] = found[0]
        self._size += len(packed)
        while self._size > _BYTES and len(self._known) > 1:
            self._size -= len(self._known.popitem(last=False)[0])
        return found[0]

    def _from_nothing(self, config: dict[Any, Any], packed: bytes) -> tuple[Plain, Written] | None:
        try:
            tree = normal(config)
        except ConfigError:
            return None
        if tree != config or _pack(tree) != packed:
            return None
        told = self._redact(tree)
        told = tree if told == tree else told
        encoding = written(told)
        return Plain(tree, packed, Snapshot(stored(told, encoding))), encoding

    def _from_last(self, config: dict[Any, Any], packed: bytes) -> tuple[Plain, Written] | None:
        if self._last is None:
            return None
        last, encoding = self._last
        try:
            graft = grafted(last.tree, config)
        except (ConfigError, RecursionError):
            return None
        if graft is None or _pack(graft[0]) != packed:
            return None  # 1 and True are equal, and yet not the same
        tree, delta = graft
        told = self._as_told(last, tree, delta)
        encoding = rewritten(encoding, told, delta)
        return Plain(tree, packed, Snapshot(stored(told, encoding))), encoding

    def _as_told(self, last: Plain, tree: Config, delta: Delta) -> Config:
        """*tree* without secrets; of what it shares with the last one this was decided then."""
        new, before = news(tree, delta), last.snapshot.config.config
        told = self._redact(new)
        return tree if before is last.tree and told == new else overlaid(before, told, delta)
