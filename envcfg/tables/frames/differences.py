"""The differences of many pairs of configs, found key by key for all pairs at once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from envcfg.core.diff import ABSENT, Absent
from envcfg.core.encoding import encode
from envcfg.core.sharing import shared
from envcfg.core.tree import Config, Marker, Path, Tree

_WHOLE, _OBJECT, _LIST = -1, 0, 1
"""How a value is compared: as a whole, key by key, or item by item (its length is added to `_LIST`)."""
_ABSENT: Final = 0


class Differences(NamedTuple):
    """The edits of all pairs, pair by pair, each in the order of `diff`."""

    pair: Any
    path: Any
    """Positions among `paths`."""
    before: Any
    """Positions among `values`, like `after`."""
    after: Any
    paths: Sequence[Path]
    values: Sequence[Tree | Absent]


def differences(configs: Sequence[Config], one: Any, other: Any) -> Differences:
    """The result of `diff` for `configs[one]` and `configs[other]`, for each pair of positions in these columns."""
    walk = _Walk(one, other, len(configs))
    walk.compare(dict(enumerate(shared(configs))), np.arange(len(one)), ())
    pair, path, before, after = (np.concatenate(column) for column in walk.columns)
    order = np.argsort(pair, kind="stable")
    return Differences(pair[order], path[order], before[order], after[order], walk.paths, walk.values)


class _Walk:
    """Walks from the root to the leaves, only into parts that differ in at least one pair."""

    def __init__(self, one: Any, other: Any, count: int) -> None:
        self._one, self._other, self._count = one, other, count
        self._numbers: dict[int | bytes, int] = {id(ABSENT): _ABSENT}
        self.values: list[Tree | Absent] = [ABSENT]
        self.paths: list[Path] = []
        self.columns: tuple[list[Any], ...] = tuple([np.empty(0, np.int64)] for _ in range(4))

    def compare(self, held: Mapping[int, Tree], pairs: Any, at: Path) -> None:
        """Compare *pairs* at the path *at*; *held* has the value of each config that has one there."""
        number = np.full(self._count, _ABSENT)
        number[list(held)] = list(map(self._number, held.values()))
        if not len(pairs) or number.min() == number.max():
            return
        pairs = pairs[number[self._one[pairs]] != number[self._other[pairs]]]
        kind = np.full(self._count, _WHOLE)
        kind[list(held)] = list(map(_kind, held.values()))
        before, after = kind[self._one[pairs]], kind[self._other[pairs]]
        is_whole = (before != after) | (before == _WHOLE)
        self._found(at, number, pairs[is_whole])
        for each in np.unique(before[~is_whole]).tolist():
            inner = pairs[~is_whole & (before == each)]
            parts = _parts({config: value for config, value in held.items() if kind[config] == each})
            for part in sorted(parts):
                self.compare(parts[part], inner, (*at, part))

    def _found(self, at: Path, number: Any, pairs: Any) -> None:
        if len(pairs):
            path = np.full(len(pairs), len(self.paths))
            self.paths.append(at)
            found = pairs, path, number[self._one[pairs]], number[self._other[pairs]]
            for column, more in zip(self.columns, found, strict=True):
                column.append(more)

    def _number(self, value: Tree) -> int:
        """A number for each different value. Equal values are nearly always one object: the trees are shared."""
        number = self._numbers.setdefault(encode(value) if isinstance(value, Marker) else id(value), len(self.values))
        if number == len(self.values):
            self.values.append(value)
        return number


def _kind(value: Tree) -> int:
    if isinstance(value, dict):
        return _OBJECT
    return _LIST + len(value) if isinstance(value, list) else _WHOLE


def _parts(held: Mapping[int, Any]) -> dict[Any, dict[int, Tree]]:
    """For each key or list index, the values of the configs."""
    parts: dict[Any, dict[int, Tree]] = {}
    for config, value in held.items():
        for part, inner in value.items() if isinstance(value, dict) else enumerate(value):
            parts.setdefault(part, {})[config] = inner
    return parts
