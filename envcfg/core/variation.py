"""The leaves that are not the same in all of many configs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from envcfg.core.diff import ABSENT, Absent, diff, identity
from envcfg.core.path import matches
from envcfg.core.sharing import shared
from envcfg.core.tree import Config, Path, Tree, leaves


@dataclass(frozen=True, slots=True)
class Variation:
    """The values of one leaf in many configs."""

    path: Path
    values: tuple[Tree | Absent, ...]
    """The distinct values, in order of first appearance; `ABSENT` for a config without this leaf."""
    index: tuple[int, ...]
    """For each config, the position of its value in *values*."""


def variations(configs: Sequence[Config], *, ignore: Iterable[str] = ()) -> tuple[Variation, ...]:
    """The leaves that vary between *configs*, in the order of their first appearance.

    Leaves that match a key or glob in *ignore* are left out.
    """
    globs = tuple(ignore)
    held = [dict(_known_leaves(config)) for config in configs]
    candidates = _candidates(configs)
    order = dict.fromkeys(path for config in held for path in config if path in candidates)
    found = [_variation(path, held) for path in order if not any(matches(path, glob) for glob in globs)]
    return tuple(variation for variation in found if len(variation.values) > 1)


def _known_leaves(config: Config) -> Iterable[tuple[Path, Tree]]:
    return (leaf for leaf in leaves(config) if leaf[0])  # an empty config has no leaf


def _candidates(configs: Sequence[Config]) -> set[Path]:
    """The leaves in which any config differs from the first one."""
    first, *others = shared(configs) or [{}]
    found: set[Path] = set()
    for other in {id(other): other for other in others}.values():
        for edit in diff(first, other):  # type: ignore[arg-type]  # copies of configs
            for side in (edit.before, edit.after):
                found |= set() if isinstance(side, Absent) else {path for path, _ in leaves(side, edit.path)}
            found.add(edit.path[:-1])  # an object that lost its last key has become a leaf
    return found


def _variation(path: Path, held: Sequence[Mapping[Path, Tree]]) -> Variation:
    positions: dict[bytes | None, int] = {}
    values: list[Tree | Absent] = []
    index = []
    for config in held:
        value = config.get(path, ABSENT)
        position = positions.setdefault(identity(value), len(values))
        if position == len(values):
            values.append(value)
        index.append(position)
    return Variation(path, tuple(values), tuple(index))
