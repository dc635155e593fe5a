"""Keys that a change added and that no earlier config had: a new parameter, or a misspelt one."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from envcfg.core.tree import Path, Tree
from envcfg.history.recording import Recording

_LIKE: Final = 0.8


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that a change added."""

    path: Path
    """The path without list positions."""
    number: int
    """The number of the change."""
    step: int
    meant: Path | None
    """A key beside it with a similar spelling, if there is one. Keys that differ only in digits are not similar."""


def new_keys(history: Recording) -> tuple[NewKey, ...]:
    """The keys that changes added, in order. A new object counts as one key. Initial configs add no keys."""
    found: list[NewKey] = []
    known, seen = set[Path](), set[tuple[int, Path]]()
    walked = set[str]()
    for change in history.changes.with_initial:
        if change.config in walked or change.config not in history.configs:
            continue
        walked.add(change.config)
        keys = set(_keys(history.configs[change.config], (), known, seen))
        if keys and not change.is_initial:
            before = known - keys
            top = sorted((path for path in keys if path[:-1] not in keys), key=str)
            found += [NewKey(path, change.number, change.step, _meant(path, before)) for path in top]
    return tuple(found)


def _keys(tree: Tree, at: Path, known: set[Path], seen: set[tuple[int, Path]]) -> Iterator[Path]:
    """The paths in *tree*, without list positions, that are not yet *known*; they are added to *known*.

    A subtree that was *seen* at the same path is skipped.
    """
    if not isinstance(tree, dict | list) or (id(tree), at) in seen:
        return
    seen.add((id(tree), at))
    for key, value in tree.items() if isinstance(tree, dict) else ((None, value) for value in tree):
        place = at if key is None else (*at, key)
        if place not in known and key is not None:
            known.add(place)
            yield place
        yield from _keys(value, place, known, seen)


def _meant(path: Path, known: set[Path]) -> Path | None:
    name, beside = str(path[-1]), {str(place[-1]): place for place in known if place and place[:-1] == path[:-1]}
    like = [key for key in get_close_matches(name, beside, n=3, cutoff=_LIKE) if _letters(key) != _letters(name)]
    return beside[like[0]] if like else None


def _letters(name: str) -> str:
    return "".join(char for char in name if not char.isdigit())
