"""Reads the arrays of a program out of its own containers: mappings, named tuples, dataclasses, and pytrees of JAX."""

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from envcfg.core.errors import ConfigError

Place: TypeAlias = tuple[str, ...]

_SINGLE: Final = (bool, int, float, str, type(None))


class Columns(NamedTuple):
    """The arrays of a program by their places, and what belongs to the base: static fields and single numbers."""

    leaves: dict[Place, Any]
    shared: dict[Place, Any]


class ColumnReader:
    """Reads columns. It says once which random keys it leaves out."""

    def __init__(self) -> None:
        self._said: set[Place] = set()

    def __call__(self, columns: Any) -> Columns:
        """The arrays in *columns*. Raises `ConfigError` for what has more than one meaning."""
        found = Columns({}, {})
        for place, value, is_static in _parts(columns, ()):
            if is_static or isinstance(value, _SINGLE) or getattr(value, "shape", None) == ():
                found.shared[place] = value
            elif _is_random_key(value):
                self._say(place)
            else:
                found.leaves[place] = value
        return found

    def _say(self, place: Place) -> None:
        if place not in self._said:
            self._said.add(place)
            sys.stderr.write(f"envcfg: {'.'.join(place)} is a random key of JAX, and is not recorded (shown once)\n")


def _parts(value: Any, at: Place) -> Iterator[tuple[Place, Any, bool]]:
    """Each leaf with its place, and whether it is a static field."""
    if hasattr(value, "shape"):  # the most frequent case
        _refuse_traced(value, at)
        yield at, value, False
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _parts(inner, (*at, str(name)))
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        for name in getattr(value, "_fields", ()):
            yield from _parts(getattr(value, name), (*at, name))
    elif dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            if each.metadata.get("pytree_node", True):
                yield from _parts(getattr(value, each.name), (*at, each.name))
            else:
                yield (*at, each.name), getattr(value, each.name), True
    else:
        yield from _others(value, at)


def _others(value: Any, at: Place) -> Iterator[tuple[Place, Any, bool]]:
    """The leaves of a sequence, or of a class that is registered with JAX."""
    if isinstance(value, list | tuple):
        if any(hasattr(each, "shape") and each.shape != () for each in value):
            name = ".".join(at) or "columns"
            raise ConfigError(
                f"{name} is a {type(value).__name__} of arrays, which could be slots or parameters: write "
                f"np.stack({name}) if each array is one slot, or a dict if each array is one parameter"
            )
        yield at, value, False
        return
    children = _children(value)
    if children is None:
        yield at, value, False
    for name, inner in children or ():
        yield from _parts(inner, (*at, name))


def _children(value: Any) -> list[tuple[str, Any]] | None:
    """The named parts of a class that is registered with JAX; None for any other value."""
    jax = sys.modules.get("jax")
    if jax is None or isinstance(value, _SINGLE):
        return None
    flat, _ = jax.tree_util.tree_flatten_with_path(value, is_leaf=lambda part: part is not value)
    return None if any(not path for path, _ in flat) else [(_name(path[-1]), part) for path, part in flat]


def _name(key: Any) -> str:
    return str(next(getattr(key, name) for name in ("name", "key", "idx") if hasattr(key, name)))


def _is_of_jax(value: Any) -> bool:
    return type(value).__module__.startswith("jax")


def _is_random_key(value: Any) -> bool:
    return _is_of_jax(value) and str(value.dtype).startswith("key<")


def _refuse_traced(value: Any, at: Place) -> None:
    if _is_of_jax(value) and isinstance(value, sys.modules["jax"].core.Tracer):
        raise ConfigError(
            f"{'.'.join(at)} has no value while JAX compiles the program: return it from the compiled function and "
            "record it outside, or write jax.experimental.io_callback(record, None, columns), where record is a "
            "function that calls the tracker"
        )
