"""Compares a request with the config that a slot uses. A request may name only some leaves of a config."""

import math
from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

from envcfg.core.diff import ABSENT, Absent, same
from envcfg.core.path import dotted
from envcfg.core.tree import Config, Path, Tree, leaves, lookup

_PRECISION: Final = 1e-6
"""Relative tolerance, since an env may keep a number in single precision."""
_LIKE: Final = 0.6


def agrees(asked: Tree, held: Tree | Absent) -> bool:
    """Whether two values are equal, or are the same number: an env that keeps 20.0 for 20 did what was asked."""
    if isinstance(held, Absent):
        return False
    if isinstance(asked, bool) or isinstance(held, bool):
        return asked is held
    if isinstance(asked, int | float) and isinstance(held, int | float):
        return same(asked, held) or _is_close(asked, held)
    return same(asked, held)


def _is_close(asked: float, held: float) -> bool:
    """Whether two numbers are close. A whole number beyond the range of floats is close to no other number."""
    try:
        return math.isclose(asked, held, rel_tol=_PRECISION)
    except OverflowError:
        return False


def unmet(asked: Config, held: Config) -> frozenset[Path]:
    """The leaves of *asked* that *held* lacks, or has with another value."""
    return frozenset(path for path, value in leaves(asked) if path and not agrees(value, lookup(held, path, ABSENT)))


def nearest(path: Path, known: Collection[Path]) -> Path | None:
    """The path in *known* that was probably meant by *path*: the same key elsewhere, or a similar spelling."""
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
