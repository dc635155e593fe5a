"""Records by column: a million of them take the memory of a few arrays, and no object each."""

import math
from array import array
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from operator import le
from types import MappingProxyType
from typing import Any, Final, Generic, NamedTuple, TypeVar

from envcfg.core.record import Cause, Record

T = TypeVar("T", bound=Hashable)

NONE: Final = -1
"""What stands for None in a column of numbers, none of which is negative."""


class Adopted(NamedTuple):
    """What a record says was adopted: digests of a config and of its template, under the name of a task."""

    config: str
    task: str | None
    template: str | None


class Table(Generic[T]):
    """A column of values that repeat: the distinct ones in order of appearance, and positions among them."""

    __slots__ = ("_positions", "index", "values")

    def __init__(self, values: Sequence[T] = (), index: "array[int] | None" = None) -> None:
        """Of *values* that are all different, and positions among them."""
        self.values = list(values)
        self.index = array("i") if index is None else index
        self._positions = {value: position for position, value in enumerate(values)}

    def append(self, value: T) -> None:
        self.index.append(self._position(value))

    def extend(self, other: "Table[T]", rows: Sequence[int] | None = None) -> None:
        """Append the values of *other*, or those in *rows* of it."""
        index = _taken(other.index, rows)
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
    """A column of numbers that is made when somebody asks: who only wants to know what ran never does."""

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
        return column  # type: ignore[return-value]  # a joined one is an array

    def extend(self, other: "LazyColumn", rows: Sequence[int] | None) -> None:
        self._parts.extend(other._parts if rows is None else [_taken(other.whole(), rows)])  # noqa: SLF001  # of its own kind
        self._is_joined = False


class Columns:
    """The fields of records, each in a column of its own; times are in milliseconds since the Unix epoch."""

    __slots__ = ("adopted", "cause", "is_in_order", "late", "slot", "step")

    LATE: Final = MappingProxyType({"time": "d", "epoch": "i", "episode": "i", "requested_at": "q"})
    """Columns that are made when somebody asks, and the type of their arrays."""

    def __init__(self) -> None:
        self.is_in_order = True
        """Whether no step is less than the one before it."""
        self.step = array("q")
        self.slot = array("i")
        self.adopted: Table[Adopted] = Table()
        self.cause: Table[Cause | None] = Table()
        self.late = {name: LazyColumn(typecode) for name, typecode in self.LATE.items()}

    @classmethod
    def of(cls, records: Iterable[Record]) -> "Columns":
        """All at once, which takes a fifth of the time of one by one; raises `OverflowError` as `append` does."""
        found = records if isinstance(records, list) else list(records)
        columns = cls()
        columns.step.extend([record.step for record in found])
        columns.slot.extend([record.slot for record in found])
        columns.is_in_order = all(map(le, columns.step, columns.step[1:]))
        columns.late["time"].whole().extend([round(record.time * 1000, 3) for record in found])
        for name in ("epoch", "episode", "requested_at"):
            values = [getattr(record, name) for record in found]
            columns.late[name].whole().extend([NONE if value is None else value for value in values])
        for record in found:
            columns.adopted.append(Adopted(record.config, record.task, record.template))
        for record in found:
            columns.cause.append(record.cause)
        return columns

    @property
    def time(self) -> "array[float]":
        return self.late["time"].whole()

    @property
    def epoch(self) -> "array[int]":
        return self.late["epoch"].whole()

    @property
    def episode(self) -> "array[int]":
        return self.late["episode"].whole()

    @property
    def requested_at(self) -> "array[int]":
        return self.late["requested_at"].whole()

    @property
    def first_step(self) -> float:
        """The least step, infinity where there is none."""
        return min(self.step[:1] if self.is_in_order else self.step, default=math.inf)

    @property
    def last_step(self) -> float:
        """The greatest step, minus infinity where there is none."""
        return max(self.step[-1:] if self.is_in_order else self.step, default=-math.inf)

    def __len__(self) -> int:
        return len(self.step)

    def __iter__(self) -> Iterator[Record]:
        return map(self.record, range(len(self)))

    def append(self, record: Record) -> None:
        """Append one; raises `OverflowError`, and appends nothing, where a number does not fit into its column."""
        step, slot = array("q", [record.step]), array("i", [record.slot])
        values = (round(record.time * 1000, 3), record.epoch, record.episode, record.requested_at)
        late = [array(code, [_or_none(value)]) for code, value in zip(self.LATE.values(), values, strict=True)]
        self.is_in_order = self.is_in_order and (not self.step or self.step[-1] <= record.step)
        self.step.extend(step)
        self.slot.extend(slot)
        for column, value in zip(self.late.values(), late, strict=True):
            column.whole().extend(value)
        self.adopted.append(Adopted(record.config, record.task, record.template))
        self.cause.append(record.cause)

    def extend(self, other: "Columns", rows: Sequence[int] | None = None) -> None:
        """Append the records of *other*, or those in *rows* of it."""
        steps = _taken(other.step, rows)
        is_sorted = other.is_in_order if rows is None else all(map(le, steps, steps[1:]))
        self.is_in_order = self.is_in_order and is_sorted and not (self.step and steps and steps[0] < self.step[-1])
        self.step.extend(steps)
        self.slot.extend(_taken(other.slot, rows))
        self.adopted.extend(other.adopted, rows)
        self.cause.extend(other.cause, rows)
        for name, column in self.late.items():
            column.extend(other.late[name], rows)

    def explain(self, row: int, requested_at: int, cause: Cause | None) -> None:
        """Say when and why what was adopted in *row* had been asked for, where the record itself does not."""
        column = self.requested_at
        if column[row] == NONE:
            column[row] = requested_at
        if self.cause[row] is None:
            self.cause.replace(row, cause)

    def clear(self) -> None:
        """Forget every record."""
        self.__init__()  # type: ignore[misc]

    def record(self, row: int) -> Record:
        """The record in *row*, as it was written."""
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


def _taken(column: "array[Any]", rows: Sequence[int] | None) -> "array[Any]":
    return column if rows is None else array(column.typecode, map(column.__getitem__, rows))
