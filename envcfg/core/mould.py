"""Configs that are the same but in some places: one more of them costs what its values there do, not all of it."""

from hashlib import blake2b
from typing import Any, Final, TypeAlias

from envcfg.core.diff import between
from envcfg.core.encoding import DIGEST_SIZE, encode
from envcfg.core.layout import Place, place_at, place_of
from envcfg.core.packed import end_of
from envcfg.core.record import Stored
from envcfg.core.tree import Config, Path, Tree, lookup

_MOST: Final = 64
"""Places; it is quicker to look into a config that differs in more of them."""

Holes: TypeAlias = dict[str | int, "Holes | int"]
"""Members of an object or a list in which there are places; a place itself is its number."""


class Mould:
    """A config, and the places in which others differ from it."""

    def __init__(self, tree: Config, form: bytes, told: Stored, places: tuple[Place, ...] = ()) -> None:
        """*form* is the packed form of *tree*, *told* the same config as it may be written."""
        self._tree, self._form, self.told = tree, form, told
        self._places = places
        self.paths = [place.path for place in places]
        self.forms = [form[place.start : place.end] for place in places]
        """What the config itself has at each place, packed."""
        self.values = [lookup(told.config, path) for path in self.paths]
        self._begins = [0, *(place.end for place in places)]
        ends = [*(place.start for place in places), len(form)]
        self._fixed = [form[begin:end] for begin, end in zip(self._begins, ends, strict=True)]
        self._holes = _holes(self.paths)
        self._lay_out(encode(told.config))

    def _lay_out(self, text: bytes) -> None:
        """Cut the canonical encoding at the places; what stands before the first is hashed once for all."""
        spans = [place_of(self.told.config, path) for path in self.paths]
        self._order = sorted(range(len(spans)), key=lambda number: spans[number].start)
        begins = [0, *(spans[number].end for number in self._order)]
        ends = [*(spans[number].start for number in self._order), len(text)]
        first, *self._texts = (text[begin:end] for begin, end in zip(begins, ends, strict=True))
        self._hash, self._size = blake2b(first, digest_size=DIGEST_SIZE), len(first)

    def cut(self, form: bytes) -> list[bytes] | None:
        """What the config of this packed form has at each place, packed; None where it differs in others, too.

        MessagePack is read from the left: after the same bytes begins the same place. Raises `ValueError` for bytes.
        """
        found: list[bytes] = []
        at = 0
        for place, fixed in enumerate(self._fixed):
            if not form.startswith(fixed, at):
                return None
            begin = at + len(fixed)
            if place == len(self._places):
                return found if begin == len(form) else None
            at = end_of(form, begin)
            found.append(form[begin:at])
        return None

    def widened(self, form: bytes) -> "Mould | None":
        """The mould that has a place, too, wherever the config of this packed form differs.

        None where these would be many, or hold more than half of it.
        """
        mould = self
        while mould.cut(form) is None:
            new = place_at(self._tree, mould._difference(form))
            apart = (place for place in mould._places if not new.start <= place.start < new.end)
            places = tuple(sorted([*apart, new], key=lambda place: place.start))
            if len(places) > _MOST or 2 * sum(place.end - place.start for place in places) > len(self._form):
                return None
            mould = Mould(self._tree, self._form, self.told, places)
        return mould

    def cast(self, values: list[Tree]) -> Stored:
        """The config that has these values at the places, as they may be written."""
        rest, written = b"", [encode(value) for value in values]
        for number, text in zip(self._order, self._texts, strict=True):
            rest += written[number] + text
        digest = self._hash.copy()
        digest.update(rest)
        changes = [
            change
            for number in self._order
            for change in between(self.values[number], values[number], self.paths[number])
        ]
        config = _filled(self.told.config, self._holes, values)
        return Stored(digest.hexdigest(), config, self._size + len(rest), self.told.digest, tuple(changes))

    def _difference(self, form: bytes) -> int:
        """The first byte of the config's own packed form, outside of the places, that *form* has otherwise."""
        at = 0
        for begin, fixed in zip(self._begins, self._fixed, strict=True):
            there = form[at : at + len(fixed)]
            if there != fixed:
                pairs = enumerate(zip(there, fixed, strict=False))
                return begin + next((offset for offset, (one, other) in pairs if one != other), len(there))
            at += len(fixed)
            if begin + len(fixed) < len(self._form):
                at = end_of(form, at)
        return len(self._form)


def _holes(paths: list[Path]) -> Holes:
    holes: Holes = {}
    for number, path in enumerate(paths):
        inner: Any = holes
        for part in path[:-1]:
            inner = inner.setdefault(part, {})
        inner[path[-1]] = number
    return holes


def _filled(tree: Any, holes: Holes, values: list[Tree]) -> Any:
    """A copy of *tree* with values in its holes; everything beside them is shared."""
    copy = tree.copy()
    for part, inner in holes.items():
        copy[part] = values[inner] if isinstance(inner, int) else _filled(tree[part], inner, values)
    return copy
