"""A config tree -> the plain Python values it was recorded from, so that an environment can be built of it again."""

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
    """*config* with bytes, complex numbers, decimals, paths, ranges, sets and times in the place of their markers.

    A list may have been a tuple, and a path is a pure POSIX one. What only its own program can make again (an enum
    member) or nobody can (a redacted value) stays a `Marker`. `normal` gives *config* back.
    """
    return {key: _value(tree) for key, tree in config.items()}


def _value(tree: Tree) -> Any:
    if isinstance(tree, dict):
        return plain(tree)
    if isinstance(tree, list):
        return [_value(inner) for inner in tree]
    return _marked(tree) if isinstance(tree, Marker) else tree


def _marked(marker: Marker) -> Any:
    """The value of a marker; the marker itself where the value would not be written as the same one."""
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
    """A member of a set can be hashed: a list in it was a tuple."""
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
