"""Plain dicts that were captured before, by their packed form; of a new one only what is other is looked into."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from envcfg.core.errors import ConfigError
from envcfg.core.mould import Mould
from envcfg.core.normal import normal, plain_value
from envcfg.core.packed import packed, unpacked
from envcfg.core.record import Stored
from envcfg.core.tree import Path, Tree
from envcfg.tracking.snapshot import Snapshot, stored

_BYTES: Final = 16 << 20
"""Of packed forms that are kept; the configs themselves share what is the same in them."""
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
        for number, mould in enumerate(self._moulds):
            forms, fitting = mould.cut(form), mould
            if forms is None:
                wide = mould.widened(form)
                if wide is None:
                    continue
                forms, fitting = wide.cut(form) or [], wide
            if number or fitting is not mould:
                self._moulds = [fitting, *self._moulds[:number], *self._moulds[number + 1 :]]
            return fitting.cast(self._values(fitting, forms))
        return None

    def _values(self, mould: Mould, forms: list[bytes]) -> list[Tree]:
        return [
            before if form == known else self._told(plain_value(unpacked(form), path), path)
            for form, known, before, path in zip(forms, mould.forms, mould.values, mould.paths, strict=True)
        ]

    def _moulded(self, config: dict[Any, Any], form: bytes) -> Stored | None:
        """The first of its kind."""
        tree = normal(config)
        if packed(tree) != form:
            return None
        told = self._told(tree, ())
        found = stored(tree if told == tree else told)  # type: ignore[arg-type]  # a config's is a config
        self._moulds = [Mould(tree, form, found), *self._moulds[: _MOULDS - 1]]
        return found
