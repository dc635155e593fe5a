"""Configs of a real library with a chosen number of leaves: those of mettagrid, which the demo trains on."""

from collections.abc import Iterator
from functools import cache
from itertools import count
from typing import Any

from omegaconf import DictConfig, OmegaConf

from envcfg.core.tree import Path, leaves

INTERPOLATED = 10
"""One leaf in this many is an interpolation of the seed."""
_NOTHING = object()


@cache
def _whole() -> dict[str, Any]:
    """Two such configs: 1,474 leaves, up to eight deep, some in lists."""
    from mettagrid import MettaGridConfig  # noqa: PLC0415  # only the process that makes the configs needs it

    return {
        side: MettaGridConfig.EmptyRoom(num_agents=2).model_dump(mode="json") for side in ("training", "evaluation")
    }


def config(size: int) -> DictConfig:
    """The config of a job. Its key `env` has *size* leaves, chosen evenly from the whole."""
    total = sum(1 for _ in leaves(_whole()))
    chosen = {number * total // size for number in range(size)}
    numbers, kept = count(), count(1)

    def leaf(value: Any) -> Any:
        if next(numbers) not in chosen:
            return _NOTHING
        return value if next(kept) % INTERPOLATED else "${seed}"

    return OmegaConf.create({"seed": 7, "env": _cut(_whole(), leaf)})


def place(config: dict[str, Any]) -> Path:
    """The path of a number in the middle of *config*, outside of lists. A curriculum would change it."""
    numbers = [path for path, value in leaves(config) if type(value) in (int, float) and {*map(type, path)} == {str}]
    return numbers[len(numbers) // 2]


def put(config: dict[str, Any], path: Path, value: float) -> None:
    node: Any = config
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value


def flat(config: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Dotted keys and values, as metric trackers need them."""
    return ((".".join(map(str, path)), value) for path, value in leaves(config))


def _cut(tree: Any, leaf: Any) -> Any:
    """*tree* with `leaf(value)` for each leaf. Leaves for which this is `_NOTHING` are left out."""
    if isinstance(tree, dict) and tree:
        members = ((name, _cut(value, leaf)) for name, value in tree.items())
        return {name: value for name, value in members if value is not _NOTHING} or _NOTHING
    if isinstance(tree, list) and tree:
        return [value for value in (_cut(inner, leaf) for inner in tree) if value is not _NOTHING] or _NOTHING
    return leaf(tree)
