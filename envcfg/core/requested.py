"""What was asked for, beside what is held: a request names as much of a config as whoever asked cared about."""

import math
from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

from envcfg.core.diff import ABSENT, Absent, same
from envcfg.core.path import dotted
from envcfg.core.tree import Config, Path, Tree, leaves, lookup

_PRECISION: Final = 1e-6
"""Relative: an env may keep a number in single precision."""
_LIKE: Final = 0.6


def agrees(asked: Tree, held: Tree | Absent) -> bool:
    """Equal, or the same number: an env that is given 20 and keeps 20.0 did what it was asked."""
    if isinstance(held, Absent):
        return False
    if isinstance(asked, bool) or isinstance(held, bool):
        return asked is held
    if isinstance(asked, int | float) and isinstance(held, int | float):
        return same(asked, held) or _is_close(asked, held)
    return same(asked, held)


def _is_close(asked: float, held: float) -> bool:
    """A whole number that is larger than every float is close to none."""
    try:
        return math.isclose(asked, held, rel_tol=_PRECISION)
    except OverflowError:
        return False


def unmet(asked: Config, held: Config) -> frozenset[Path]:
    """The leaves of *asked* that *held* does not have, or has with another value."""
    return frozenset(path for path, value in leaves(asked) if path and not agrees(value, lookup(held, path, ABSENT)))


def nearest(path: Path, known: Collection[Path]) -> Path | None:
    """Of *known* places the one that was meant by *path*: the same key elsewhere, or one spelt alike."""
    by_text = {dotted(place): place for place in known}
    elsewhere = [place for place in known if place[-1:] == path[-1:]]
    if elsewhere:
        return min(elsewhere, key=len)
    found = get_close_matches(dotted(path), by_text, n=1, cutoff=_LIKE)
    if found:
        return by_text[found[0]]
    by_key = {str(place[-1]): place for place in known if place}
    found = get_close_matches(str(path[-1]) if path else "", by_key, n=1, cutoff=_LIKE)
    return by_key[found[0]] if found else None
