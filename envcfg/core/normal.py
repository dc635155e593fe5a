"""Converts any object that a trainer uses as a config to a config tree."""

import base64
import dataclasses
import datetime as dt
import decimal
import enum
import math
import pathlib
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from envcfg.core.code import Code, Coded
from envcfg.core.encoding import encode
from envcfg.core.errors import ConfigError
from envcfg.core.path import dotted
from envcfg.core.text import writable
from envcfg.core.tree import Config, Marker, Path, Tree
from envcfg.core.walk import SHALLOW, Walk

MAX_DEPTH = 64
MOST_OF_ARRAY = 10_000
"""The most values of an array that is recorded, such as a field of heights."""
_MOST_BITS = 13_950
_walk = Walk()

OnError = Callable[[Path, Coded], Tree]
"""Called for a leaf that cannot be recorded, with its path and the reason. It raises, or returns a replacement."""

openers: list[Callable[[Any, Path, OnError], Any]] = []
"""Functions that read a container of a library as a plain one. They give back any other object."""


def refuse(path: Path, reason: Coded) -> Tree:
    """Raise `ConfigError`, so that the config is not recorded at all."""
    raise ConfigError(f"{dotted(path) or 'config'}: {reason}", code=reason.code)


def normal(config: Any, on_error: OnError = refuse) -> Config:
    """The config tree of a mapping, dataclass, attrs object or pydantic model.

    Tuples become lists and keys become text. *on_error* is called for each leaf that cannot be recorded.
    """
    tree = _tree(config, (), on_error)
    if isinstance(tree, Marker) and tree.kind == "unreadable":
        raise ConfigError(f"config: {tree.value}", code=Code.NO_CONFIG)
    if not isinstance(tree, dict):
        raise ConfigError(
            f"a config cannot be of type {type(config).__name__}: expected a mapping, a dataclass, an attrs "
            "object or a pydantic model; put a single value into a dict, as in {'name': value}",
            code=Code.NO_CONFIG,
        )
    return tree


def dumped(config: Any) -> dict[Any, Any] | None:
    """The fields of a pydantic model; None for any other object, and for a model that raises."""
    try:
        is_other = isinstance(config, Mapping | type) or _declared(config) is not None
        fields = None if is_other else _modelled(config)
    except Exception:  # noqa: BLE001  # a user's object may raise anything
        return None
    return fields if type(fields) is dict else None


def plain_value(value: Any, at: Path, on_error: OnError = refuse) -> Tree:
    """The tree of one value at the path *at*. *on_error* is called for what cannot be recorded."""
    return _tree(value, at, on_error)


def is_container(value: Any) -> bool:
    """Whether *value* contains other values, of any type. Text does not."""
    if isinstance(value, str | bytes | bytearray | memoryview | range):
        return False
    is_plain = isinstance(value, Mapping | Sequence | AbstractSet)
    return is_plain or _declared(value) is not None or callable(getattr(value, "model_dump", None))


def _tree(value: Any, at: Path, on_error: OnError) -> Tree:
    kind = type(value)
    if kind is str:
        return writable(value)
    if kind in (int, float, bool) or value is None:
        return _number(value, at, on_error) if kind is int else value
    if len(at) > MAX_DEPTH:
        return on_error(at[:8], Coded(f"nested more than {MAX_DEPTH} levels deep", Code.CONFIG_DEPTH))
    if len(at) < SHALLOW:
        return _opened(value, kind, at, on_error)
    reason = _walk.enter(value)
    if reason is not None:
        return on_error(at[:8], reason)
    try:
        return _opened(value, kind, at, on_error)
    finally:
        _walk.leave(value)


def _opened(value: Any, kind: type, at: Path, on_error: OnError) -> Tree:
    """The tree of a value that may contain others."""
    if kind is dict:
        return _mapping(value, at, on_error)
    if kind in (list, tuple):
        return [_tree(inner, (*at, index), on_error) for index, inner in enumerate(value)]
    try:
        return _object(value, at, on_error)
    except ConfigError:
        raise
    except Exception as error:  # noqa: BLE001  # a user's object may raise anything, at any attribute
        said = f"raises {type(error).__name__} when it is read{_detail(error)}"
        return on_error(at, Coded(said, Code.CONFIG_RAISES))


def _number(value: int, at: Path, on_error: OnError) -> Tree:
    """*value*, unless it is very long: Python needs quadratic time to convert a long integer to text and back."""
    if value.bit_length() <= _MOST_BITS:
        return value
    return on_error(
        at,
        Coded("cannot record a whole number of more than 4,200 digits; convert it to text first", Code.CONFIG_NUMBER),
    )


def _detail(error: Exception) -> str:
    try:
        lines = str(error).splitlines()
    except Exception:  # noqa: BLE001  # a user's exception may raise anything
        lines = []
    return writable(f": {lines[0]}") if lines else ""


def _mapping(value: Mapping[Any, Any], at: Path, on_error: OnError) -> Tree:
    tree: Config = {}
    for key, inner in value.items():
        name = writable(key) if type(key) is str else _key(key)
        if name in tree:
            said = f"two keys of this mapping are both written {name!r}: rename one"
            tree[name] = on_error((*at, name), Coded(said, Code.CONFIG_KEYS))
        else:
            tree[name] = _tree(inner, (*at, name), on_error)
    return tree


def _key(key: Any) -> str:
    try:
        return writable(key.name if isinstance(key, enum.Enum) else str(key))
    except Exception:  # noqa: BLE001  # a user's object may raise anything
        return f"<{type(key).__qualname__}>"


def _object(value: Any, at: Path, on_error: OnError) -> Tree:
    """The tree of any value that is not a plain JSON value. The most specific types are tried first."""
    marker = _marker(value, at, on_error)
    if marker is not None:
        return marker
    for opened in openers:
        if (inside := opened(value, at, on_error)) is not value:
            return _tree(inside, at, on_error)
    for plain in (str, int, float):
        if isinstance(value, plain):
            return _tree(plain(value), at, on_error)
    if hasattr(value, "dtype") and hasattr(value, "tolist"):  # numpy scalars and arrays, torch tensors
        return _array(value, at, on_error)
    fields = _fields(value)
    if fields is not None:
        return _mapping(fields, at, on_error)
    if isinstance(value, Sequence):
        return [_tree(inner, (*at, index), on_error) for index, inner in enumerate(value)]
    what = (
        "a function"
        if callable(value) and not isinstance(value, type)
        else f"an object of type {type(value).__qualname__}"
    )
    said = f"cannot record {what}; convert it to a number, a string, a list or a dict first"
    return on_error(at, Coded(said, Code.CONFIG_TYPE))


def _array(value: Any, at: Path, on_error: OnError) -> Tree:
    """The values of an array, unless there are too many: each of them is a leaf."""
    shape = tuple(getattr(value, "shape", ()))
    if math.prod(shape) <= MOST_OF_ARRAY:
        return _tree(value.tolist(), at, on_error)
    said = (
        f"cannot record an array of {math.prod(shape):,} values (at most {MOST_OF_ARRAY:,}); record what it is made "
        "from, such as a level, a seed or a file name"
    )
    return on_error(at, Coded(said, Code.CONFIG_TYPE))


def _fields(value: Any) -> Mapping[Any, Any] | None:
    """The fields of an object that can be read as a mapping; None for any other object."""
    if isinstance(value, Mapping):
        return value
    if isinstance(value, type):
        return None
    names = _declared(value)
    return _modelled(value) if names is None else {name: getattr(value, name) for name in names}


def _declared(value: Any) -> list[str] | None:
    """The field names of a dataclass or an attrs object; None for any other object."""
    if dataclasses.is_dataclass(value):
        return [field.name for field in dataclasses.fields(value)]
    attributes = getattr(type(value), "__attrs_attrs__", None)
    return None if attributes is None else [attribute.name for attribute in attributes]


def _modelled(value: Any) -> Mapping[Any, Any] | None:
    """The fields of a pydantic model, as JSON values; None for any other object."""
    if not callable(getattr(value, "model_dump", None)):
        return None
    fields = value.model_dump(mode="json")
    return fields if isinstance(fields, Mapping) else None


def _marker(value: Any, at: Path, on_error: OnError) -> Tree:
    """The marker for a value of a type that JSON cannot express; None for any other value."""
    match value:
        case Marker():
            return value
        case enum.Enum():
            return Marker("enum", writable(f"{type(value).__qualname__}.{value.name}"))
        case bytes() | bytearray() | memoryview():
            return Marker("bytes", base64.b64encode(bytes(value)).decode("ascii"))
        case pathlib.PurePath():
            return Marker("path", writable(value.as_posix()))
        case range():
            return Marker("range", [value.start, value.stop, value.step])
        case dt.datetime() | dt.date() | dt.time():
            return Marker("time", value.isoformat())
        case dt.timedelta():
            return Marker("time", f"PT{value.total_seconds()}S")
        case decimal.Decimal():
            return Marker("decimal", str(value))
        case complex():
            return Marker("complex", [value.real, value.imag])
        case AbstractSet():
            members = [_tree(member, at, on_error) for member in value]
            return Marker("set", sorted(members, key=encode))
        case _:
            return None
