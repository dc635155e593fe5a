"""Plain dicts that were captured before, by their packed form; of a new one only what is other is looked into."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from envcfg.core.errors import ConfigError
from envcfg.core.mould import Base, Filling, Mould
from envcfg.core.normal import normal, plain_value
from envcfg.core.packed import packed, unpacked
from envcfg.core.record import Stored
from envcfg.core.tree import Path, Tree
from envcfg.tracking.snapshot import Snapshot, stored

_BYTES: Final = 16 << 20
"""Of packed forms that are kept; the configs themselves share what is the same in them."""
_FILLINGS: Final = 4096
_SHORT: Final = 256
"""Bytes of a value up to which it is remembered: it is numbers that come again."""
_MOULDS: Final = 3
"""Kinds of configs that may take turns, and are still told by what is other in them."""


class Plain(Struct, frozen=True):
    """A dict of JSON's own types."""

    form: bytes
    """Packed as it was handed over, secrets included: never written anywhere."""
    snapshot: Snapshot

    def is_still(self, config: Any, version: int | str | None, form: bytes | None) -> bool:  # noqa: ARG002  # as every `Known`
        """Whether a config of this packed *form*, by now or another one, says the same."""
        return form == self.form


class Plains:
    """*told* gives a value as it may be written, and must decide about each leaf by its place and value alone."""

    def __init__(self, told: Callable[[Tree, Path], Tree]) -> None:
        self._told = told
        self._known: OrderedDict[bytes, Plain] = OrderedDict()
        self._size = 0
        self._fillings: dict[tuple[str, Path, bytes], Filling] = {}
        self._moulds: list[Mould] = []
        """First the one that was used last."""

    def __call__(self, config: dict[Any, Any], form: bytes) -> Plain | None:
        """*config*, of this packed *form*, as it was captured; None where it has to be walked."""
        known = self._known.get(form)
        if known is not None:
            self._known.move_to_end(form)
            return known
        try:
            found = self._cast(form) or self._moulded(config, form)
        except (ConfigError, ValueError):  # it is nested too deep, or there are bytes in it
            return None
        if found is None:
            return None
        known = self._known[form] = Plain(form, Snapshot(found))
        self._size += len(form)
        while self._size > _BYTES and len(self._known) > 1:
            self._size -= len(self._known.popitem(last=False)[0])
        return known

    def _cast(self, form: bytes) -> Stored | None:
        """By the mould that it fits, or comes to fit."""
        for mould in self._moulds:
            forms = mould.cut(form)
            fitting = mould if forms is not None else mould.widened(form)
            if fitting is not None:
                self._use(fitting, instead_of=mould)
                forms = forms or fitting.cut(form) or []
                return fitting.cast(
                    [self._filling(fitting, *place) for place in zip(fitting.paths, forms, strict=True)]
                )
        return None

    def _use(self, mould: Mould, *, instead_of: Mould | None = None) -> None:
        others = [other for other in self._moulds if other not in (mould, instead_of)]
        self._moulds = [mould, *others[: _MOULDS - 1]]

    def _filling(self, mould: Mould, path: Path, form: bytes) -> Filling:
        """What stands in a place; values come again."""
        key = mould.base.told.digest, path, form
        known = self._fillings.get(key)
        if known is None:
            known = mould.filling(path, self._told(plain_value(unpacked(form), path), path))
            if len(form) <= _SHORT:
                self._fillings[key] = known
            if len(self._fillings) > _FILLINGS:
                self._fillings.clear()
        return known

    def _moulded(self, config: dict[Any, Any], form: bytes) -> Stored | None:
        """The first of its kind."""
        tree = normal(config)
        if packed(tree) != form:
            return None
        told = self._told(tree, ())
        found = stored(tree if told == tree else told)  # type: ignore[arg-type]  # a config's is a config
        self._use(Mould(Base(tree, form, found)))
        return found
