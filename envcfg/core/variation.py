"""The leaves that are not the same in all of many configs."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from envcfg.core.diff import ABSENT, Absent, identity
from envcfg.core.path import matches
from envcfg.core.tree import Config, Path, Tree, leaves

_Node: TypeAlias = Tree | Absent


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
    found = [each for each in _below(configs, ()) if not any(matches(each.path, glob) for glob in globs)]
    return tuple(_in_order(found, configs))


def _below(nodes: Sequence[_Node], at: Path) -> Iterator[Variation]:
    """The leaves that vary at and below *at*, where each config has the node in *nodes*.

    A subtree that all configs share is skipped. Configs of one journal share most of their subtrees as one object.
    """
    index, distinct = _numbered(nodes, id)
    if len(distinct) == 1:
        return
    parts = _parts(distinct)
    if at and (not parts or not all(map(_has_parts, distinct))):
        yield from _varying_leaf([ABSENT if _has_parts(node) else node for node in distinct], index, at)
    for part, inner in parts.items():
        yield from (
            Variation(each.path, each.values, tuple(map(each.index.__getitem__, index)))
            for each in _below(inner, (*at, part))
        )


def _varying_leaf(nodes: Sequence[_Node], index: Sequence[int], at: Path) -> Iterator[Variation]:
    """The leaf at *at*, if it varies. Position *i* of *index* is the node of config *i*."""
    own, values = _numbered(nodes, identity)
    if len(values) > 1:
        yield Variation(at, tuple(values), tuple(map(own.__getitem__, index)))


def _numbered(nodes: Sequence[_Node], key: Callable[[_Node], Hashable]) -> tuple[Sequence[int], list[_Node]]:
    """For each node the position of the first node with the same *key*, and these first nodes."""
    positions: dict[Hashable, int] = {}
    index = [positions.setdefault(key(node), len(positions)) for node in nodes]
    distinct: dict[int, _Node] = {}
    for position, node in zip(index, nodes, strict=True):
        distinct.setdefault(position, node)
    return index, list(distinct.values())


def _has_parts(node: _Node) -> bool:
    return isinstance(node, dict | list) and bool(node)


def _parts(nodes: Sequence[_Node]) -> Mapping[str | int, list[_Node]]:
    """For each key or list position the values of all nodes, `ABSENT` for a node without it."""
    found: dict[str | int, list[_Node]] = {}
    for position, node in enumerate(nodes):
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for part, value in items:
            found.setdefault(part, [ABSENT] * len(nodes))[position] = value
    return found


def _in_order(found: Sequence[Variation], configs: Sequence[Config]) -> list[Variation]:
    """*found* in the order in which the leaves appear, config after config."""
    first: dict[int, list[Variation]] = {}
    for each in found:
        there = (i for i, position in enumerate(each.index) if not isinstance(each.values[position], Absent))
        first.setdefault(next(there), []).append(each)
    ordered: list[Variation] = []
    for config, own in sorted(first.items()):
        places = {path: place for place, (path, _) in enumerate(leaves(configs[config]))}
        ordered += sorted(own, key=lambda each: places[each.path])
    return ordered
