"""Takes a snapshot of an adopted config: normalised, redacted, and for OmegaConf resolved exactly once."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from envcfg.core.code import Coded
from envcfg.core.normal import OnError, dumped, normal, refuse
from envcfg.core.packed import packed
from envcfg.core.path import dotted
from envcfg.core.text import writable
from envcfg.core.tree import Marker, Path, Tree, leaves
from envcfg.tracking.capture.dicts import DictCache
from envcfg.tracking.capture.interpolation import as_written, is_interpolation, is_omegaconf, resolved, root_of
from envcfg.tracking.capture.recognition import CacheEntry, NotCached, ObjectCache, OmegaConfCache
from envcfg.tracking.capture.snapshot import Snapshot
from envcfg.tracking.capture.special_forms import SpecialForms
from envcfg.tracking.redaction.rules import Redaction

if TYPE_CHECKING:
    from omegaconf import Container

_TEXTS: Final = 16_384
"""The number of redacted task names, notes and errors to keep."""


class Capture:
    """Takes snapshots of configs. With *strict*, a leaf that cannot be recorded raises `ConfigError`."""

    def __init__(self, redaction: Redaction, *, strict: bool = False, hidden: frozenset[str] = frozenset()) -> None:
        self.redaction = redaction
        self.hidden = hidden
        """The names of the environment variables that configs have read so far."""
        self.new_secrets = 0
        """The number of times that new secrets were found; each time invalidates the caches."""
        self._strict = strict
        self._secrets = redaction.values(hidden)
        self._texts: dict[str, str] = {}
        self._omegaconf = OmegaConfCache(self._resolved)
        self._begin()

    def __call__(self, config: Any) -> Snapshot:
        """The snapshot of *config*.

        Raises `ConfigError` for a value that is not a config, and with *strict* for a leaf that cannot be recorded.
        """
        return self.entry(config).snapshot

    def entry(self, config: Any, version: int | str | None = None, form: bytes | None = None) -> CacheEntry:
        """The snapshot of *config*, as a cache entry that recognises the same config later.

        A config with a *version* is only captured again when the version changes. *form* is the packed form of
        *config*, if it is known already. Raises the same errors as a call.
        """
        if type(config) is dict and version is None:
            return self._captured(config, form)
        return self._object_cache.find(config, version) or self._object_cache.kept(
            config, version, self._captured(config, form)
        )

    def text(self, value: object) -> str:
        """A task name, a note or an error, without the secrets in it."""
        words = str(value)
        known = self._texts.get(words)
        if known is None:
            if len(self._texts) >= _TEXTS:
                self._texts.clear()
            known = self._texts[words] = self.redaction.text(writable(words), self._secrets)
        return known

    def overrides(self, overrides: Iterable[object]) -> tuple[str, ...]:
        """Hydra overrides without the secrets in them."""
        return self.redaction.overrides(map(writable, map(str, overrides)), self._secrets)

    def forget(self) -> None:
        """Release every object of the user."""
        self._omegaconf = OmegaConfCache(self._resolved)
        self._begin()

    def _begin(self) -> None:
        self._object_cache, self._dicts = ObjectCache(), DictCache(self._redacted)
        self._specials = SpecialForms(self._walked)

    def _captured(self, config: Any, form: bytes | None) -> CacheEntry:
        is_plain = type(config) is dict
        if not is_plain and is_omegaconf(config):
            return self._omegaconf(config)
        plain = config if is_plain else dumped(config)
        form = form or packed(plain)
        known: CacheEntry | None = None if plain is None or form is None else self._dicts(plain, form)
        if known is None and is_plain and not self._strict:
            known = self._specials(config)
        return known or NotCached(self._walked(config))

    def _walked(self, config: Any) -> Snapshot:
        problems: list[Coded] = []
        tree = normal(config, self._on_error(problems))
        return Snapshot.of(self.redaction.plain(tree, self._secrets), problems=problems)

    def _redacted(self, value: Tree, at: Path) -> Tree:
        return self.redaction.value(value, at, self._secrets)

    def _resolved(self, config: "Container") -> Snapshot:
        """The snapshot of an OmegaConf node, with or without a parent."""
        problems: list[Coded] = []
        on_error = self._on_error(problems)
        template = normal(as_written(config), _marking([]))
        root = normal({"root": as_written(root_of(config))}, _marking([]))
        self._learn(self.redaction.names(root), self.redaction.defaults(root))
        tree = normal(resolved(config, on_error), on_error)
        values = self.redaction.resolved(tree, template=template, secrets=self._secrets)
        if not any(is_interpolation(value) for _, value in leaves(template)):
            return Snapshot.of(values, problems=problems)
        return Snapshot.of(values, self.redaction.template(template, self._secrets), problems)

    def _learn(self, names: frozenset[str], defaults: frozenset[str]) -> None:
        """Also hide the values of these environment variables, and the defaults for variables that are not set."""
        self.hidden |= names
        secrets = self.redaction.values(self.hidden) | defaults
        if not secrets <= self._secrets:
            self._secrets |= secrets
            self.new_secrets += 1
            self._texts.clear()
            self._begin()

    def _on_error(self, problems: list[Coded]) -> OnError:
        if self._strict:
            return refuse
        return _marking(problems)


def _marking(problems: list[Coded]) -> OnError:
    """Replaces a leaf that cannot be recorded with a marker, and adds the reason to *problems*."""

    def mark(path: Path, reason: Coded) -> Tree:
        problems.append(Coded(f"{dotted(path) or 'config'}: {reason}", reason.code))
        return Marker("unreadable", str(reason))

    return mark
