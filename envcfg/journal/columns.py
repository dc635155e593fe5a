"""Records by column: a million records take a few arrays instead of a million objects."""

import math
from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from operator import le
from types import MappingProxyType
from typing import Any, Final, Generic, NamedTuple, TypeVar

from envcfg.core.record import Cause, Record

T = TypeVar("T", bound=Hashable)

NONE: Final = -1
"""Stands for None in a column of numbers. The numbers themselves are never negative."""


class AdoptionKind(NamedTuple):
    """The adopted part of a record: the digests of a config and of its template, and the task name."""

    config: str
    task: str | None
    template: str | None


class Table(Generic[T]):
    """A column of repeated values: the distinct values in order of appearance, and a position for each row."""

    __slots__ = ("_positions", "index", "values")

    def __init__(self, values: Sequence[T] = (), index: "array[int] | None" = None) -> None:
        """*values* must be distinct; *index* has the position of a value for each row."""
        self.values = list(values)
        self.index = array("i") if index is None else index
        self._positions = {value: position for position, value in enumerate(values)}

    def append(self, value: T) -> None:
        self.index.append(self._position(value))

    def extend(self, other: "Table[T]", rows: Sequence[int] | None = None) -> None:
        """Append the values of *other*, or only those in *rows*."""
        index = _selected(other.index, rows)
        moved = [self._position(value) for value in other.values]
        self.index.extend(array("i", moved) * len(index) if len(moved) == 1 else map(moved.__getitem__, index))

    def replace(self, row: int, value: T) -> None:
        self.index[row] = self._position(value)

    def __getitem__(self, row: int) -> T:
        return self.values[self.index[row]]

    def __iter__(self) -> Iterator[T]:
        return map(self.values.__getitem__, self.index)

    def _position(self, value: T) -> int:
        position = self._positions.setdefault(value, len(self.values))
        if position == len(self.values):
            self.values.append(value)
        return position


class LazyColumn:
    """A column of numbers that is computed at its first use. Most questions never use it."""

    __slots__ = ("_is_joined", "_parts", "_typecode")

    def __init__(self, typecode: str, part: "Callable[[], array[Any]] | None" = None) -> None:
        self._typecode = typecode
        self._parts: list[array[Any] | Callable[[], array[Any]]] = [] if part is None else [part]
        self._is_joined = False

    def whole(self) -> "array[Any]":
        if not self._is_joined:
            joined = array(self._typecode)
            for part in self._parts:
                joined.extend(part if isinstance(part, array) else part())
            self._parts, self._is_joined = [joined], True
        (column,) = self._parts
        return column  # type: ignore[return-value]  # a joined column is an array

    def extend(self, other: "LazyColumn", rows: Sequence[int] | None) -> None:
        self._parts.extend(other._parts if rows is None else [_selected(other.whole(), rows)])  # noqa: SLF001  # same class
        self._is_joined = False


class Columns:
    """The fields of records, one column for each field. Times are in milliseconds since the Unix epoch."""

    __slots__ = ("adopted", "cause", "is_in_order", "lazy", "slot", "step")

    LAZY: Final = MappingProxyType({"time": "d", "epoch": "i", "episode": "i", "requested_at": "q"})
    """The columns that are computed at their first use, with the type codes of their arrays."""

    def __init__(self) -> None:
        self.is_in_order = True
        """Whether the steps never decrease."""
        self.step = array("q")
        self.slot = array("i")
        self.adopted: Table[AdoptionKind] = Table()
        self.cause: Table[Cause | None] = Table()
        self.lazy = {name: LazyColumn(typecode) for name, typecode in self.LAZY.items()}

    @classmethod
    def of(cls, records: Iterable[Record]) -> "Columns":
        """The columns of *records*. This is five times as fast as `append`, and raises `OverflowError` like it."""
        found = records if isinstance(records, list) else list(records)
        columns = cls()
        columns.step.extend([record.step for record in found])
        columns.slot.extend([record.slot for record in found])
        columns.is_in_order = all(map(le, columns.step, columns.step[1:]))
        columns.lazy["time"].whole().extend([round(record.time * 1000, 3) for record in found])
        for name in ("epoch", "episode", "requested_at"):
            values = [getattr(record, name) for record in found]
            columns.lazy[name].whole().extend([NONE if value is None else value for value in values])
        for record in found:
            columns.adopted.append(AdoptionKind(record.config, record.task, record.template))
        for record in found:
            columns.cause.append(record.cause)
        return columns

    @property
    def time(self) -> "array[float]":
        return self.lazy["time"].whole()

    @property
    def epoch(self) -> "array[int]":
        return self.lazy["epoch"].whole()

    @property
    def episode(self) -> "array[int]":
        return self.lazy["episode"].whole()

    @property
    def requested_at(self) -> "array[int]":
        return self.lazy["requested_at"].whole()

    @property
    def first_step(self) -> float:
        """The lowest step; infinity if there are no records."""
        return min(self.step[:1] if self.is_in_order else self.step, default=math.inf)

    @property
    def last_step(self) -> float:
        """The highest step; minus infinity if there are no records."""
        return max(self.step[-1:] if self.is_in_order else self.step, default=-math.inf)

    def __len__(self) -> int:
        return len(self.step)

    def __iter__(self) -> Iterator[Record]:
        return map(self.record, range(len(self)))

    def append(self, record: Record) -> None:
        """Append a record; raises `OverflowError` and appends nothing if a number does not fit into its column."""
        step, slot = array("q", [record.step]), array("i", [record.slot])
        values = (round(record.time * 1000, 3), record.epoch, record.episode, record.requested_at)
        lazy = [array(code, [_or_none(value)]) for code, value in zip(self.LAZY.values(), values, strict=True)]
        self.is_in_order = self.is_in_order and (not self.step or self.step[-1] <= record.step)
        self.step.extend(step)
        self.slot.extend(slot)
        for column, value in zip(self.lazy.values(), lazy, strict=True):
            column.whole().extend(value)
        self.adopted.append(AdoptionKind(record.config, record.task, record.template))
        self.cause.append(record.cause)

    def extend(self, other: "Columns", rows: Sequence[int] | None = None) -> None:
        """Append the records of *other*, or only those in *rows*."""
        steps = _selected(other.step, rows)
        is_sorted = other.is_in_order if rows is None else all(map(le, steps, steps[1:]))
        self.is_in_order = self.is_in_order and is_sorted and not (self.step and steps and steps[0] < self.step[-1])
        self.step.extend(steps)
        self.slot.extend(_selected(other.slot, rows))
        self.adopted.extend(other.adopted, rows)
        self.cause.extend(other.cause, rows)
        for name, column in self.lazy.items():
            column.extend(other.lazy[name], rows)

    def explain(self, row: int, requested_at: int, cause: Cause | None) -> None:
        """Add to *row* when and why its config was requested, unless the record has this already."""
        column = self.requested_at
        if column[row] == NONE:
            column[row] = requested_at
        if self.cause[row] is None:
            self.cause.replace(row, cause)

    def tell_first_epoch(self, last_step: int, epoch: int) -> None:
        """Let records up to *last_step* without an epoch be of *epoch*, unless others of them are of earlier ones."""
        column, steps = self.lazy["epoch"], self.step

        def told() -> "array[int]":
            found = column.whole()
            rows = [row for row, of in enumerate(found) if steps[row] <= last_step and of < epoch]
            if all(found[row] == NONE for row in rows):
                for row in rows:
                    found[row] = epoch
            return found

        self.lazy["epoch"] = LazyColumn("i", told)

    def clear(self) -> None:
        """Remove every record."""
        self.__init__()  # type: ignore[misc]

    def record(self, row: int) -> Record:
        """The record in *row*."""
        epoch, episode, requested_at = self.epoch[row], self.episode[row], self.requested_at[row]
        config, task, template = self.adopted[row]
        return Record(
            self.step[row],
            self.slot[row],
            config,
            self.time[row] / 1000,
            None if epoch == NONE else epoch,
            None if episode == NONE else episode,
            task,
            template,
            None if requested_at == NONE else requested_at,
            self.cause[row],
        )


def _or_none(value: float | None) -> float:
    return NONE if value is None else value


def _selected(column: "array[Any]", rows: Sequence[int] | None) -> "array[Any]":
    return column if rows is None else array(column.typecode, map(column.__getitem__, rows))
