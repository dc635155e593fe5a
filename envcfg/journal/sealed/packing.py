"""Columns of whole numbers as plain JSON that is short and quick to read.

- A column of equal entries is written as that one entry.
- A column of entries from 0 to `MOST` is written as text, with one digit in base 64 for each entry. The character of a
  digit has the code point 48 + digit, so `0` is zero. If one digit is not enough, the column is a list of such texts,
  the most significant digits first.
- Any other column is a list of numbers.

Gzip compresses single characters better than numbers and commas. A text can be read into an array without creating an
object for each number.
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
"""The most digits of a number that is written as text."""
MOST: Final = BASE**DIGITS - 1

_FEW: Final = 3
"""Numbers with at most this many digits are so small that their sum over all rows of a segment always fits."""
_ALPHABET: Final = bytes(range(ZERO, ZERO + BASE))
_WIDE: Final = array("i").itemsize
_LESS_ZERO: Final = bytes((code - ZERO) % 256 for code in range(256))


def packed(values: Sequence[int], *, none: int | None = NONE) -> Packed:
    """The shortest form of *values*; the value *none* stands for None."""
    distinct = set(values)
    if len(distinct) == 1:
        (only,) = distinct
        return None if only == none else only
    if distinct and min(distinct) >= 0 and max(distinct) <= MOST:
        texts = _digits(values, max(distinct))
        return texts[0] if len(texts) == 1 else [*texts]
    return [None if value == none else value for value in values]


def packed_differences(values: Sequence[int]) -> Packed:
    """The shortest form of the differences of *values*. None of the values may be None."""
    return packed(differences(values), none=None)


def differences(values: Sequence[int]) -> list[int]:
    """The difference of each value from the previous one; 0 for the first value."""
    return [0] * bool(values) + [after - before for before, after in pairwise(values)]


def unpacked(column: Packed, size: int) -> Sequence[int]:
    """The *size* numbers of a column, as the fastest sequence type; raises `ValueError` for an invalid column."""
    if isinstance(column, str):
        numbers = _coded(column)
    elif isinstance(column, list):
        texts = [text for text in column if isinstance(text, str)]
        numbers = _joined(texts, column) if texts else _listed(column)
    else:
        numbers = _repeated(NONE if column is None else column, size)
    if len(numbers) != size:
        raise ValueError(f"a column has {len(numbers):,} numbers: expected {size:,}")
    return numbers


def is_small(column: Packed, size: int) -> bool:
    """Whether the form of the column alone shows that all its numbers, and their sums as milliseconds, fit.

    Raises `ValueError` if the column does not have *size* numbers.
    """
    texts = column if isinstance(column, list) else [column] if isinstance(column, str) else []
    if any(isinstance(text, str) and len(text) != size for text in texts):
        raise ValueError(f"a column has the wrong length: expected {size:,} numbers")
    if not isinstance(column, list):
        return not isinstance(column, int)
    return 0 < len(column) <= _FEW and all(isinstance(text, str) and _is_digits(text) for text in column)


def as_array(typecode: str, numbers: Sequence[int]) -> "array[int]":
    """An array of *numbers*; raises `OverflowError` for a number that does not fit."""
    if isinstance(numbers, array) and numbers.typecode == typecode:
        return numbers
    if not isinstance(numbers, bytes):
        return array(typecode, numbers)
    found = array(typecode)
    found.frombytes(_widened(numbers, found.itemsize))
    return found


def _digits(values: Sequence[int], most: int) -> list[str]:
    """The texts for numbers up to *most*: one text for each digit, the most significant first."""
    if most < BASE:
        return ["".join(map(chr, map(ZERO.__add__, values)))]
    above = _digits([value // BASE for value in values], most // BASE)
    return [*above, *_digits([value % BASE for value in values], BASE - 1)]


def _repeated(number: int, size: int) -> Sequence[int]:
    for typecode, half in (("i", 1 << 31), ("q", 1 << 63)):
        if -half <= number < half:
            return array(typecode, [number]) * size
    return [number] * size


def _joined(texts: Sequence[str], column: Sequence[int | str | None]) -> "array[int]":
    """The numbers whose digits are in *texts*; raises `ValueError` if the column has anything else.

    All numbers are added at once, as one large integer with 32 bits for each number.
    """
    if len(texts) < len(column) or len(texts) > DIGITS or len(set(map(len, texts))) > 1:
        raise ValueError(f"a column of digits is damaged: expected at most {DIGITS} texts of equal length")
    if not all(map(_is_digits, texts)):
        raise ValueError("a column of digits is damaged: it contains a character that is not a digit in base 64")
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
    """The code points minus 48; as bytes if they fit, which is much faster."""
    try:
        return _codes(text)
    except UnicodeEncodeError:
        return [ord(character) - ZERO for character in text]


def _codes(text: str) -> bytes:
    """The code points minus 48, as bytes; raises `UnicodeEncodeError` for a code point above 255."""
    return text.encode("latin-1").translate(_LESS_ZERO)
