"""Messages for a selector that matches nothing, with the same rule in every command, table and figure.

A message names the selector and the nearest names. The message is an error if nothing else is left to show, and a
warning otherwise.
"""

import warnings
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from envcfg.core.errors import SelectionWarning, SourceError
from envcfg.core.path import dotted, matches
from envcfg.core.tree import Config, Path, leaves

_NEAR: Final = 3
"""The most near names that a message lists."""
_SOME: Final = 8
"""The most names that a message lists if none is near."""
_LIKE: Final = 0.6


def warn(sentence: str) -> None:
    """Warn with *sentence*. The command line prints it on stderr as one line."""
    warnings.warn(sentence, SelectionWarning, stacklevel=3)


def warn_or_raise(sentences: Sequence[str], *, is_anything_left: bool) -> None:
    """Warn with each of *sentences*; if nothing is left to show, raise `SourceError` with all of them."""
    if sentences and not is_anything_left:
        raise SourceError("; ".join(sentences))
    for sentence in sentences:
        warnings.warn(sentence, SelectionWarning, stacklevel=3)


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The names in *known* whose spelling, whole or last part, is most similar to *name*; best first."""
    by_spelling: dict[str, str] = {}
    for one in dict.fromkeys(known):
        by_spelling.setdefault(one.lower(), one)
        by_spelling.setdefault(one.replace("/", ".").rpartition(".")[2].lower(), one)
    close = get_close_matches(name.lower(), by_spelling, n=2 * _NEAR, cutoff=_LIKE)
    return list(dict.fromkeys(by_spelling[one] for one in close))[:_NEAR]


def near_text(name: str, known: Iterable[str]) -> str:
    """The end of a message about *name*: `; the nearest name is max_steps`, or the first few of *known*."""
    names = list(dict.fromkeys(known))
    close = nearest(name, names)
    if close:
        return f"; the nearest {'name is' if len(close) == 1 else 'names are'} {', '.join(close)}"
    more = f" and {len(names) - _SOME:,} more" if len(names) > _SOME else ""
    return f"; there is {', '.join(names[:_SOME])}{more}" if names else "; there is none"


def unmatched_keys(globs: Iterable[str], configs: Iterable[Config], where: str) -> list[str]:
    """A message for each of *globs* that matches no leaf of any config; it begins with *where*, such as `no config`."""
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
    """The end of the message. If *glob* names an object, it suggests the glob for its leaves, as in `rewards.*`."""
    objects = dict.fromkeys(dotted(path[:end]) for path in known for end in range(1, len(path)))
    below = [name for name in objects if glob in (name, name.rpartition(".")[2])]
    if below:
        return f"; the keys below it are {below[0]}.*"
    return near_text(glob, (dotted(path) for path in known if path))
