"""Configs that are the same but in some places: one more of them costs what its values there do, not all of it."""

from collections.abc import Iterable
from functools import cached_property
from hashlib import blake2b
from typing import Any, TypeAlias

from msgspec import Struct

from envcfg.core.diff import Change, between
from envcfg.core.encoding import DIGEST_SIZE, encode
from envcfg.core.layout import CANONICAL, PACKED, Layout, Span, differing, layout
from envcfg.core.packed import end_of, unpacked
from envcfg.core.record import Stored
from envcfg.core.tree import Config, Path, Tree, lookup

Holes: TypeAlias = dict[str | int, "Holes | int"]
"""Members of an object or a list in which there are places; a place itself is its number."""


class Base:
    """The config that others differ from."""

    def __init__(self, tree: Config, form: bytes, told: Stored) -> None:
        """*form* is the packed form of *tree*, *told* the same config as it may be written."""
        self.tree, self.form, self.told = tree, form, told

    @cached_property
    def packed(self) -> Layout:
        return layout(self.tree, PACKED)

    @cached_property
    def canonical(self) -> Layout:
        return layout(self.told.config, CANONICAL)

    @cached_property
    def text(self) -> bytes:
        return encode(self.told.config)


class Filling(Struct, frozen=True):
    """What may stand in a place."""

    value: Tree
    """As it may be written."""
    text: bytes
    """Its canonical encoding."""
    changes: tuple[Change, ...]
    """What is other than in the base."""


class Mould:
    """A config, and the places in which others differ from it."""

    def __init__(self, base: Base, paths: Iterable[Path] = ()) -> None:
        """*paths* are places none of which is inside of another one."""
        self.base = base
        self.paths = sorted(paths, key=lambda path: base.packed[path].start)
        spans = [base.packed[path] for path in self.paths]
        *self._before, self._last = _around(base.form, spans)
        self._holes = _holes(self.paths)
        if spans:
            self._lay_out([base.canonical[path] for path in self.paths])

    def _lay_out(self, spans: list[Span]) -> None:
        """Cut the canonical encoding at the places; what stands before the first is hashed once for all."""
        self._order = sorted(range(len(spans)), key=lambda number: spans[number].start)
        first, *self._texts = _around(self.base.text, [spans[number] for number in self._order])
        self._hash, self._size = blake2b(first, digest_size=DIGEST_SIZE), len(first)

    def cut(self, form: bytes) -> list[bytes] | None:
        """What the config of this packed form has at each place, packed; None where it differs in others, too.

        MessagePack is read from the left: after the same bytes begins the same place. Raises `ValueError` for bytes.
        """
        found: list[bytes] = []
        at = 0
        for before in self._before:
            if not form.startswith(before, at):
                return None
            begin = at + len(before)
            at = end_of(form, begin)
            found.append(form[begin:at])
        return found if len(form) == at + len(self._last) and form.endswith(self._last) else None

    def widened(self, form: bytes) -> "Mould | None":
        """The mould that has a place, too, wherever the config of this packed form differs.

        None where these would hold more than half of its own.
        """
        spans, size, new = self.base.packed, 0, []
        for path in differing(self.base.tree, unpacked(form)):
            new.append(path)
            size += spans[path].end - spans[path].start
            if 2 * size > len(self.base.form):
                return None
        paths = _outermost([*self.paths, *new])
        if 2 * sum(spans[path].end - spans[path].start for path in paths) > len(self.base.form):
            return None
        return Mould(self.base, paths)

    def filling(self, path: Path, value: Tree) -> Filling:
        """*value*, as it may be written, for one of the places."""
        return Filling(value, encode(value), tuple(between(lookup(self.base.told.config, path), value, path)))

    def cast(self, fillings: list[Filling]) -> Stored:
        """The config that has these at the places."""
        told = self.base.told
        if not fillings:
            return told
        ordered = [fillings[number] for number in self._order]
        rest = b"".join(
            [part for filling, text in zip(ordered, self._texts, strict=True) for part in (filling.text, text)]
        )
        digest = self._hash.copy()
        digest.update(rest)
        changes = tuple([change for filling in ordered for change in filling.changes])
        config = _filled(told.config, self._holes, fillings)
        return Stored(digest.hexdigest(), config, self._size + len(rest), told.digest, changes)


def _around(written: bytes, spans: list[Span]) -> list[bytes]:
    """What stands before, between and behind the spans."""
    starts, ends = [0, *(span.end for span in spans)], [*(span.start for span in spans), len(written)]
    return [written[start:end] for start, end in zip(starts, ends, strict=True)]


def _outermost(paths: list[Path]) -> set[Path]:
    """Each place once, and none that is inside of another one."""
    apart = set(paths)
    return {path for path in apart if not any(path[:length] in apart for length in range(len(path)))}


def _holes(paths: list[Path]) -> Holes:
    holes: Holes = {}
    for number, path in enumerate(paths):
        inner: Any = holes
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
        inner[path[-1]] = number
    return holes


def _filled(tree: Any, holes: Holes, fillings: list[Filling]) -> Any:
    """A copy of *tree* with values in its holes; everything beside them is shared."""
    copy = tree.copy()
    for part, inner in holes.items():
        copy[part] = fillings[inner].value if isinstance(inner, int) else _filled(tree[part], inner, fillings)
    return copy
