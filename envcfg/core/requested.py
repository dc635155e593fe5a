"""Compares a request with the config that a slot uses. A request may name only some leaves of a config."""

from collections.abc import Collection
from difflib import get_close_matches
from typing import Final

from envcfg.core.agreement import agrees
from envcfg.core.diff import ABSENT
from envcfg.core.path import dotted
from envcfg.core.tree import Config, Path, leaves, lookup

_LIKE: Final = 0.6


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
