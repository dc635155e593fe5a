"""Columns of whole numbers as JSON that is short, quick to read, and plain.

A column whose entries are all the same is that entry. One whose entries are all from 0 to `MOST` is a text with one
character for each, whose code point is the number plus 48 (the character `0` is zero): gzip codes single characters
better than digits and commas, and a text becomes an array without an object for each number. Any other is a list.
"""

from array import array
from collections.abc import Sequence
from typing import Final, TypeAlias

from envcfg.journal.columns import NONE

Packed: TypeAlias = str | list[int | None] | int | None

ZERO: Final = ord("0")
MOST: Final = 0xD7FF - ZERO
"""Below the surrogates, which are no characters."""

_LESS_ZERO: Final = bytes((code - ZERO) % 256 for code in range(256))


def packed(values: Sequence[int]) -> Packed:
    """The shortest form of *values*, in which `NONE` stands for None."""
    distinct = set(values)
    if len(distinct) == 1:
        (only,) = distinct
        return None if only == NONE else only
    if distinct and min(distinct) >= 0 and max(distinct) <= MOST:
        return "".join(map(chr, map(ZERO.__add__, values)))
    return [None if value == NONE else value for value in values]


def unpacked(column: Packed, size: int) -> Sequence[int]:
    """The *size* numbers of a column, in whatever is fastest; raises `ValueError` where it is no such column."""
    if isinstance(column, str):
        numbers = _codes(column)
    elif isinstance(column, list):
        numbers = [NONE if value is None else value for value in column] if None in column else column  # type: ignore[assignment]
    else:
        only = NONE if column is None else column
        numbers = array("i" if -(1 << 31) <= only < 1 << 31 else "q", [only]) * size
    if len(numbers) != size:
        raise ValueError(f"a column of {len(numbers)} numbers in a table of {size} rows")
    return numbers


def _codes(text: str) -> Sequence[int]:
    """Code points less 48; as bytes where they fit, since that takes a step for all of them instead of one for each."""
    try:
        return text.encode("latin-1").translate(_LESS_ZERO)
    except UnicodeEncodeError:
        return [ord(character) - ZERO for character in text]


def as_array(typecode: str, numbers: Sequence[int]) -> "array[int]":
    """An array of *numbers*; raises `OverflowError` for one that does not fit."""
    if isinstance(numbers, array) and numbers.typecode == typecode:
        return numbers
    return array(typecode, list(numbers) if isinstance(numbers, bytes) else numbers)
