"""Where the values of a config stand in what the config is written as."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeAlias

from envcfg.core.encoding import encode, key_text, sorted_names
from envcfg.core.packed import packed, size_of
from envcfg.core.tree import Config, Path, Tree


class Span(NamedTuple):
    """From the byte *start* up to the byte *end*."""

    start: int
    end: int


class LeafSpan(NamedTuple):
    """A value of a config, and where it stands in the packed form."""

    path: Path
    span: Span


Holes: TypeAlias = dict[str | int, "Holes | int"]
"""Members of an object or a list in which there are places; a place itself is its number."""


def differing(one: Tree, other: Tree, at: Path = (), start: int = 0) -> Iterator[LeafSpan]:
    """The innermost values of *one* that *other*, which differs from it, has otherwise; in their order.

    *start* is where *one* begins in the packed form of the whole.
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
    """Places that are not inside of each other, numbered as they come, by the way to them."""
    found: Holes = {}
    for number, path in enumerate(paths):
        inner = found
        for part in path[:-1]:
            inner = inner.setdefault(part, {})  # type: ignore[assignment]  # no place is inside of another one
        inner[path[-1]] = number
    return found


def written_at(config: Config, places: Holes) -> dict[int, Span]:
    """Where what is at each of *places*, by its number, stands in the canonical encoding of *config*."""
    found: dict[int, Span] = {}

    def lay(value: Tree, inside: Holes, start: int) -> int:
        end = start + 1
        for part in sorted_names(value) if isinstance(value, dict) else range(len(value)):  # type: ignore[arg-type]
            end += len(key_text(part)) if isinstance(part, str) else 0
            member, inner = value[part], inside.get(part)  # type: ignore[index]  # it has places inside
            if isinstance(inner, dict):
                end = lay(member, inner, end)
            else:
                begin, end = end, end + len(encode(member))
                if inner is not None:
                    found[inner] = Span(begin, end)
            end += 1  # a comma, or what closes it
        return end

    lay(config, places, 0)
    return found
