"""What a key says about its value: a secret by its name, or a word that is one only now and then."""

import re
from functools import lru_cache
from typing import Final

from envcfg.core.tree import Tree

SHORTEST_NUMBER: Final = 8
"""Digits from which a number may be a secret."""

_SECRET: Final = re.compile(
    r"(?i)(^|[_\-.])(pass(word|wd|phrase)?|secrets?|(auth|access|api|bearer|refresh)[_\-]?tokens?"
    r"|api[_\-]?keys?|private[_\-]?keys?|access[_\-]?keys?|credentials?|authorization)($|[_\-.])|^token$"
)
_TOKEN: Final = re.compile(r"(?i)(^|[_\-.])token($|[_\-.])")
"""Of access, or of an observation or a text: `pad_token: 0`, `use_cls_token: true` are no secrets."""


def hides(key: str, value: Tree) -> bool:
    """Whether *key* names a secret that *value* can be."""
    return is_secret(key) or (is_token(key) and not _is_short_number(value))


@lru_cache(maxsize=4096)
def is_named(key: str) -> bool:
    """Whether *key* may name a secret, whatever its value."""
    return is_secret(key) or is_token(key)


@lru_cache(maxsize=4096)
def is_secret(key: str) -> bool:
    return _SECRET.search(key) is not None


@lru_cache(maxsize=4096)
def is_token(key: str) -> bool:
    return _TOKEN.search(key) is not None


def _is_short_number(value: Tree) -> bool:
    return isinstance(value, int | float) and len(str(value)) < SHORTEST_NUMBER
