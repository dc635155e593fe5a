"""The edits between two configs, which can be applied and undone.

The semantics are those of RFC 6902 (add, remove, replace). An edit also keeps the old value, so it has an inverse.
Lists of equal length are compared item by item. A list whose length changed is one edit.
"""

from collections.abc import Hashable, Iterable
from enum import Enum
from itertools import compress
from math import isnan
from operator import is_not
from typing import cast

from msgspec import Struct

from envcfg.core.encoding import encode
from envcfg.core.errors import ConfigError
from envcfg.core.path import dotted
from envcfg.core.tree import Config, Path, Tree


class Absent(Enum):
    """Stands for the value of a missing key. None is different: it is a value."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent.ABSENT


class Edit(Struct, frozen=True, eq=False):
    """The value at one path before and after; `ABSENT` on the side where the path does not exist.

    Edits compare their values with `same` (1, 1.0 and True differ, NaN equals NaN). Edits are hashable.
    """

    path: Path
    before: Tree | Absent
    after: Tree | Absent

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Edit) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> Hashable:
        return self.path, identity(self.before), identity(self.after)

    @property
    def inverse(self) -> "Edit":
        return Edit(self.path, before=self.after, after=self.before)


def identity(value: Tree | Absent) -> bytes | None:
    """A hashable key for a value: equal for two values that are the `same`. The key of `ABSENT` is None."""
    return None if isinstance(value, Absent) else encode(value)


def same(one: Tree, other: Tree) -> bool:
    """Whether two values have the same canonical encoding (1, 1.0 and True differ, NaN equals NaN)."""
    if type(one) is not type(other):
        return False
    if one is other:
        return True
    if type(one) in (str, int, bool):
        return one == other
    if isinstance(one, float) and not one == other == 0 and not (isnan(one) and isnan(cast(float, other))):
        return one == other
    return encode(one) == encode(other)


def diff(before: Config, after: Config) -> tuple[Edit, ...]:
    """The edits that turn *before* into *after*, ordered by path; empty if the configs are the same."""
    return tuple(between(before, after))


def between(before: Tree, after: Tree, at: Path = ()) -> list[Edit]:
    """The edits between two values at the path *at*, as in `diff`."""
    edits: list[Edit] = []
    _compare(before, after, at, edits)
    return edits


def apply(edits: Iterable[Edit], config: Config) -> Config:
    """A copy of *config* with *edits* applied; *config* itself is not modified.

    Raises `ConfigError` if the config does not have the value that an edit replaces.
    """
    tree: Tree = config
    for edit in edits:
        if not edit.path:
            raise ConfigError("an edit has an empty path: expected the path of a value inside the config")
        tree = _replaced(tree, edit, 0)
    return cast(Config, tree)


def undo(edits: Iterable[Edit], config: Config) -> Config:
    """The config as it was before *edits*: `undo(diff(a, b), b)` is `a`."""
    return apply([edit.inverse for edit in reversed(list(edits))], config)


def _compare(before: Tree, after: Tree, at: Path, edits: list[Edit]) -> None:
    if before is after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in _differing(before, after):
            if key not in after:
                edits.append(Edit((*at, key), before[key], ABSENT))
            elif key not in before:
                edits.append(Edit((*at, key), ABSENT, after[key]))
            else:
                _compare(before[key], after[key], (*at, key), edits)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            _compare(old, new, (*at, index), edits)
    elif not same(before, after):
        edits.append(Edit(at, before, after))


def _differing(before: Config, after: Config) -> list[str]:
    """The keys that may differ, sorted. Values that both configs share as one object are skipped."""
    if before.keys() == after.keys():
        return sorted(compress(before, map(is_not, before.values(), map(after.__getitem__, before))))
    differing = {key for key, value in before.items() if after.get(key, ABSENT) is not value}
    return sorted(differing | (after.keys() - before.keys()))


def _replaced(tree: Tree, edit: Edit, depth: int) -> Tree:
    """*tree* with *edit* applied. Only the nodes along its path are copied; the rest is shared."""
    part = edit.path[depth]
    present = _holds(tree, part)
    if depth + 1 == len(edit.path):
        old: Tree | Absent = tree[part] if present else ABSENT  # type: ignore[index]  # _holds says so
        if not _same_or_absent(old, edit.before):
            raise ConfigError(f"{dotted(edit.path)}: expected {edit.before!r} there, found {old!r}")
        return _with(tree, part, edit.after)
    if not present:
        raise ConfigError(f"{dotted(edit.path)}: this config has no such key")
    return _with(tree, part, _replaced(tree[part], edit, depth + 1))  # type: ignore[index]


def _holds(tree: Tree, part: str | int) -> bool:
    if isinstance(tree, dict):
        return part in tree
    return isinstance(tree, list) and isinstance(part, int) and 0 <= part < len(tree)


def _same_or_absent(one: Tree | Absent, other: Tree | Absent) -> bool:
    if isinstance(one, Absent) or isinstance(other, Absent):
        return one is other
    return same(one, other)


def _with(tree: Tree, part: str | int, value: Tree | Absent) -> Tree:
    if isinstance(tree, dict) and isinstance(part, str):
        copy = dict(tree)
        if isinstance(value, Absent):
            copy.pop(part, None)
        else:
            copy[part] = value
        return copy
    if isinstance(tree, list) and isinstance(part, int) and not isinstance(value, Absent):
        return [*tree[:part], value, *tree[part + 1 :]]
    raise ConfigError(f"{part!r} is not a key or position in a {type(tree).__name__}")
