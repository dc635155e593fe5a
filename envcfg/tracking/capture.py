"""What an env adopted -> a snapshot: normalised, redacted, and for OmegaConf resolved exactly once."""

from collections import OrderedDict
from operator import is_
from typing import TYPE_CHECKING, Any, NamedTuple

from envcfg.core.normal import Spoiled, normal, refuse
from envcfg.core.path import dotted
from envcfg.core.tree import Config, Marker, Path, Tree, leaves
from envcfg.tracking.interpolation import as_written, fingerprint, is_interpolation, is_omegaconf, resolved, root_of
from envcfg.tracking.recognition import Objects, Plains
from envcfg.tracking.redaction import Redaction
from envcfg.tracking.snapshot import Snapshot

if TYPE_CHECKING:
    from omegaconf import Container

_REMEMBERED = 64
"""OmegaConf configs whose resolved values are kept, so that a random resolver is not drawn again."""


class _Resolved(NamedTuple):
    """A config that was resolved, and what its whole tree consisted of then."""

    config: "Container"
    tree: list[object]
    snapshot: Snapshot


class Capture:
    """Takes snapshots of configs; with *strict*, a leaf that cannot be recorded raises `ConfigError`."""

    def __init__(self, redaction: Redaction, *, strict: bool = False, hidden: frozenset[str] = frozenset()) -> None:
        self.redaction = redaction
        self.hidden = hidden
        """Names of the environment variables that configs have read so far."""
        self._strict = strict
        self._secrets = redaction.values(hidden)
        self._resolved: OrderedDict[int, _Resolved] = OrderedDict()
        self._objects, self._plains = Objects(), Plains(self._told)

    def __call__(self, config: Any, version: int | str | None = None) -> Snapshot:
        """The snapshot of *config*; it is not looked at again as long as its *version*, where it has one, is the same.

        Raises `ConfigError` for what is no config, and with *strict* for a leaf that cannot be recorded.
        """
        snapshot = self._objects.find(config, version)
        if snapshot is None:
            snapshot = self._taken(config)
            self._objects.keep(config, version, snapshot)
        return snapshot

    def recognises(self, config: Any, version: int | str | None) -> bool:
        """Whether *config* need not be looked at as long as it has this version."""
        return self._objects.find(config, version) is not None

    def _taken(self, config: Any) -> Snapshot:
        if is_omegaconf(config):
            return self._of_omegaconf(config)
        known = self._plains(config) if type(config) is dict else None
        if known is not None:
            return known
        problems: list[str] = []
        tree = normal(config, self._spoiled(problems))
        return Snapshot.of(self._told(tree), problems=problems)

    def _told(self, tree: Config) -> Config:
        return self.redaction.plain(tree, self._secrets)

    def _of_omegaconf(self, config: "Container") -> Snapshot:
        """The snapshot of an attached or detached node; the same one as long as nothing in its tree is written to."""
        root = root_of(config)
        tree = fingerprint(root)
        known = self._resolved.get(id(config))
        if known is not None and len(known.tree) == len(tree) and all(map(is_, known.tree, tree)):
            return known.snapshot
        snapshot = self._resolve(config, root)
        self._resolved[id(config)] = _Resolved(config, tree, snapshot)
        self._resolved.move_to_end(id(config))
        if len(self._resolved) > _REMEMBERED:
            self._resolved.popitem(last=False)
        return snapshot

    def _resolve(self, config: "Container", root: "Container") -> Snapshot:
        problems: list[str] = []
        spoiled = self._spoiled(problems)
        template = normal(as_written(config), _marking([]))
        self._learn(self.redaction.names(normal({"root": as_written(root)}, _marking([]))))
        tree = normal(resolved(config, spoiled), spoiled)
        values = self.redaction.resolved(tree, template=template, secrets=self._secrets)
        if not any(is_interpolation(value) for _, value in leaves(template)):
            return Snapshot.of(values, problems=problems)
        return Snapshot.of(values, self.redaction.template(template), problems)

    def _learn(self, names: frozenset[str]) -> None:
        """Hide the values of these variables, too: what was captured without knowing them is captured anew."""
        self.hidden |= names
        secrets = self.redaction.values(self.hidden)
        if not secrets <= self._secrets:
            self._secrets |= secrets
            self._objects, self._plains = Objects(), Plains(self._told)

    def _spoiled(self, problems: list[str]) -> Spoiled:
        if self._strict:
            return refuse
        return _marking(problems)


def _marking(problems: list[str]) -> Spoiled:
    """Put a marker in the place of a leaf that cannot be recorded, and add why to *problems*."""

    def mark(path: Path, reason: str) -> Tree:
        problems.append(f"{dotted(path) or 'config'}: {reason}")
        return Marker("unreadable", reason)

    return mark
