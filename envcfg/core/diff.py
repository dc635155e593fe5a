"""What changed between two configs, as values that can be applied and undone.

The semantics are those of RFC 6902 (add, remove, replace) with the old value kept, so that a difference
has an inverse. Lists of one length are compared place by place; a list whose length changed is one change.
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
    """The value of a key that is not there; unlike None, which is a value."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent.ABSENT


class Edit(Struct, frozen=True, eq=False):
    """One place of a config, before and after; `ABSENT` where the place was or is not there.

    Two changes are equal by the one equality (1, 1.0 and True differ, NaN equals NaN); a set or dict may hold them.
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
    """The key of a value in a set or dict: two values have one key where they are the same. `ABSENT` has None."""
    return None if isinstance(value, Absent) else encode(value)


def same(one: Tree, other: Tree) -> bool:
    """The one equality: by canonical encoding (1, 1.0 and True differ, NaN equals NaN)."""
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
    """The changes that turn *before* into *after*, ordered by place; empty when they are the same."""
    return tuple(between(before, after))


def between(before: Tree, after: Tree, at: Path = ()) -> list[Edit]:
    """The changes of what stands at one place, as `diff`."""
    changes: list[Edit] = []
    _compare(before, after, at, changes)
    return changes


def apply(changes: Iterable[Edit], config: Config) -> Config:
    """*config* with the changes made; *config* itself stays as it was.

    Raises `ConfigError` when a place does not hold the value that the change replaces.
    """
    tree: Tree = config
    for change in changes:
        if not change.path:
            raise ConfigError("a change of no place: a config has no other one in the place of its root")
        tree = _replaced(tree, change, 0)
    return cast(Config, tree)


def undo(changes: Iterable[Edit], config: Config) -> Config:
    """The config from before *changes*: `undo(diff(a, b), b)` is `a`."""
    return apply([change.inverse for change in reversed(list(changes))], config)


def _compare(before: Tree, after: Tree, at: Path, changes: list[Edit]) -> None:
    if before is after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in _differing(before, after):
            if key not in after:
                changes.append(Edit((*at, key), before[key], ABSENT))
            elif key not in before:
                changes.append(Edit((*at, key), ABSENT, after[key]))
            else:
                _compare(before[key], after[key], (*at, key), changes)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            _compare(old, new, (*at, index), changes)
    elif not same(before, after):
        changes.append(Edit(at, before, after))


def _differing(before: Config, after: Config) -> list[str]:
    """Keys of one of them, or of both for another object: what two configs share is passed by."""
    if before.keys() == after.keys():
        return sorted(compress(before, map(is_not, before.values(), map(after.__getitem__, before))))
    differing = {key for key, value in before.items() if after.get(key, ABSENT) is not value}
    return sorted(differing | (after.keys() - before.keys()))


def _replaced(tree: Tree, change: Edit, depth: int) -> Tree:
    """A copy of *tree* along the path of the change only; everything beside it is shared."""
    part = change.path[depth]
    present = _holds(tree, part)
    if depth + 1 == len(change.path):
        old: Tree | Absent = tree[part] if present else ABSENT  # type: ignore[index]  # _holds says so
        if not _same_or_absent(old, change.before):
            raise ConfigError(f"{dotted(change.path)}: expected {change.before!r} there, found {old!r}")
        return _with(tree, part, change.after)
    if not present:
        raise ConfigError(f"{dotted(change.path)}: no such place in this config")
    return _with(tree, part, _replaced(tree[part], change, depth + 1))  # type: ignore[index]


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
    raise ConfigError(f"{part!r} does not name a place in {type(tree).__name__}")
