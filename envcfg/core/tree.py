"""The config tree: plain values, and markers for values that JSON cannot express."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar, Union

MARKER_KINDS = frozenset(
    {
        "bytes",  # base64 text
        "complex",  # [real, imaginary]
        "decimal",  # text
        "enum",  # "Class.MEMBER"
        "missing",  # OmegaConf's ???
        "path",  # text with forward slashes
        "range",  # [start, stop, step]
        "redacted",  # why the value was left out
        "set",  # sorted members
        "time",  # ISO 8601 text of a date, time or duration
        "unreadable",  # why the value could not be recorded
        "unresolved",  # an interpolation as written: only a resolver of the app would give the value
    }
)


@dataclass(frozen=True, slots=True)
class Marker:
    """A value that JSON cannot express: its kind (one of `MARKER_KINDS`) and a plain payload."""

    kind: str
    value: "Tree" = None


Tree: TypeAlias = Union[bool, int, float, str, Marker, list["Tree"], dict[str, "Tree"], None]
Config: TypeAlias = dict[str, Tree]
Path: TypeAlias = tuple[str | int, ...]
"""The path of a value in a tree. Strings are keys of objects, integers are positions in lists."""

D = TypeVar("D")

MISSING = Marker("missing")


def leaves(tree: Tree, at: Path = ()) -> Iterator[tuple[Path, Tree]]:
    """Every leaf with its path, in the order of the tree. An empty object or list is a leaf."""
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from leaves(value, (*at, key))
    elif isinstance(tree, list) and tree:
        for index, value in enumerate(tree):
            yield from leaves(value, (*at, index))
    else:
        yield at, tree


def lookup(tree: Tree, path: Path, default: D = None) -> Tree | D:  # type: ignore[assignment]  # D is None then
    """The value at *path*, or *default* if the tree has no such path."""
    for part in path:
        present = isinstance(tree, dict) and part in tree
        if not present and not (isinstance(tree, list) and isinstance(part, int) and 0 <= part < len(tree)):
            return default
        tree = tree[part]  # type: ignore[index]  # the line above says so
    return tree


def have_same_keys(one: Tree, other: Tree) -> bool:
    """Whether two trees have the same keys at the same paths. Their leaves may differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(have_same_keys(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(have_same_keys, one, other))
    return not isinstance(one, dict | list) and not isinstance(other, dict | list)
