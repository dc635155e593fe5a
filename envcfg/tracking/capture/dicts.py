"""CachedDict dicts that were captured before, by their packed form; of a new one only what is other is looked into."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from msgspec import Struct

from envcfg.core.delta_template import Base, DeltaTemplate, Substitution
from envcfg.core.errors import ConfigError
from envcfg.core.normal import normal, plain_value
from envcfg.core.packed import packed, unpacked
from envcfg.core.record import Stored
from envcfg.core.tree import Path, Tree, have_same_keys
from envcfg.tracking.capture.lru import LRUCache
from envcfg.tracking.capture.snapshot import Snapshot, stored

_BYTES: Final = 8 << 20
"""Of packed forms that are kept; the configs themselves share what is the same in them."""
_AROUND: Final = 256
"""Bytes that a config takes besides, at least."""
_FEW: Final = 16
"""Places of a template up to which it takes less to look at what stands there than at all of a config."""
_SUBSTITUTIONS: Final = 4096
_SHORT: Final = 256
"""Bytes of a value up to which it is remembered: it is numbers that come again."""
_TEMPLATES: Final = 3
"""Kinds of configs that may take turns, and are still redacted by what is other in them."""

_Fit: TypeAlias = tuple[DeltaTemplate, tuple[bytes, ...]]
"""A template, and what a config has in its places, packed."""


class CachedDict(Struct, frozen=True):
    """A dict of JSON's own types."""

    form: bytes
    """Packed as it was handed over, secrets included: never written anywhere."""
    snapshot: Snapshot

    def is_still(self, config: Any, version: int | str | None, form: bytes | None) -> bool:  # noqa: ARG002  # as every `CacheEntry`
        """Whether a config of this packed *form*, by now or another one, says the same."""
        return form == self.form


class DictCache:
    """*redacted* gives a value as it may be written, and must decide about each leaf by its place and value alone."""

    def __init__(self, redacted: Callable[[Tree, Path], Tree]) -> None:
        self._redacted = redacted
        self._looked_into: LRUCache[bytes, Stored] = LRUCache(_BYTES)
        """Configs that fitted no template, or one of many places, by their packed form."""
        self._rendered: LRUCache[_Fit, Stored] = LRUCache(_BYTES)
        """Configs that fitted one of few."""
        self._substitutions: dict[tuple[str, Path, bytes], Substitution] = {}
        self._templates: list[DeltaTemplate] = []
        """First the one that was used last."""

    def __call__(self, config: dict[Any, Any], form: bytes) -> CachedDict | None:
        """*config*, of this packed *form*, as it was captured; None where it has to be walked."""
        try:
            fit = self._fit(form, _FEW)
            found = self._render_again(*fit) if fit else self._looked_into.get(form) or self._learned(config, form)
        except (ConfigError, ValueError):  # it is nested too deep, or there are bytes in it
            return None
        return None if found is None else CachedDict(form, Snapshot(found))

    def _fit(self, form: bytes, places: int | None = None) -> _Fit | None:
        """A template that it fits, of those with at most so many *places*."""
        for template in self._templates:
            forms = template.cut(form) if places is None or len(template.paths) <= places else None
            if forms is not None:
                self._use(template)
                return template, tuple(forms)
        return None

    def _widened(self, form: bytes) -> _Fit | None:
        """A template that comes to fit it."""
        for template in self._templates:
            wider = template.widened(form)
            if wider is not None:
                self._use(wider, instead_of=template)
                return wider, tuple(wider.cut(form) or ())
        return None

    def _learned(self, config: dict[Any, Any], form: bytes) -> Stored | None:
        """By a template that fits, or comes to fit, or as the first of its kind."""
        fit = self._fit(form) or self._widened(form)
        found = self._render(*fit) if fit else self._first(config, form)
        if found is not None:
            self._looked_into.keep(form, found, _AROUND + len(form))
        return found

    def _render_again(self, template: DeltaTemplate, forms: tuple[bytes, ...]) -> Stored:
        """What these make of a template; they come again."""
        known = self._rendered.get((template, forms))
        if known is None:
            known = self._render(template, forms)
            self._rendered.keep((template, forms), known, _AROUND + sum(map(len, forms)))
        return known

    def _render(self, template: DeltaTemplate, forms: tuple[bytes, ...]) -> Stored:
        return template.render(
            [self._substitution(template, *place) for place in zip(template.paths, forms, strict=True)]
        )

    def _use(self, template: DeltaTemplate, *, instead_of: DeltaTemplate | None = None) -> None:
        if self._templates and template is self._templates[0]:
            return
        others = [other for other in self._templates if other not in (template, instead_of)]
        self._templates = [template, *others[: _TEMPLATES - 1]]

    def _substitution(self, template: DeltaTemplate, path: Path, form: bytes) -> Substitution:
        """What stands in a place; values come again."""
        key = template.base.redacted.digest, path, form
        known = self._substitutions.get(key)
        if known is None:
            known = template.substitution(path, self._redacted(plain_value(unpacked(form), path), path))
            if len(form) <= _SHORT:
                self._substitutions[key] = known
            if len(self._substitutions) > _SUBSTITUTIONS:
                self._substitutions.clear()
        return known

    def _first(self, config: dict[Any, Any], form: bytes) -> Stored | None:
        """The first of its kind."""
        tree = normal(config)
        if packed(tree) != form:
            return None
        redacted = self._redacted(tree, ())
        if not have_same_keys(tree, redacted):  # a template finds its places by the keys that were handed over
            return None
        found = stored(tree if redacted == tree else redacted)  # type: ignore[arg-type]  # a config's is a config
        self._use(DeltaTemplate(Base(tree, form, found)))
        return found
