"""Configs that are the same but in some places: one more of them costs what its values there do, not all of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from msgspec import Struct

from envcfg.core.diff import Edit, between
from envcfg.core.encoding import DIGEST_SIZE, encode
from envcfg.core.layout import Holes, LeafSpan, Span, differing, holes, written_at
from envcfg.core.packed import end_of, unpacked
from envcfg.core.record import Stored
from envcfg.core.tree import Config, Path, Tree, lookup


@dataclass(frozen=True)
class Base:
    """The config that others differ from."""

    tree: Config
    form: bytes
    """Packed."""
    redacted: Stored
    """The same config as it may be written."""

    @cached_property
    def text(self) -> bytes:
        """Its canonical encoding."""
        return encode(self.redacted.config)


class Substitution(Struct, frozen=True):
    """What may stand in a place."""

    value: Tree
    """As it may be written."""
    text: bytes
    """Its canonical encoding."""
    edits: tuple[Edit, ...]
    """What is other than in the base."""


class DeltaTemplate:
    """A config, and the places in which others differ from it."""

    def __init__(self, base: Base, places: Sequence[LeafSpan] = ()) -> None:
        """*places* are in their order, and none is inside of another one."""
        self.base = base
        self.paths = [place.path for place in places]
        self._places = places
        *self._before, self._last = _around(base.form, [place.span for place in places])
        self._holes = holes(self.paths)
        self._defaults = {place.path: lookup(base.redacted.config, place.path) for place in places}
        """What the base has there, as it may be written."""
        if places:
            self._lay_out()

    def _lay_out(self) -> None:
        """Cut the canonical encoding at the places; what stands before the first is hashed once for all."""
        self._order, spans = zip(*written_at(self.base.redacted.config, self._holes).items(), strict=True)
        first, *self._texts = _around(self.base.text, spans)
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

    def widened(self, form: bytes) -> "DeltaTemplate | None":
        """The template that has a place, too, wherever the config of this packed form differs, which it does.

        None where these would hold more than half of its own.
        """
        new: list[LeafSpan] = []
        size = 0
        for place in differing(self.base.tree, unpacked(form)):
            new.append(place)
            size += place.span.end - place.span.start
            if 2 * size > len(self.base.form):
                return None
        places = _outermost([*self._places, *new])
        if 2 * sum(place.span.end - place.span.start for place in places) > len(self.base.form):
            return None
        return DeltaTemplate(self.base, places)

    def substitution(self, path: Path, value: Tree) -> Substitution:
        """*value*, as it may be written, for one of the places."""
        return Substitution(value, encode(value), tuple(between(self._defaults[path], value, path)))

    def render(self, substitutions: list[Substitution]) -> Stored:
        """The config that has these at the places."""
        redacted = self.base.redacted
        if not substitutions:
            return redacted
        ordered = [substitutions[number] for number in self._order]
        rest = b"".join(
            [
                part
                for substitution, text in zip(ordered, self._texts, strict=True)
                for part in (substitution.text, text)
            ]
        )
        digest = self._hash.copy()
        digest.update(rest)
        changes = tuple([change for substitution in ordered for change in substitution.edits])
        config = _substituted(redacted.config, self._holes, substitutions)
        return Stored(digest.hexdigest(), config, self._size + len(rest), redacted.digest, changes)


def _around(written: bytes, spans: Sequence[Span]) -> list[bytes]:
    """What stands before, between and behind the spans."""
    starts, ends = [0, *(span.end for span in spans)], [*(span.start for span in spans), len(written)]
    return [written[start:end] for start, end in zip(starts, ends, strict=True)]


def _outermost(places: Iterable[LeafSpan]) -> list[LeafSpan]:
    """Each place once, in their order, and none that is inside of another one."""
    spans = dict(places)
    apart = [path for path in spans if not any(path[:length] in spans for length in range(len(path)))]
    return sorted((LeafSpan(path, spans[path]) for path in apart), key=lambda place: place.span)


def _substituted(tree: Any, holes: Holes, substitutions: list[Substitution]) -> Any:
    """A copy of *tree* with values in its holes; everything beside them is shared."""
    copy = tree.copy()
    for part, inner in holes.items():
        copy[part] = (
            substitutions[inner].value if isinstance(inner, int) else _substituted(tree[part], inner, substitutions)
        )
    return copy
