"""Decides by the name of a key, and by the kind of its value, whether the value is a secret."""

import re
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from envcfg.core.tree import Marker, Tree

SHORTEST_NUMBER: Final = 8
"""A number with fewer digits is not taken for an access token."""
_SHORTEST_PIN: Final = 4

Kind: TypeAlias = Literal["secret", "about", "token"] | None
"""`secret`: a secret's name. `about`: a name that contains one, such as `password_db`. `token`: an access token or a
token of a text."""

_NOUN: Final = (
    r"pass(?:word|wd|phrase|code)?s?|(?:auth|access|api|bearer|refresh|session)_?tokens?|credentials?"
    r"|(?:api|private|access|secret|signing|encryption)_?keys?|authorization"
)
_SECRET: Final = re.compile(rf"(?:^|_)(?:{_NOUN}|secrets?)(?:_(?:value|hash|string|text|base|id|\d+))*$|^token$")
_ABOUT: Final = re.compile(rf"(?:^|_)(?:{_NOUN})_(?:.*_)?(?P<last>[a-z0-9]+)$")
_WORDS: Final = re.compile(r"pass|token|credential|key|authorization|secret")
"""A quick check: every name that the patterns below match contains one of these words."""
_PROPERTIES: Final = frozenset(
    (
        *("bonus", "chars", "charset", "column", "count", "dim", "dims", "dir", "door", "enabled", "env", "field"),
        *("file", "index", "len", "length", "level", "max", "min", "mode", "name", "names", "num", "path", "penalty"),
        *("policy", "pos", "position", "prob", "probability", "rate", "required", "reward", "room", "size", "steps"),
        *("type", "url", "var"),
    )
)
"""Last words of names that describe a secret but do not contain it: `password_length`, `api_key_file`."""
_COUNT: Final = re.compile(r"^(?:num|n|max|min|total|count|of)_")
_TOKEN: Final = re.compile(
    r"(?<!pad)(?<!eos)(?<!bos)(?<!cls)(?<!sep)(?<!unk)(?<!mask)(?<!start)(?<!begin)(?<!end)(?<!stop)(?<!special)"
    r"(?:^|_)token(?:_(?:value|id|read|write|main|prod|dev|\d+))*$"
)
"""An access token; not a token of a text, such as `pad_token`."""
_VOCABULARY: Final = re.compile(r"[<\[{(|].*[>\]})|]|.*\s.*", re.DOTALL)
"""Tokens of a text: `[PAD]`, `<|endoftext|>`, a line end."""


def hides(key: str, value: Tree) -> bool:
    """Whether *key* names a secret and *value* can be one. A bool cannot; nor can `0` under `pad_token`."""
    kind = _kind(key)
    if kind is None or type(value) is bool or value in (None, ""):
        return False
    if isinstance(value, int | float):
        shortest = {"secret": _SHORTEST_PIN, "token": SHORTEST_NUMBER}.get(kind)
        return shortest is not None and _digits(value) >= shortest and _COUNT.search(key) is None
    if kind == "token" and type(value) is str:
        return _VOCABULARY.fullmatch(value) is None
    return kind != "about" or not isinstance(value, Marker)


def is_named(key: str) -> bool:
    """Whether *key* may name a secret, whatever its value."""
    return _kind(key) is not None


def _digits(number: float) -> int:
    """The number of digits in the text of a number, without sign, point and the `e` of an exponent."""
    return sum(map(str.isdigit, str(number)))


@lru_cache(maxsize=4096)
def _kind(key: str) -> Kind:
    if _WORDS.search(key.lower()) is None:
        return None
    words = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower())
    if _SECRET.search(words):
        return "secret"
    about = _ABOUT.search(words)
    if about is not None:
        return None if about["last"] in _PROPERTIES else "about"
    return "token" if _TOKEN.search(words) else None
