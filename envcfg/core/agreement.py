"""Whether an environment holds the value that was asked for. It may keep the value in another type or precision."""

import math
import struct
from collections.abc import Callable
from typing import Final

from envcfg.core.diff import Absent, same
from envcfg.core.tree import Marker, Tree

_PRECISION: Final = 1e-6
"""Relative tolerance, since an env may keep a number in single precision."""
_UNKNOWN: Final = frozenset({"unreadable", "redacted", "unresolved"})
"""Markers of values that are not known."""


def agrees(asked: Tree, held: Tree | Absent) -> bool:
    """Whether two values are equal, or are the same value in another form.

    An env that keeps 20.0 or True for 20 or 1, a member of an enum for its name, or a number in half precision, did
    what was asked.
    """
    if isinstance(held, Absent):
        return False
    if isinstance(asked, int | float) and isinstance(held, int | float):
        return same(asked, held) or _is_close(asked, held) or (type(held) is float and is_rounded(asked, held))
    if isinstance(asked, Marker) != isinstance(held, Marker):
        return _is_named(asked, held) if isinstance(held, Marker) else _is_named(held, asked)
    return same(asked, held)


def is_known(held: Tree | Absent) -> bool:
    """Whether the value can be compared at all."""
    return not (isinstance(held, Marker) and held.kind in _UNKNOWN)


def is_rounded(asked: float, held: float) -> bool:
    """Whether *held* is *asked*, rounded to half precision (float16 or bfloat16)."""
    return any(_rounds(rounded, asked, held) for rounded in (_half, _bfloat))


def _rounds(rounded: Callable[[float], float], asked: float, held: float) -> bool:
    try:
        return rounded(asked) == held
    except (OverflowError, struct.error):  # beyond the range of the format
        return False


def _half(number: float) -> float:
    (rounded,) = struct.unpack("e", struct.pack("e", number))
    return float(rounded)


def _bfloat(number: float) -> float:
    """The first 16 bits of the single precision, rounded to the nearest even."""
    (bits,) = struct.unpack("I", struct.pack("f", number))
    (rounded,) = struct.unpack("f", struct.pack("I", (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000))
    return float(rounded)


def _is_close(asked: float, held: float) -> bool:
    """Whether two numbers are close. A whole number beyond the range of floats is close to no other number."""
    try:
        return math.isclose(asked, held, rel_tol=_PRECISION)
    except OverflowError:
        return False


def _is_named(text: Tree, marker: Tree) -> bool:
    """Whether a text names the value of a marker: `HARD` or `Level.HARD` for a member of an enum, a path its text."""
    if not isinstance(text, str) or not isinstance(marker, Marker) or not isinstance(marker.value, str):
        return False
    if marker.kind == "enum":
        return text.casefold() in (marker.value.casefold(), marker.value.rpartition(".")[2].casefold())
    return marker.kind in ("path", "decimal", "time") and text == marker.value
