"""Plain dicts that were captured before, by their packed form; of a new one only what is other is looked into."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from msgspec import Struct

from envcfg.core.delta_template import Base, Filling, Mould
from envcfg.core.errors import ConfigError
from envcfg.core.normal import normal, plain_value
from envcfg.core.packed import packed, unpacked
from envcfg.core.record import Stored
from envcfg.core.tree import Path, Tree, have_same_keys
from envcfg.tracking.capture.lru import Recent
from envcfg.tracking.capture.snapshot import Snapshot, stored

_BYTES: Final = 8 << 20
"""Of packed forms that are kept; the configs themselves share what is the same in them."""
_AROUND: Final = 256
"""Bytes that a config takes besides, at least."""
_FEW: Final = 16
"""Places of a mould up to which it takes less to look at what stands there than at all of a config."""
_FILLINGS: Final = 4096
_SHORT: Final = 256
"""Bytes of a value up to which it is remembered: it is numbers that come again."""
_MOULDS: Final = 3
"""Kinds of configs that may take turns, and are still told by what is other in them."""

_Fit: TypeAlias = tuple[Mould, tuple[bytes, ...]]
"""A mould, and what a config has in its places, packed."""


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
        self._looked_into: Recent[bytes, Stored] = Recent(_BYTES)
        """Configs that fitted no mould, or one of many places, by their packed form."""
        self._casts: Recent[_Fit, Stored] = Recent(_BYTES)
        """Configs that fitted one of few."""
        self._fillings: dict[tuple[str, Path, bytes], Filling] = {}
        self._moulds: list[Mould] = []
        """First the one that was used last."""

    def __call__(self, config: dict[Any, Any], form: bytes) -> Plain | None:
        """*config*, of this packed *form*, as it was captured; None where it has to be walked."""
        try:
            fit = self._fit(form, _FEW)
            found = self._recast(*fit) if fit else self._looked_into.get(form) or self._learned(config, form)
        except (ConfigError, ValueError):  # it is nested too deep, or there are bytes in it
            return None
        return None if found is None else Plain(form, Snapshot(found))

    def _fit(self, form: bytes, places: int | None = None) -> _Fit | None:
        """A mould that it fits, of those with at most so many *places*."""
        for mould in self._moulds:
            forms = mould.cut(form) if places is None or len(mould.paths) <= places else None
            if forms is not None:
                self._use(mould)
                return mould, tuple(forms)
        return None

    def _widened(self, form: bytes) -> _Fit | None:
        """A mould that comes to fit it."""
        for mould in self._moulds:
            wider = mould.widened(form)
            if wider is not None:
                self._use(wider, instead_of=mould)
                return wider, tuple(wider.cut(form) or ())
        return None

    def _learned(self, config: dict[Any, Any], form: bytes) -> Stored | None:
        """By a mould that fits, or comes to fit, or as the first of its kind."""
        fit = self._fit(form) or self._widened(form)
        found = self._cast(*fit) if fit else self._moulded(config, form)
        if found is not None:
            self._looked_into.keep(form, found, _AROUND + len(form))
        return found

    def _recast(self, mould: Mould, forms: tuple[bytes, ...]) -> Stored:
        """What these make of a mould; they come again."""
        known = self._casts.get((mould, forms))
        if known is None:
            known = self._cast(mould, forms)
            self._casts.keep((mould, forms), known, _AROUND + sum(map(len, forms)))
        return known

    def _cast(self, mould: Mould, forms: tuple[bytes, ...]) -> Stored:
        return mould.cast([self._filling(mould, *place) for place in zip(mould.paths, forms, strict=True)])

    def _use(self, mould: Mould, *, instead_of: Mould | None = None) -> None:
        if self._moulds and mould is self._moulds[0]:
            return
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
        if not have_same_keys(tree, told):  # a mould finds its places by the keys that were handed over
            return None
        found = stored(tree if told == tree else told)  # type: ignore[arg-type]  # a config's is a config
        self._use(Mould(Base(tree, form, found)))
        return found
