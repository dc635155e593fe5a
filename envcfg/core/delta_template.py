"""Encodes a config as a base config plus the few values that differ.

Many configs of a run differ in a few places only. Encoding one more of them costs time for those values, not for the
whole config.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

from msgspec import Struct

from envcfg.core.diff import Edit, between
from envcfg.core.encoding import DIGEST_SIZE, encode
from envcfg.core.extent import KEYS_PER_BYTE, MAX_KEYS, check_keys, keys_in
from envcfg.core.layout import Holes, LeafSpan, Span, differing, holes, written_at
from envcfg.core.packed import end_of, unpacked
from envcfg.core.record import Stored
from envcfg.core.tree import Config, Path, Tree, lookup


@dataclass(frozen=True)
class Base:
    """The config that the others are compared with."""

    tree: Config
    form: bytes
    """The packed form of *tree*."""
    redacted: Stored
    """The same config without secrets."""

    @cached_property
    def text(self) -> bytes:
        """The canonical encoding of the redacted config."""
        return encode(self.redacted.config)


class Substitution(Struct, frozen=True):
    """A value for one place of a template."""

    value: Tree
    """The value without secrets."""
    text: bytes
    """The canonical encoding of *value*."""
    edits: tuple[Edit, ...]
    """The differences from the value in the base."""


class DeltaTemplate:
    """A base config, and the places where other configs differ from it."""

    def __init__(self, base: Base, places: Sequence[LeafSpan] = ()) -> None:
        """*places* are in the order of the packed form. No place is inside another one."""
        self.base = base
        self.paths = [place.path for place in places]
        self._places = places
        *self._before, self._last = _around(base.form, [place.span for place in places])
        self._holes = holes(self.paths)
        self._defaults = {place.path: lookup(base.redacted.config, place.path) for place in places}
        """The redacted value of the base at each place."""
        if places:
            self._lay_out()

    def _lay_out(self) -> None:
        """Cut the canonical encoding at the places, and hash the part before the first place once."""
        self._order, spans = zip(*written_at(self.base.redacted.config, self._holes).items(), strict=True)
        first, *self._texts = _around(self.base.text, spans)
        self._room = MAX_KEYS - keys_in(self.base.redacted.config)
        self._hash, self._size = blake2b(first, digest_size=DIGEST_SIZE), len(first)

    def values_at_places(self, form: bytes) -> list[bytes] | None:
        """The packed value at each place of a config; None if the config also differs elsewhere.

        *form* is the packed form of the config. The bytes before each place must be those of the base, so no place has
        to be searched for. Raises `ValueError` if *form* contains a `bytes` value.
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
        """A template with more places: wherever the config with this packed form differs from the base.

        The config must differ from the base. None if the places would cover more than half of the base.
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
        """The substitution that puts the redacted *value* at the place *path*."""
        return Substitution(value, encode(value), tuple(between(self._defaults[path], value, path)))

    def render(self, substitutions: list[Substitution]) -> Stored:
        """The config with one of *substitutions* at each place."""
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
        edits = tuple([edit for substitution in ordered for edit in substitution.edits])
        config = _substituted(redacted.config, self._holes, substitutions)
        if sum([len(substitution.text) for substitution in ordered]) * KEYS_PER_BYTE > self._room:
            check_keys(config)
        return Stored(digest.hexdigest(), config, self._size + len(rest), redacted.digest, edits)


def _around(written: bytes, spans: Sequence[Span]) -> list[bytes]:
    """The parts of *written* before, between and after the spans."""
    starts, ends = [0, *(span.end for span in spans)], [*(span.start for span in spans), len(written)]
    return [written[start:end] for start, end in zip(starts, ends, strict=True)]


def _outermost(places: Iterable[LeafSpan]) -> list[LeafSpan]:
    """Each place once, in order, without those that are inside another one."""
    spans = dict(places)
    apart = [path for path in spans if not any(path[:length] in spans for length in range(len(path)))]
    return sorted((LeafSpan(path, spans[path]) for path in apart), key=lambda place: place.span)


def _substituted(tree: Any, holes: Holes, substitutions: list[Substitution]) -> Any:
    """A copy of *tree* with values in its holes. The copy shares everything else with *tree*."""
    copy = tree.copy()
    for part, inner in holes.items():
        copy[part] = (
            substitutions[inner].value if isinstance(inner, int) else _substituted(tree[part], inner, substitutions)
        )
    return copy
