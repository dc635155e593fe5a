"""Reads attributes and calls functions of the user. An error becomes a marker, so that training goes on."""

import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from functools import reduce
from typing import Any, Final

from envcfg.core.selection import nearest
from envcfg.core.tree import Marker

_WARNED: Final[set[tuple[type, str]]] = set()
"""Names that were already reported, each with the class of its environment."""


def read(env: Any, name: str) -> Any:
    """Return the attribute of *env* with a dotted name such as `physics.gravity`, or a marker if it is unreadable."""
    return value_or_marker(lambda: reduce(part_of, name.split("."), env))


def part_of(value: Any, name: str) -> Any:
    """The item *name* of a mapping that has it, else the attribute."""
    return value[name] if isinstance(value, Mapping) and name in value else getattr(value, name)


def set_part(env: Any, name: str, value: Any) -> None:
    """Set the attribute or the item with a dotted name."""
    *path, last = name.split(".")
    owner = reduce(part_of, path, env)
    if isinstance(owner, MutableMapping):
        owner[last] = value
    else:
        setattr(owner, last, value)


def value_or_marker(function: Callable[..., Any], *args: Any) -> Any:
    """Call the user's *function*. If it raises, return a marker with the error, so that training goes on."""
    try:
        return function(*args)
    except Exception as error:  # noqa: BLE001  # an environment or a user's function may raise anything
        return Marker("unreadable", f"{type(error).__name__}: {error}")


def warn_missing(layers: Sequence[Any], name: str) -> None:
    """Warn on stderr that none of *layers* has the attribute, with the nearest names."""
    first, *rest = name.split(".")
    known: dict[str, None] = dict.fromkeys(one for layer in reversed(layers) for one in dir(layer))
    at = next((getattr(layer, first) for layer in reversed(layers) if first in dir(layer)), None)
    if at is None:
        _warn_no(layers, name, first, known)
        return
    for part in rest:
        names = list(map(str, at)) if isinstance(at, Mapping) else dir(at)
        if part not in names:
            _warn_no(layers, name, part, names)
            return
        at = part_of(at, part)


def warn_once(env: Any, name: str, sentence: str) -> None:
    """Write *sentence* about *name* on stderr, once for each class of environment."""
    if (type(env), name) not in _WARNED:
        _WARNED.add((type(env), name))
        sys.stderr.write(f"envcfg: {sentence} (training goes on; shown once)\n")


def _warn_no(layers: Sequence[Any], name: str, part: str, known: Iterable[str]) -> None:
    close = nearest(part, known)
    near = f"; the nearest: {', '.join(close)}" if close else ""
    problem = f"attributes: {type(layers[-1]).__name__} has no attribute {name}{near}"
    warn_once(layers[-1], name, problem)
