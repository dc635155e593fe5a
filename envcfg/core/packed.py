"""The packed form of a plain config: MessagePack, limited to the types of JSON.

The packed form keeps 1, 1.0 and True apart, and -0.0 and 0.0. It keeps the order of keys, and writes a tuple as a
list. It never leaves the process.
"""

from collections.abc import Callable
from typing import Any, Final

import ormsgpack
from ormsgpack import unpackb as unpacked

__all__ = ["end_of", "packed", "packed_with", "size_of", "unpacked"]

_NOTHING_ELSE: Final = (
    ormsgpack.OPT_PASSTHROUGH_DATACLASS
    | ormsgpack.OPT_PASSTHROUGH_DATETIME
    | ormsgpack.OPT_PASSTHROUGH_ENUM
    | ormsgpack.OPT_PASSTHROUGH_SUBCLASS
    | ormsgpack.OPT_PASSTHROUGH_UUID
)
_FLOATS: Final = {0xCA: 5, 0xCB: 9}
_WHOLE: Final = {kind: 1 + (1 << (kind - first)) for first in (0xCC, 0xD0) for kind in range(first, first + 4)}
_WORDS: Final = {0xC0: 1, 0xC2: 1, 0xC3: 1}
_SMALL: Final = dict.fromkeys((*range(0x80), *range(0xE0, 0x100)), 1)
_SHORT: Final = {0xA0 | length: 1 + length for length in range(32)}
_SIZES: Final = {**_FLOATS, **_WHOLE, **_WORDS, **_SMALL, **_SHORT}
"""The size in bytes of a value, by its first byte, where that determines the size."""
_TEXTS: Final = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_LISTS: Final = {0xDC: 2, 0xDD: 4}
_OBJECTS: Final = {0xDE: 2, 0xDF: 4}
"""The number of bytes of the length field after the first byte."""


def packed(value: Any) -> bytes | None:
    """The packed form of a value; None if it contains a value that is not plain, or text that is not valid Unicode.

    A `bytes` value is packed too, but `end_of` refuses it.
    """
    try:
        return ormsgpack.packb(value, option=_NOTHING_ELSE)
    except TypeError:
        return None


def packed_with(value: Any, plain: Callable[[Any], Any]) -> bytes | None:
    """As `packed`, for a value that contains others than plain ones. *plain* returns a plain form of each.

    Two values with the same packed form are equal, if *plain* tells the other ones apart. *plain* may raise
    `TypeError`; then the answer is None.
    """

    def extended(other: Any) -> ormsgpack.Ext:
        form = packed(plain(other))
        if form is None:
            raise TypeError
        return ormsgpack.Ext(1, form)

    try:
        return ormsgpack.packb(value, default=extended, option=_NOTHING_ELSE)
    except TypeError:
        return None


def size_of(value: Any) -> int:
    """The size of the packed form of a plain value, in bytes."""
    return len(ormsgpack.packb(value, option=_NOTHING_ELSE))


def end_of(form: bytes, start: int) -> int:
    """The end of the value that begins at *start*; raises `ValueError` for a `bytes` value."""
    waiting, at = 1, start
    while waiting:
        kind = form[at]
        size = _SIZES.get(kind)
        if size is None:
            size, inner = _long(form, at, kind)
            waiting += inner
        at += size
        waiting -= 1
    return at


def _long(form: bytes, at: int, kind: int) -> tuple[int, int]:
    """The bytes before the first inner value (or up to the end), and the number of inner values."""
    if kind & 0xF0 == 0x90:
        return 1, kind & 15
    if kind & 0xF0 == 0x80:
        return 1, 2 * (kind & 15)
    for lengths, of_bytes, of_values in ((_TEXTS, 1, 0), (_LISTS, 0, 1), (_OBJECTS, 0, 2)):
        width = lengths.get(kind)
        if width is not None:
            count = int.from_bytes(form[at + 1 : at + 1 + width])
            return 1 + width + of_bytes * count, of_values * count
    raise ValueError(f"byte 0x{kind:02x} at position {at} does not begin a plain value")
