"""Config lines by column. Configs that differ from the same base at the same places form a family.

A family is stored as a table of values. For a curriculum of five thousand tasks that differ in ten leaves, this is one
base, ten places and ten columns of values.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, islice
from typing import Final, TypeAlias

import msgspec
from msgspec import UNSET, Raw, UnsetType

from envcfg.core.encoding import DIGEST_SIZE
from envcfg.core.errors import EncodingError
from envcfg.journal.format import ConfigLine, Operation
from envcfg.journal.sealed.document import ConfigColumns, Family, Numbers
from envcfg.journal.sealed.packing import packed, packed_differences, unpacked

OperationPlace: TypeAlias = tuple[str, str]
ValueColumn: TypeAlias = list[Raw] | Numbers

WHOLE: Final = (("add", ""),)
"""The operation of RFC 6902 that gives a whole config."""
_HEX: Final = 2 * DIGEST_SIZE
_SAFE: Final = 15
"""Whole numbers with at most this many digits are read exactly by every JSON reader."""

_columns = msgspec.json.Decoder(list[ValueColumn])


def config_columns(lines: Sequence[ConfigLine], numbers: Mapping[str, int]) -> ConfigColumns:
    """The columns of config lines, in order. *numbers* gives the number of each base by its digest."""
    families: dict[tuple[int | None, tuple[OperationPlace, ...]], list[ConfigLine]] = {}
    members = [families.setdefault(_shape(line, numbers), []) for line in lines]
    for line, family in zip(lines, members, strict=True):
        family.append(line)
    positions = {id(family): position for position, family in enumerate(families.values())}
    return ConfigColumns(
        digests="".join([line.digest for line in lines]),
        family=packed([positions[id(family)] for family in members]),
        families=[Family([*places], _values(places, found), base) for (base, places), found in families.items()],
    )


def _shape(line: ConfigLine, numbers: Mapping[str, int]) -> tuple[int | None, tuple[OperationPlace, ...]]:
    """The number of a config's base, and the operation and place of each difference."""
    if isinstance(line.base, UnsetType) or isinstance(line.patch, UnsetType):
        return None, WHOLE
    return numbers[line.base], tuple([(operation.op, operation.path) for operation in line.patch])


def _values(places: Sequence[OperationPlace], lines: Sequence[ConfigLine]) -> Raw:
    """A column of new values for each place. Old values are not written, since the base has them."""
    rows = [_row(line) for line in lines]
    columns = [_column(column) for (op, _), *column in zip(places, *rows, strict=True) if op != "remove"]
    return Raw(msgspec.json.encode(columns))


def _row(line: ConfigLine) -> list[Raw]:
    if isinstance(line.patch, UnsetType):
        return [Raw() if isinstance(line.full, UnsetType) else line.full]
    return [Raw() if isinstance(operation.value, UnsetType) else operation.value for operation in line.patch]


def _column(values: list[Raw]) -> ValueColumn:
    texts = list(map(bytes, values))
    if all(text.removeprefix(b"-").isdigit() and len(text) <= _SAFE for text in texts):
        numbers = [int(text) for text in texts]
        return Numbers(numbers[0], packed_differences(numbers))
    return values


class LazyConfigLines(Mapping[str, ConfigLine]):
    """The config lines in columns, by digest. The values of a family are decoded when one of its configs is needed.

    *bases* has the digest of each family's base. Raises `ValueError` if the columns do not belong together.
    """

    def __init__(self, columns: ConfigColumns, bases: Sequence[str | None]) -> None:
        families = list(map(_FamilyValues, columns.families, bases))
        found = digests(columns)
        self._places: dict[str, tuple[_FamilyValues, int]] = {}
        for digest, number in zip(found, unpacked(columns.family, len(found)), strict=True):
            if not 0 <= number < len(families):
                raise ValueError(f"a config refers to family {number}, but there are {len(families)} families")
            self._places.setdefault(digest, (families[number], families[number].size))
            families[number].size += 1

    def __getitem__(self, digest: str) -> ConfigLine:
        members, row = self._places[digest]
        return members.line(digest, row)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class _FamilyValues:
    """The configs of one family."""

    def __init__(self, family: Family, base: str | None) -> None:
        self.size = 0
        self._operations = family.changes
        self._values = bytes(family.values)
        self._base = base

    def line(self, digest: str, row: int) -> ConfigLine:
        """The config line in *row*; raises `EncodingError` if the columns do not belong together."""
        values = [column[row] for column in self._columns]
        if self._base is None:
            return ConfigLine(digest, full=values[0] if values else UNSET)
        places = iter(values)
        patch = [Operation(op, path, UNSET if op == "remove" else next(places)) for op, path in self._operations]
        return ConfigLine(digest, base=self._base, patch=tuple(patch))

    @cached_property
    def _columns(self) -> list[Sequence[Raw]]:
        try:
            columns = [self._unpacked(column) for column in _columns.decode(self._values)]
        except (msgspec.DecodeError, OverflowError, RecursionError, TypeError, ValueError) as error:
            raise EncodingError(f"cannot decode a family of configs: {error}") from error
        wanted = sum(op != "remove" for op, _ in self._operations)
        if len(columns) != wanted or any(len(column) != self.size for column in columns):
            raise EncodingError(f"a family of configs is damaged: expected {wanted} columns of {self.size} values")
        return columns

    def _unpacked(self, column: ValueColumn) -> Sequence[Raw]:
        if not isinstance(column, Numbers):
            return column
        sums = accumulate(unpacked(column.more, self.size), initial=column.first)
        return [Raw(b"%d" % number) for number in islice(sums, 1, None)]


def digests(columns: ConfigColumns) -> list[str]:
    """The digests of the configs, in order."""
    text = columns.digests
    return [text[start : start + _HEX] for start in range(0, len(text), _HEX)]
