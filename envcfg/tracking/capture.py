"""What an env adopted -> a snapshot: normalised, redacted, and for OmegaConf resolved exactly once."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from envcfg.core import encoding
from envcfg.core.normal import Spoiled, normal, refuse
from envcfg.core.path import dotted
from envcfg.core.tree import Config, Marker, Path, Tree, leaves
from envcfg.tracking.interpolation import as_written, is_interpolation, is_omegaconf, resolved, root_of
from envcfg.tracking.redaction import Redaction

if TYPE_CHECKING:
    from omegaconf import Container

_REMEMBERED = 64
"""OmegaConf configs whose resolved values are kept, so that a random resolver is not drawn again."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A config as it is recorded: resolved, and as written where it holds interpolations."""

    config: Config
    template: Config | None = None
    problems: tuple[str, ...] = ()
    """One sentence for each leaf that could not be recorded; a marker stands in its place."""


class Capture:
    """Takes snapshots of configs; with *strict*, a leaf that cannot be recorded raises `ConfigError`."""

    def __init__(self, redaction: Redaction, *, strict: bool = False) -> None:
        self.redaction = redaction
        self._strict = strict
        self._resolved: OrderedDict[int, tuple[Any, bytes, Snapshot]] = OrderedDict()

    def __call__(self, config: Any) -> Snapshot:
        if is_omegaconf(config):
            return self._of_omegaconf(config)
        problems: list[str] = []
        tree = normal(config, self._spoiled(problems))
        return Snapshot(self.redaction.by_key(tree), problems=tuple(problems))

    def _of_omegaconf(self, config: "Container") -> Snapshot:
        """The snapshot of an attached or detached node; the same one as long as nothing in its tree is written to."""
        root = normal({"root": as_written(root_of(config))}, _marking([]))
        template = normal(as_written(config), _marking([]))
        written = encoding.encode([root, template])
        known = self._resolved.get(id(config))
        if known is not None and known[1] == written:
            return known[2]
        snapshot = self._resolve(config, template, root)
        self._resolved[id(config)] = (config, written, snapshot)  # holding the config keeps its id its own
        self._resolved.move_to_end(id(config))
        if len(self._resolved) > _REMEMBERED:
            self._resolved.popitem(last=False)
        return snapshot

    def _resolve(self, config: "Container", template: Config, root: Config) -> Snapshot:
        problems: list[str] = []
        spoiled = self._spoiled(problems)
        tree = normal(resolved(config, spoiled), spoiled)
        values = self.redaction.resolved(tree, template=template, root=root)
        if not any(is_interpolation(value) for _, value in leaves(template)):
            return Snapshot(values, problems=tuple(problems))
        return Snapshot(values, self.redaction.template(template), tuple(problems))

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
