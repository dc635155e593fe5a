"""What is selected by name: one rule for a selector that matches nothing, in every command, table and figure.

A selector that matches nothing is told in a sentence, with the nearest names. The sentence is an error where nothing
else is left to show, and a warning where something is.
"""

import warnings
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from envcfg.core.errors import SelectionWarning, SourceError
from envcfg.core.path import dotted, matches
from envcfg.core.tree import Config, Path, leaves

_NEAR: Final = 3
"""Near names that a sentence lists."""
_SOME: Final = 8
"""Names that a sentence lists where none is near."""
_LIKE: Final = 0.6


def told(sentence: str) -> None:
    """Warn with *sentence*; the command line prints it on stderr as one line."""
    warnings.warn(sentence, SelectionWarning, stacklevel=3)


def judged(sentences: Sequence[str], *, is_anything_left: bool) -> None:
    """Warn with each of *sentences*; raises `SourceError` with all of them where nothing is left to show."""
    if sentences and not is_anything_left:
        raise SourceError("; ".join(sentences))
    for sentence in sentences:
        warnings.warn(sentence, SelectionWarning, stacklevel=3)


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Those of *known* that are spelt most like *name*, as a whole or in their last part; best first."""
    by_spelling: dict[str, str] = {}
    for one in dict.fromkeys(known):
        by_spelling.setdefault(one.lower(), one)
        by_spelling.setdefault(one.replace("/", ".").rpartition(".")[2].lower(), one)
    close = get_close_matches(name.lower(), by_spelling, n=2 * _NEAR, cutoff=_LIKE)
    return list(dict.fromkeys(by_spelling[one] for one in close))[:_NEAR]


def near_text(name: str, known: Iterable[str]) -> str:
    """`; the nearest name is max_steps`, or the first of what there is: the end of a sentence about *name*."""
    names = list(dict.fromkeys(known))
    close = nearest(name, names)
    if close:
        return f"; the nearest {'name is' if len(close) == 1 else 'names are'} {', '.join(close)}"
    more = f" and {len(names) - _SOME:,} more" if len(names) > _SOME else ""
    return f"; there is {', '.join(names[:_SOME])}{more}" if names else "; there is none"


def unmatched_keys(globs: Iterable[str], configs: Iterable[Config], where: str) -> list[str]:
    """A sentence for each of *globs* that names no leaf of any of *configs*; it begins with *where*, `no config`."""
    wanted = list(dict.fromkeys(globs))
    seen: dict[Path, None] = {}
    for config in configs:
        fresh = [path for path, _ in leaves(config) if path not in seen]
        wanted = [glob for glob in wanted if not any(matches(path, glob) for path in fresh)]
        if not wanted:
            return []
        seen |= dict.fromkeys(fresh)
    return [f"{where} has a key {glob}{_near_key(glob, seen)}" for glob in wanted]


def _near_key(glob: str, known: Iterable[Path]) -> str:
    """An object is no leaf: what selects its leaves is `rewards.*`."""
    objects = dict.fromkeys(dotted(path[:end]) for path in known for end in range(1, len(path)))
    below = [name for name in objects if glob in (name, name.rpartition(".")[2])]
    if below:
        return f"; the keys below it are {below[0]}.*"
    return near_text(glob, (dotted(path) for path in known if path))
