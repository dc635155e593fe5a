"""A config made of the one before it: what is equal is shared, and what differs is told once for all who ask."""

from itertools import compress
from operator import ne
from typing import Any, TypeAlias, cast

from envcfg.core.normal import normal
from envcfg.core.tree import Config, Tree

Delta: TypeAlias = dict[str, "Delta | None"]
"""The members of an object that are others now: an object of the same keys by a delta of its own, None for the rest."""


def grafted(before: Config, config: dict[Any, Any]) -> tuple[Config, Delta] | None:
    """The tree of *config*, sharing with *before* whatever is equal, and what is not; None where keys differ.

    Equal is what Python says: 1, 1.0 and True are. Raises `ConfigError` for what cannot be recorded.
    """
    if before.keys() != config.keys():
        return None
    tree: Config = dict(before)
    delta: Delta = {}
    for name in compress(config, map(ne, map(before.__getitem__, config), config.values())):
        tree[name], delta[name] = _member(before[name], config[name])
    return tree, delta


def _member(old: Tree, new: Any) -> tuple[Tree, Delta | None]:
    inner = grafted(old, new) if type(new) is dict and isinstance(old, dict) else None
    return (normal({"": new})[""], None) if inner is None else inner


def news(tree: Config, delta: Delta) -> Config:
    """Of *tree* what *delta* names, at its place."""
    return {
        name: tree[name] if inner is None else news(cast(Config, tree[name]), inner) for name, inner in delta.items()
    }


def overlaid(config: Config, found: Config, delta: Delta) -> Config:
    """*config* with what *delta* names out of *found*."""
    changed = {
        name: found[name] if inner is None else overlaid(cast(Config, config[name]), cast(Config, found[name]), inner)
        for name, inner in delta.items()
    }
    return {**config, **changed}
