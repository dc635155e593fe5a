"""The byte positions of a config's values in its packed form and in its canonical encoding."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from envcfg.core.encoding import encode, key_text, sorted_names
from envcfg.core.packed import packed, size_of
from envcfg.core.tree import Config, Path, Tree


class Span(NamedTuple):
    """The bytes from *start* up to, not including, *end*."""

    start: int
    end: int


class LeafSpan(NamedTuple):
    """The path of a value in a config, and the span of the value in the packed form."""

    path: Path
    span: Span


Holes: TypeAlias = dict[str | int, "Holes | int"]
"""The paths of several places as a tree: for each key or position its inner holes, or the number of a place."""


def differing(one: Tree, other: Tree, at: Path = (), start: int = 0) -> Iterator[LeafSpan]:
    """The places of the innermost values in *one* that differ from *other*, in order.

    *one* and *other* must differ. *start* is the position of *one* in the packed form of the whole config.
    """
    parts: Iterable[str | int]
    if isinstance(one, dict) and isinstance(other, dict) and [*one] == [*other]:
        parts = one
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        parts = range(len(one))
    else:
        yield LeafSpan(at, Span(start, start + size_of(one)))
        return
    end = start + (1 if len(one) < 1 << 4 else 3 if len(one) < 1 << 16 else 5)
    for part in parts:
        mine, theirs = one[part], other[part]  # type: ignore[index]  # both have it
        end += size_of(part) if isinstance(part, str) else 0
        form = packed(mine) or b""
        if form != packed(theirs):
            yield from differing(mine, theirs, (*at, part), end)
        end += len(form)


def holes(paths: Iterable[Path]) -> Holes:
    """The tree of *paths*, numbered in the given order. No path may be inside another one."""
    found: Holes = {}
    for number, path in enumerate(paths):
        inner = found
        for part in path[:-1]:
            inner = inner.setdefault(part, {})  # type: ignore[assignment]  # no place is inside another one
        inner[path[-1]] = number
    return found


def written_at(config: Config, places: Holes) -> dict[int, Span]:
    """For each number in *places*, the span of that value in the canonical encoding of *config*."""
    found: dict[int, Span] = {}

    def measure(value: Tree, inside: Holes, start: int) -> int:
        end = start + 1
        for part in sorted_names(value) if isinstance(value, dict) else range(len(value)):  # type: ignore[arg-type]
            end += len(key_text(part)) if isinstance(part, str) else 0
            member, inner = value[part], inside.get(part)  # type: ignore[index]  # it has places inside
            if isinstance(inner, dict):
                end = measure(member, inner, end)
            else:
                begin, end = end, end + len(encode(member))
                if inner is not None:
                    found[inner] = Span(begin, end)
            end += 1  # a comma, or the closing bracket
        return end

    measure(config, places, 0)
    return found
