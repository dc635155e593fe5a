"""The key parameters of a config: the few leaves that people plot, under short names."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from envcfg.core.path import dotted, matches
from envcfg.core.tree import Config, Marker, Path, Tree, leaves

KEYS: Final = {
    "max_steps": ("max_steps",),
    "num_agents": ("num_agents",),
    "freeze_duration": ("freeze_duration",),
    "default_resource_limit": ("default_resource_limit", "default_limit"),  # default_limit in mettagrid
}
"""For each name, the keys to look for, at any depth. Of several matches, the one nearest to the root counts."""

_NAMES: Final = {key: name for name, keys in KEYS.items() for key in keys}

_REWARD_GROUPS: Final = {"inventory": "", "stats": "", "inventory_max": "_max", "stats_max": "_max"}
"""Groups inside a rewards object, and the suffix that each group adds to the names of its entries."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Selects the key parameters: *globs* match dotted keys, and *functions* compute more from a config.

    Without globs, the key parameters are `KEYS` and every entry of the rewards.
    """

    globs: tuple[str, ...] | None = None
    functions: tuple[Callable[[Config], Mapping[str, Tree]], ...] = ()


DEFAULT: Final = Selection()


def key_parameters(config: Config, selection: Selection = DEFAULT) -> dict[str, Tree]:
    """The key parameters by name, in the order of `KEYS` or of the globs; a reward is named `reward_<entry>`."""
    found = _defaults(config) if selection.globs is None else _matching(config, selection.globs)
    for function in selection.functions:
        found |= function(config)
    return found


def _defaults(config: Config) -> dict[str, Tree]:
    found: dict[str, Tree] = {}
    rewards: Config | None = None
    for key, value in _by_depth(config):
        if key in _NAMES and not (value and isinstance(value, dict | list)):
            found.setdefault(_NAMES[key], value)
        elif key == "rewards" and rewards is None and isinstance(value, dict):
            rewards = value
    found = {name: found[name] for name in KEYS if found.get(name) is not None}
    for name, value in sorted(_rewards(rewards or {}), key=itemgetter(0)):
        found.setdefault(f"reward_{name}", value)
    return found


def _matching(config: Config, globs: Iterable[str]) -> dict[str, Tree]:
    places = list(leaves(config))
    return {dotted(path): value for glob in globs for path, value in places if matches(path, glob)}


def _by_depth(config: Config) -> Iterator[tuple[str, Tree]]:
    """The entries of all objects, level by level from the root."""
    level: list[Config | list[Tree]] = [config]
    while level:
        below: list[Config | list[Tree]] = []
        for node in level:
            if isinstance(node, dict):
                yield from node.items()
            children = node.values() if isinstance(node, dict) else node
            below += [child for child in children if isinstance(child, dict | list)]
        level = below


def _rewards(node: Config, suffix: str = "") -> Iterable[tuple[str, Tree]]:
    for name, entry in node.items():
        if name in _REWARD_GROUPS and isinstance(entry, dict):
            yield from _rewards(entry, _REWARD_GROUPS[name])
            continue
        for place, value in _amounts(entry):
            yield "_".join([name, *map(str, place)]) + suffix, value


def _amounts(entry: Tree) -> Iterable[tuple[Path, Tree]]:
    """The amounts of a reward entry: its value, the weights of its expression, or the numbers inside it."""
    if entry is None:
        return
    if not isinstance(entry, dict):
        yield (), entry
        return
    reward = entry.get("reward")
    weights = reward.get("weights") if isinstance(reward, dict) else None
    if isinstance(weights, list) and len(weights) == 1:
        yield (), weights[0]
        return
    for path, value in leaves(weights if isinstance(weights, list) else entry):
        if isinstance(value, int | float) and not isinstance(value, bool | Marker):
            yield path, value
