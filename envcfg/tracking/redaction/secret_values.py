"""Finds secrets in a text: by their form, such as a token or a private key, or by the name before a value."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from envcfg.core.text import writable
from envcfg.tracking.redaction.secret_forms import ASSIGNMENT, FLAG, FORMS, TOKEN
from envcfg.tracking.redaction.secret_names import is_secret
from envcfg.tracking.redaction.secret_nouns import HINT

_SHORTEST: Final = 12
"""The least number of characters in a text of any of these forms."""
_SHORTEST_ASSIGNED: Final = 4
_DIGIT: Final = re.compile(r"\d")
_REMOVED: Final = "<redacted>"


def secret_kind(text: str) -> str | None:
    """The kind of secret that *text* contains; None if it contains none."""
    return next((kind for kind, _ in _found(text)), None)


def scrubbed(text: str, secrets: Iterable[str] = ()) -> str:
    """*text* without *secrets*, and without secrets of a known form."""
    for secret in secrets:
        text = text.replace(secret, _REMOVED)
    return _without(text, sorted(span for _, span in _found(text)))


def safe_text(text: object) -> str:
    """*text* without secrets of a known form, and writable to any file."""
    return scrubbed(writable(str(text)))


def _found(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """The kind and the place of each secret in *text*. Places may overlap."""
    if len(text) < _SHORTEST:
        return
    lower = text.lower()
    for kind, sign, pattern in FORMS:
        if sign in lower:
            yield from ((kind, match.span()) for match in pattern.finditer(text))
    if _DIGIT.search(text):
        yield from (("token", match.span()) for match in TOKEN.finditer(text))
    if HINT.search(lower):
        yield from (("assignment", span) for span in _assigned(text))


def _assigned(text: str) -> Iterator[tuple[int, int]]:
    """The places of names of secrets with their values."""
    for pattern in (ASSIGNMENT, FLAG):
        for match in pattern.finditer(text):
            value = match["quoted"] or match["bare"]
            if len(value) >= _SHORTEST_ASSIGNED and not value.startswith(("${", "/")):
                number = int(value) if value.isdecimal() and len(value) < len(str(2**64)) else value
                if is_secret(match["name"].rpartition(".")[2], number):
                    yield match.span()


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """*text* with a mark in place of each of the sorted *spans*."""
    parts, at = [], 0
    for start, end in spans:
        if end > at:
            parts += [text[at:start], _REMOVED] if start >= at else []
            at = end
    return "".join([*parts, text[at:]])
