"""A cache of plain dicts by their packed form. Of a new dict, only the values that differ are captured."""

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
"""The bytes of packed forms to keep in each cache. The configs themselves share their equal parts."""
_AROUND: Final = 256
"""The least number of bytes that an entry takes besides its packed form."""
_FEW: Final = 16
"""Up to this many places, rendering a template is faster than hashing the whole packed form."""
_SUBSTITUTIONS: Final = 4096
"""The number of substitutions to keep."""
_SHORT: Final = 256
"""Only substitutions of values with at most this many bytes are kept, since mainly numbers repeat."""
_TEMPLATES: Final = 3
"""The number of templates to keep, so that kinds of configs may alternate."""

_TemplateFit: TypeAlias = tuple[DeltaTemplate, tuple[bytes, ...]]
"""A template, and the packed values of a config at its places."""


class CachedDict(Struct, frozen=True):
    """A captured dict of plain JSON values."""

    form: bytes
    """The packed form with secrets. It is never written anywhere."""
    snapshot: Snapshot

    def is_still(self, config: Any, version: int | str | None, form: bytes | None) -> bool:  # noqa: ARG002  # as every `CacheEntry`
        """Whether *form*, the packed form of any dict now, is the same."""
        return form == self.form


class DictCache:
    """Captures plain dicts with the function *redacted*, which removes secrets from a value at a path.

    *redacted* must decide about each leaf by its path and value alone.
    """

    def __init__(self, redacted: Callable[[Tree, Path], Tree]) -> None:
        self._redacted = redacted
        self._by_form: LRUCache[bytes, Stored] = LRUCache(_BYTES)
        """Configs that fitted no template, or a template with many places, by their packed form."""
        self._rendered: LRUCache[_TemplateFit, Stored] = LRUCache(_BYTES)
        """Configs that fitted a template with few places."""
        self._substitutions: dict[tuple[str, Path, bytes], Substitution] = {}
        self._templates: list[DeltaTemplate] = []
        """Most recently used first."""

    def __call__(self, config: dict[Any, Any], form: bytes) -> CachedDict | None:
        """The cache entry for *config* with the packed *form*; None if the config must be walked instead."""
        try:
            fit = self._fit(form, _FEW)
            found = self._render_cached(*fit) if fit else self._by_form.get(form) or self._captured(config, form)
        except (ConfigError, ValueError):  # it is nested too deep, or contains bytes
            return None
        return None if found is None else CachedDict(form, Snapshot(found))

    def _fit(self, form: bytes, places: int | None = None) -> _TemplateFit | None:
        """A template that fits *form*, with at most *places* places."""
        for template in self._templates:
            forms = template.values_at_places(form) if places is None or len(template.paths) <= places else None
            if forms is not None:
                self._use(template)
                return template, tuple(forms)
        return None

    def _widened(self, form: bytes) -> _TemplateFit | None:
        """A template that fits *form* after more places were added to it."""
        for template in self._templates:
            wider = template.widened(form)
            if wider is not None:
                self._use(wider, instead_of=template)
                return wider, tuple(wider.values_at_places(form) or ())
        return None

    def _captured(self, config: dict[Any, Any], form: bytes) -> Stored | None:
        """*config* by a template that fits, or by a widened one, or as the base of a new template."""
        fit = self._fit(form) or self._widened(form)
        found = self._render(*fit) if fit else self._first(config, form)
        if found is not None:
            self._by_form.keep(form, found, _AROUND + len(form))
        return found

    def _render_cached(self, template: DeltaTemplate, forms: tuple[bytes, ...]) -> Stored:
        """`_render`, from the cache if possible."""
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
        """The substitution for a packed value, from the cache if possible."""
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
        """*config* in full, as the base of a new template."""
        tree = normal(config)
        if packed(tree) != form:
            return None
        redacted = self._redacted(tree, ())
        if not have_same_keys(tree, redacted):  # a template finds its places by the original keys
            return None
        found = stored(tree if redacted == tree else redacted)  # type: ignore[arg-type]  # a redacted config is a config
        self._use(DeltaTemplate(Base(tree, form, found)))
        return found
