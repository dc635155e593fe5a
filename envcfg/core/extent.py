"""How many values a config may have. Readers name every value by its path, so the lengths of all paths count."""

import re
from typing import Final

from envcfg.core.code import Code
from envcfg.core.errors import ConfigError
from envcfg.core.tree import Marker, Tree

MAX_KEYS: Final = 1_000_000
"""The most keys and list positions in the paths of all values of a config together."""
KEYS_PER_BYTE: Final = 35
"""The most of them for each byte that is recorded: a value takes two bytes, and its path has at most 70 keys."""

_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"')


def keys_in(tree: Tree) -> int:
    """The lengths of the paths of all values together. Counting stops soon after `MAX_KEYS`.

    A subtree that occurs twice counts twice.
    """
    total, depth, level = 0, 0, [tree]
    while level:
        below: list[Tree] = []
        for node in level:
            inner = _inside(node)
            below += inner
            total += 0 if inner else depth
            if total + len(below) > MAX_KEYS:
                return total + len(below)
        depth, level = depth + 1, below
    return total


def check_extent(tree: Tree, encoded: bytes) -> None:
    """Raise `ConfigError` if *tree*, with the canonical encoding *encoded*, has more than `MAX_KEYS` keys."""
    values, containers = encoded.count(b",") + 1, encoded.count(b"{") + encoded.count(b"[")
    if values * containers > MAX_KEYS:  # otherwise the tree need not be looked at
        check_keys(tree)


def check_keys(tree: Tree) -> None:
    """Raise `ConfigError` if *tree* has more than `MAX_KEYS` keys."""
    if keys_in(tree) > MAX_KEYS:
        raise _too_many()


def check_written_extent(written: bytes) -> None:
    """Raise `ConfigError` if *written* has too many commas between values, so that it need not be decoded."""
    if written.count(b",") > MAX_KEYS and _TEXT.sub(b"", written).count(b",") > MAX_KEYS:
        raise _too_many()


def _too_many() -> ConfigError:
    said = f"a config with too many values: expected at most {MAX_KEYS:,} keys and positions in all paths together"
    return ConfigError(said, code=Code.CONFIG_SIZE)


def _inside(node: Tree) -> list[Tree]:
    if isinstance(node, dict):
        return list(node.values())
    if isinstance(node, Marker):
        return [node.value]
    return node if isinstance(node, list) else []
