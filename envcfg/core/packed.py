"""The packed form of a plain config: MessagePack of JSON's own types, each as what it is, and of nothing else.

It tells 1, 1.0 and True apart and -0.0 from 0.0, keeps the order of keys, and writes a tuple as the list that it
becomes. It never leaves the process.
"""

from typing import Any, Final

import ormsgpack
from ormsgpack import unpackb as unpacked

__all__ = ["end_of", "packed", "size_of", "unpacked"]

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
"""Bytes of a value whose first one says how many."""
_TEXTS: Final = {0xD9: 1, 0xDA: 2, 0xDB: 4}
_LISTS: Final = {0xDC: 2, 0xDD: 4}
_OBJECTS: Final = {0xDE: 2, 0xDF: 4}
"""Bytes of the length that follows the first one."""


def packed(value: Any) -> bytes | None:
    """The packed form of a value; None where anything in it is not plain, or no text that UTF-8 can write.

    Bytes are packed, too, as what no plain value is.
    """
    try:
        return ormsgpack.packb(value, option=_NOTHING_ELSE)
    except TypeError:
        return None


def size_of(value: Any) -> int:
    """Bytes of the packed form of a plain value."""
    return len(ormsgpack.packb(value, option=_NOTHING_ELSE))


def end_of(form: bytes, start: int) -> int:
    """Where the value ends that begins at *start*; raises `ValueError` for bytes, which no plain value is."""
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
    """Bytes up to what stands inside of a value, or to its end, and how many values are inside."""
    if kind & 0xF0 == 0x90:
        return 1, kind & 15
    if kind & 0xF0 == 0x80:
        return 1, 2 * (kind & 15)
    for lengths, of_bytes, of_values in ((_TEXTS, 1, 0), (_LISTS, 0, 1), (_OBJECTS, 0, 2)):
        width = lengths.get(kind)
        if width is not None:
            count = int.from_bytes(form[at + 1 : at + 1 + width])
            return 1 + width + of_bytes * count, of_values * count
    raise ValueError(f"0x{kind:02x} at {at} begins no plain value")
