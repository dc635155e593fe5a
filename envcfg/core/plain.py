"""Converts a config tree back to Python values, so that an environment can be built from it."""

import base64
import datetime as dt
import decimal
import pathlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from envcfg.core.diff import same
from envcfg.core.errors import ConfigError
from envcfg.core.normal import normal
from envcfg.core.tree import Config, Marker, Tree

_DURATION: Final = "PT"


def plain(config: Config) -> dict[str, Any]:
    """*config* with markers replaced by values: bytes, complex numbers, decimals, paths, ranges, sets and times.

    A tuple comes back as a list, and a path as a pure POSIX path. An enum member and a redacted value stay a `Marker`.
    `normal` turns the result into *config* again.
    """
    return {key: _value(tree) for key, tree in config.items()}


def _value(tree: Tree) -> Any:
    if isinstance(tree, dict):
        return plain(tree)
    if isinstance(tree, list):
        return [_value(inner) for inner in tree]
    return _marked(tree) if isinstance(tree, Marker) else tree


def _marked(marker: Marker) -> Any:
    """The value of a marker; the marker itself if the value would not be recorded as the same marker."""
    make = _MAKERS.get(marker.kind)
    if make is None:
        return marker
    try:
        value = make(marker.value)
        return value if same(normal({"": value})[""], marker) else marker
    except (ArithmeticError, ConfigError, TypeError, ValueError):
        return marker


def _time(payload: Any) -> dt.date | dt.time | dt.timedelta:
    text = str(payload)
    if text.startswith(_DURATION):
        return dt.timedelta(seconds=float(text.removeprefix(_DURATION).removesuffix("S")))
    if "T" in text:
        return dt.datetime.fromisoformat(text)
    return dt.date.fromisoformat(text) if "-" in text[:5] else dt.time.fromisoformat(text)


def _member(value: Any) -> Any:
    """A hashable member of a set: lists become tuples again."""
    return tuple(map(_member, value)) if isinstance(value, list) else value


_MAKERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "bytes": lambda text: base64.b64decode(text, validate=True),
    "complex": lambda parts: complex(*parts),
    "decimal": decimal.Decimal,
    "path": pathlib.PurePosixPath,
    "range": lambda bounds: range(*bounds),
    "set": lambda members: {_member(_value(member)) for member in members},
    "time": _time,
}
