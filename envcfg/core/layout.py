"""Where each value of a config stands in what the config is written as."""

from collections.abc import Iterator
from typing import NamedTuple

from envcfg.core.encoding import encode, key_text, sorted_names
from envcfg.core.packed import size_of
from envcfg.core.tree import Config, Path, Tree


class Place(NamedTuple):
    """A value of a config: from the byte *start* up to the byte *end*."""

    path: Path
    start: int
    end: int


def place_at(config: Config, offset: int) -> Place:
    """The innermost value of a plain *config* whose packed form has the byte at *offset*."""
    path: Path = ()
    value: Tree = config
    start, end = 0, size_of(config)
    while (found := next((inner for inner in _members(value, start) if inner[1].end > offset), None)) is not None:
        member, place = found
        if place.start > offset:
            break
        value, (part, start, end) = member, place
        path += part
    return Place(path, start, end)


def place_of(config: Config, path: Path) -> Place:
    """Where the value at *path* stands in the canonical encoding of *config*, which has it."""
    value: Tree = config
    start = 0
    for part in path:
        start += 1
        if isinstance(value, dict):
            for name in sorted_names(value):
                start += len(key_text(name))
                if name == part:
                    break
                start += len(encode(value[name])) + 1
            value = value[str(part)]
        elif isinstance(value, list):
            position = int(part)
            start += sum(len(encode(inner)) + 1 for inner in value[:position])
            value = value[position]
    return Place(path, start, start + len(encode(value)))


def _members(value: Tree, start: int) -> Iterator[tuple[Tree, Place]]:
    """What stands inside of *value*, whose packed form begins at *start*."""
    if not isinstance(value, dict | list):
        return
    at = start + (1 if len(value) < 1 << 4 else 3 if len(value) < 1 << 16 else 5)
    if isinstance(value, dict):
        for name, member in value.items():
            at += size_of(name)
            yield member, Place((name,), at, at := at + size_of(member))
    else:
        for position, member in enumerate(value):
            yield member, Place((position,), at, at := at + size_of(member))
