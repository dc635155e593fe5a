"""Decides by the name of a key, and by its value, whether the value is a secret.

Games have passwords, tokens, keys and cookies too. A *clear* name, such as `db_password`, hides every value. An
*ambiguous* name, such as `token`, hides only a value that is no plain word and no path: `token: gold` is recorded.
"""

import re
from base64 import b64decode
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from envcfg.core.tree import Marker, Tree
from envcfg.tracking.redaction.secret_nouns import ABOUT, AMBIGUOUS, CLEAR, COUNT, HINT, PROPERTIES, TEXT_TOKEN

NameKind: TypeAlias = Literal["clear", "ambiguous", "about"] | None
"""`about`: a name that contains a clear name and more, such as `password_db`."""

SHORTEST_NUMBER: Final = 8
"""A number with fewer digits under an ambiguous name is a setting."""
_SHORTEST_PIN: Final = 4

_DIRECT_WORDS: Final = 3
"""The most words in a text that is plain directly under an ambiguous name."""
_WORD: Final = r"(?:[A-Z]?[a-z]{1,12}|[A-Z]{1,12}|\d{1,3})"
_PLAIN: Final = re.compile(rf"{_WORD}(?:[ _\-.:/]{_WORD})*+")
_PATH: Final = re.compile(r"(?:~|\.{1,2})?/[^=+]*+|[A-Za-z]:\\.*+|\S*+\.(?:json|ya?ml|pem|txt|env|key|pub)")
_RANDOM: Final = re.compile(r"(?=[^\d]*+\d)(?=[^A-Za-z]*+[A-Za-z])[\w+/=.\-~]{12,}+")
"""A text without blanks that has both letters and digits."""
_VOCABULARY: Final = re.compile(r"[<\[{(|].*[>\]})|]|.*\s.*", re.DOTALL)
"""Tokens of a text: `[PAD]`, `<|endoftext|>`, a line end."""


def is_secret(key: str, value: Tree, *, is_direct: bool = True) -> bool:
    """Whether *key* names a secret and *value* can be one. A bool cannot; nor can `0` under `pad_token`.

    *is_direct* is false if *value* is deeper inside an object under *key*.
    """
    kind = _kind(key)
    if kind is None or type(value) is bool or value in (None, ""):
        return False
    if isinstance(value, int | float):
        if kind == "about" or (kind == "ambiguous" and not is_direct) or COUNT.search(key):
            return False
        return _digits(value) >= (_SHORTEST_PIN if kind == "clear" else SHORTEST_NUMBER)
    if kind == "clear":
        return not (_names_a_place(key) and type(value) is str and _PATH.fullmatch(value))
    if kind == "about":
        return not isinstance(value, Marker)
    return any(_is_unlikely_in_a_game(text, key, is_direct=is_direct) for text in _texts(value))


def may_name_secret(key: str) -> bool:
    """Whether *key* may name a secret, whatever its value."""
    return _kind(key) is not None


def _is_unlikely_in_a_game(text: str, key: str, *, is_direct: bool) -> bool:
    """Whether a text under an ambiguous name counts as a secret."""
    if not is_direct:
        return _RANDOM.fullmatch(text) is not None and _PLAIN.fullmatch(text) is None
    if "token" in key.lower() and _VOCABULARY.fullmatch(text):
        return False
    is_short = "/" in text or len(re.split(r"[ _\-.:]", text)) <= _DIRECT_WORDS
    is_plain = is_short and _PLAIN.fullmatch(text) is not None
    return not is_plain and _PATH.fullmatch(text) is None


def _texts(value: Tree) -> list[str]:
    """The texts in a value. Bytes are decoded."""
    if isinstance(value, Marker):
        content = value.value
        return [b64decode(str(content)).decode("utf-8", "replace")] if value.kind == "bytes" else _texts(content)
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    return [text for part in value for text in _texts(part)] if isinstance(value, list) else [str(value)]


def _digits(number: float) -> int:
    """The number of digits in the text of a number, without sign, point and the `e` of an exponent."""
    return sum(map(str.isdigit, str(number)))


@lru_cache(maxsize=4096)
def _kind(key: str) -> NameKind:
    if HINT.search(key.lower()) is None:
        return None
    name = _words(key)
    if CLEAR.search(name):
        return "clear"
    about = ABOUT.search(name)
    if about is not None:
        return None if {about["last"], about["last"].removesuffix("s")} & PROPERTIES else "about"
    return "ambiguous" if AMBIGUOUS.search(name) and TEXT_TOKEN.search(name) is None else None


def _words(key: str) -> str:
    """*key* in lower case, with `_` between its words: `OpenAIKey` is `open_ai_key`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", key)
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")


@lru_cache(maxsize=4096)
def _names_a_place(key: str) -> bool:
    """Whether a path under *key* is the place of a secret. The path itself is not a secret."""
    return re.search(r"cred|key|cert|conn", key.lower()) is not None
