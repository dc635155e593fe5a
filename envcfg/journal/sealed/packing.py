"""Columns of whole numbers as JSON that is short, quick to read, and plain.

A column whose entries are all the same is that entry. One whose entries are all from 0 to `MOST` is a text with one
character for each, its digit in base 64, whose code point is the digit plus 48 (the character `0` is zero); where one
digit is not enough, it is a list of such texts, the most significant digits first: gzip codes single characters better
than numbers and commas, and a text becomes an array without an object for each number. Any other is a list of numbers.
"""

import sys
from array import array
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from envcfg.journal.columns import NONE

Packed: TypeAlias = str | list[int | str | None] | int | None

ZERO: Final = ord("0")
BASE: Final = 64
DIGITS: Final = 5
"""A number of more is not written in digits."""
MOST: Final = BASE**DIGITS - 1

_FEW: Final = 3
"""Digits whose largest number is so small that the sum over a segment's rows is no matter."""
_ALPHABET: Final = bytes(range(ZERO, ZERO + BASE))
_WIDE: Final = array("i").itemsize
_LESS_ZERO: Final = bytes((code - ZERO) % 256 for code in range(256))


def packed(values: Sequence[int], *, none: int | None = NONE) -> Packed:
    """The shortest form of *values*, in which *none* stands for None."""
    distinct = set(values)
    if len(distinct) == 1:
        (only,) = distinct
        return None if only == none else only
    if distinct and min(distinct) >= 0 and max(distinct) <= MOST:
        texts = _digits(values, max(distinct))
        return texts[0] if len(texts) == 1 else [*texts]
    return [None if value == none else value for value in values]


def packed_differences(values: Sequence[int]) -> Packed:
    """The shortest form of the differences of *values*, none of which is None."""
    return packed(differences(values), none=None)


def differences(values: Sequence[int]) -> list[int]:
    """What each value adds to the one before it; the first adds nothing."""
    return [0] * bool(values) + [after - before for before, after in pairwise(values)]


def unpacked(column: Packed, size: int) -> Sequence[int]:
    """The *size* numbers of a column, in whatever is fastest; raises `ValueError` where it is no such column."""
    if isinstance(column, str):
        numbers = _coded(column)
    elif isinstance(column, list):
        texts = [text for text in column if isinstance(text, str)]
        numbers = _joined(texts, column) if texts else _listed(column)
    else:
        only = NONE if column is None else column
        numbers = array("i" if -(1 << 31) <= only < 1 << 31 else "q", [only]) * size
    if len(numbers) != size:
        raise ValueError(f"a column of {len(numbers)} numbers in a table of {size} rows")
    return numbers


def is_small(column: Packed, size: int) -> bool:
    """Whether it is seen at once that no number, and no sum of them as milliseconds, is too large for its kind.

    Raises `ValueError` where it is no column of *size* numbers.
    """
    texts = column if isinstance(column, list) else [column] if isinstance(column, str) else []
    if any(isinstance(text, str) and len(text) != size for text in texts):
        raise ValueError(f"a column of another length in a table of {size} rows")
    if not isinstance(column, list):
        return not isinstance(column, int)
    return 0 < len(column) <= _FEW and all(isinstance(text, str) and _is_digits(text) for text in column)


def as_array(typecode: str, numbers: Sequence[int]) -> "array[int]":
    """An array of *numbers*; raises `OverflowError` for one that does not fit."""
    if isinstance(numbers, array) and numbers.typecode == typecode:
        return numbers
    if not isinstance(numbers, bytes):
        return array(typecode, numbers)
    found = array(typecode)
    found.frombytes(_widened(numbers, found.itemsize))
    return found


def _digits(values: Sequence[int], most: int) -> list[str]:
    """The texts of one digit each, the most significant first, of numbers up to *most*."""
    if most < BASE:
        return ["".join(map(chr, map(ZERO.__add__, values)))]
    above = _digits([value // BASE for value in values], most // BASE)
    return [*above, *_digits([value % BASE for value in values], BASE - 1)]


def _joined(texts: Sequence[str], column: Sequence[int | str | None]) -> "array[int]":
    """The numbers whose digits *texts* are, if that is all there is in the column.

    They are added as one large number, in which each has 32 bits: a step for all of them instead of one for each.
    """
    if len(texts) < len(column) or len(texts) > DIGITS or len(set(map(len, texts))) > 1:
        raise ValueError("a column of digits has up to five texts of one length, and nothing else")
    if not all(map(_is_digits, texts)):
        raise ValueError("a column of digits has other characters")
    total = 0
    for text in texts:
        total = total * BASE + int.from_bytes(_widened(_codes(text), _WIDE), sys.byteorder)
    found = array("i")
    found.frombytes(total.to_bytes(_WIDE * len(texts[0]), sys.byteorder))
    return found


def _is_digits(text: str) -> bool:
    return text.isascii() and not text.encode().translate(None, _ALPHABET)


def _widened(numbers: bytes, size: int) -> bytearray:
    """Each byte as a number of *size* bytes."""
    wide = bytearray(size * len(numbers))
    wide[0 if sys.byteorder == "little" else size - 1 :: size] = numbers
    return wide


def _listed(column: Sequence[int | str | None]) -> Sequence[int]:
    return [NONE if value is None else value for value in column] if None in column else column  # type: ignore[return-value,misc]  # no text is in it


def _coded(text: str) -> Sequence[int]:
    """Code points less 48; as bytes where they fit, since that takes a step for all of them instead of one for each."""
    try:
        return _codes(text)
    except UnicodeEncodeError:
        return [ord(character) - ZERO for character in text]


def _codes(text: str) -> bytes:
    """Code points less 48 of a text that has none beyond 255; raises `UnicodeEncodeError` for another."""
    return text.encode("latin-1").translate(_LESS_ZERO)
