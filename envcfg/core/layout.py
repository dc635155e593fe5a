"""Where each value of a config stands in what the config is written as."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from envcfg.core.encoding import encode, key_text, sorted_names
from envcfg.core.packed import packed, size_of
from envcfg.core.tree import Config, Path, Tree


class Span(NamedTuple):
    """From the byte *start* up to the byte *end*."""

    start: int
    end: int


Layout: TypeAlias = dict[Path, Span]


class Writing(NamedTuple):
    """How long the parts are that a config is written in."""

    opening: Callable[[int], int]
    """Of an object or a list of so many members."""
    names: Callable[[Config], Iterable[str]]
    """The keys of an object, in their order."""
    key: Callable[[str], int]
    leaf: Callable[[Tree], int]
    separator: int
    closing: int


PACKED: Final = Writing(lambda size: 1 if size < 1 << 4 else 3 if size < 1 << 16 else 5, iter, size_of, size_of, 0, 0)
CANONICAL: Final = Writing(
    lambda _: 1, sorted_names, lambda name: len(key_text(name)), lambda leaf: len(encode(leaf)), 1, 1
)


def layout(config: Config, writing: Writing) -> Layout:
    """The span of each value, of objects and lists, too, and of *config* itself."""
    found: Layout = {}

    def lay(value: Tree, at: Path, start: int) -> int:
        if isinstance(value, dict | list):
            end = start + writing.opening(len(value))
            for part in writing.names(value) if isinstance(value, dict) else range(len(value)):
                end += writing.key(part) if isinstance(part, str) else 0
                end = lay(value[part], (*at, part), end) + writing.separator  # type: ignore[index]  # it is one of its own
            end += writing.closing - (writing.separator if value else 0)
        else:
            end = start + writing.leaf(value)
        found[at] = Span(start, end)
        return end

    lay(config, (), 0)
    return found


def differing(one: Tree, other: Tree, at: Path = ()) -> Iterator[Path]:
    """The innermost places in which two plain values are packed otherwise, in the order of the packed form."""
    if packed(one) == packed(other):
        return
    parts: Iterable[str | int]
    if isinstance(one, dict) and isinstance(other, dict) and [*one] == [*other]:
        parts = one
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        parts = range(len(one))
    else:
        yield at
        return
    for part in parts:
        yield from differing(one[part], other[part], (*at, part))  # type: ignore[index]  # both have it
