"""Groups adoptions into the initial configs and the changes of a run: the decisions of the curriculum."""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn, overload

from envcfg.core.record import Cause
from envcfg.core.renamed import refuse_call
from envcfg.history.adoptions import Adoptions, Place
from envcfg.journal.columns import NONE, AdoptionKind


@dataclass(frozen=True, slots=True)
class Change:
    """One decision of the curriculum: all slots that adopted the same task and config for the same request.

    Slots may adopt one request with several configs, because it was for some keys only. Requests that were made at
    once, with a value for each slot, are one change too. Without a request, adoptions of the same config at the same
    step are one change. An initial config has the same
    fields and number 0. It is not counted as a change.
    """

    number: int
    step: int
    """The step at which the first slot adopted it."""
    last_step: int
    """The step at which the last slot adopted it."""
    epoch: int | None
    time: float
    task: str | None
    before: str | None
    """The digest of the previous config of the first slot; None for its first config."""
    config: str
    requested_at: int | None
    cause: Cause | None
    places: tuple[Place, ...]
    """The slots, in the order in which they adopted it."""
    rows: tuple[int, ...]
    """The row of the adoption of each of these slots in the history."""
    variants: tuple[tuple[str | None, str], ...]
    """The previous and the new config of the first slot. If slots adopted several configs at once, those of each."""

    @property
    def row(self) -> int:
        """The row of the first adoption."""
        return self.rows[0]

    @property
    def is_initial(self) -> bool:
        """Whether this is an initial config: the first config of its slots."""
        return self.before is None


class Entries(Sequence[Change]):
    """Some of the initial configs and changes of a run, in order of their first step; created when accessed."""

    def __init__(self, groups: "_Groups", positions: Sequence[int]) -> None:
        self._groups = groups
        self._positions = positions

    @property
    def first_rows(self) -> Sequence[int]:
        """The row of the first adoption of each one."""
        return self._groups.first_rows(self._positions)

    def between(self, first: float, last: float) -> "Entries":
        """Those whose first step is at least *first* and at most *last*."""
        steps = self._groups.steps
        start = bisect_left(self._positions, first, key=steps.__getitem__)
        stop = bisect_right(self._positions, last, key=steps.__getitem__)
        return self.part(start, stop)

    def part(self, start: int, stop: int) -> "Entries":
        """Those from the position *start* to before *stop*. Unlike a slice, this creates no change."""
        return Entries(self._groups, self._positions[start:stop])

    @property
    def steps(self) -> Sequence[int]:
        """The step of the first adoption of each one."""
        return array("q", map(self._groups.steps.__getitem__, self._positions))

    @property
    def each_number(self) -> Sequence[int]:
        """The number of each one; 0 for an initial config."""
        return self._groups.numbers(self._positions)

    @property
    def causes(self) -> Mapping[Cause | None, int]:
        """The number of changes with each cause. Initial configs are not counted."""
        return self._groups.causes(self._positions)

    @property
    def shared_rows(self) -> Iterable[Sequence[int]]:
        """The rows of each one that several slots adopted."""
        return self._groups.shared_rows(self._positions)

    @overload
    def __getitem__(self, index: int) -> Change: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Change, ...]: ...
    def __getitem__(self, index: int | slice) -> Change | tuple[Change, ...]:
        found = self._positions[index]
        return self._groups.change(found) if isinstance(found, int) else tuple(map(self._groups.change, found))

    def __len__(self) -> int:
        return len(self._positions)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entries | tuple) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # it compares by content, like a list


class Changes(Entries):
    """The changes of a run, by number: the first one has number 1. Initial configs are not among them."""

    def __init__(self, adoptions: Adoptions, decisions: Mapping[int, int] = MappingProxyType({})) -> None:
        """*decisions* has the number of its decision for each row that made a request effective."""
        groups = _Groups(adoptions, decisions)
        super().__init__(groups, groups.positions(is_initial=False))
        self.numbers = groups.row_numbers
        """For each adoption the number of its change, 0 for an initial config. It is `NONE` if the place adopted the
        same config again."""
        self.initial = Entries(groups, groups.positions(is_initial=True))
        """The initial configs. There are several if slots began with different configs, or at different steps."""
        self.with_initial = Entries(groups, range(len(groups)))
        """The initial configs and the changes together."""

    if not TYPE_CHECKING:  # it was a method

        def __call__(self, _: Change) -> NoReturn:
            raise refuse_call("history.changes(transaction)")

    def __repr__(self) -> str:
        return f"<{len(self):,} change{'s' * (len(self) != 1)}>"


class _Groups:
    """Groups of adoptions, by position. A group is an initial config or a change."""

    def __init__(self, adoptions: Adoptions, decisions: Mapping[int, int]) -> None:
        self._adoptions, self._decisions = adoptions, decisions
        self._first, self._previous, self._numbers = array("q"), array("q"), array("q")
        self._others = dict[int, list[int]]()
        self._changes = 0
        self.row_numbers = array("q", [NONE]) * len(adoptions)
        self._group()

    def __len__(self) -> int:
        return len(self._first)

    def positions(self, *, is_initial: bool) -> "array[int]":
        return array("q", [place for place, number in enumerate(self._numbers) if (number == 0) is is_initial])

    def first_rows(self, positions: Sequence[int]) -> Sequence[int]:
        return array("q", [self._first[position] for position in positions])

    def numbers(self, positions: Sequence[int]) -> Sequence[int]:
        return array("q", map(self._numbers.__getitem__, positions))

    @cached_property
    def steps(self) -> Sequence[int]:
        return array("q", map(self._adoptions.columns.step.__getitem__, self._first))

    def causes(self, positions: Sequence[int]) -> Mapping[Cause | None, int]:
        cause = self._adoptions.columns.cause
        counts = Counter(cause.index[self._first[place]] for place in positions if self._numbers[place])
        return {cause.values[index]: count for index, count in counts.items()}

    def shared_rows(self, positions: Sequence[int]) -> Iterator[Sequence[int]]:
        return ((self._first[position], *self._others[position]) for position in positions if position in self._others)

    def change(self, position: int) -> Change:
        first, previous = self._first[position], self._previous[position]
        rows = [first, *self._others.get(position, ())]
        columns, places, place = self._adoptions.columns, self._adoptions.places, self._adoptions.place
        adopted, epoch, requested_at = columns.adopted[first], columns.epoch[first], columns.requested_at[first]
        return Change(
            number=self._numbers[position],
            step=columns.step[first],
            last_step=columns.step[rows[-1]],
            epoch=None if epoch == NONE else epoch,
            time=columns.time[first] / 1000,
            task=adopted.task,
            before=None if previous < 0 else columns.adopted[previous].config,
            config=adopted.config,
            requested_at=None if requested_at == NONE else requested_at,
            cause=columns.cause[first],
            places=tuple([places[place[row]] for row in rows]),
            rows=tuple(rows),
            variants=tuple(dict.fromkeys(map(self._variant, rows if first in self._decisions else rows[:1]))),
        )

    def _variant(self, row: int) -> tuple[str | None, str]:
        adopted, before = self._adoptions.columns.adopted, self._adoptions.before[row]
        return None if before < 0 else adopted.values[before].config, adopted[row].config

    def _group(self) -> None:
        columns = self._adoptions.columns
        same, adopted = _same(columns.adopted.values), columns.adopted.index
        held = [-1] * len(self._adoptions.places)
        of_step: dict[tuple[int, bool], int] = {}
        of_decision: dict[tuple[int, bool], int] = {}
        of_request: dict[tuple[int, int, bool], int] = {}
        now = None
        for row, (place, step, requested_at) in enumerate(
            zip(self._adoptions.place, columns.step, columns.requested_at, strict=True)
        ):
            what, previous, held[place] = same[adopted[row]], held[place], row
            if previous >= 0 and same[adopted[previous]] == what:
                continue  # a new session, or a new template of the same values
            if step != now:
                now = step
                of_step.clear()
            position = len(self._first)
            if row in self._decisions:
                position = of_decision.setdefault((self._decisions[row], previous < 0), position)
            elif requested_at == NONE:
                position = of_step.setdefault((what, previous < 0), position)
            else:
                position = of_request.setdefault((what, requested_at, previous < 0), position)
            self._add(row, previous, position)

    def _add(self, row: int, previous: int, position: int) -> None:
        if position == len(self._first):
            self._first.append(row)
            self._previous.append(previous)
            self._changes += previous >= 0
            self._numbers.append(self._changes if previous >= 0 else 0)
        else:
            self._others.setdefault(position, []).append(row)
        self.row_numbers[row] = self._numbers[position]


def _same(values: Sequence[AdoptionKind]) -> Sequence[int]:
    """For each kind of adoption, the position of the first one with the same config and task; templates may differ."""
    first: dict[tuple[str, str | None], int] = {}
    return [first.setdefault((value.config, value.task), position) for position, value in enumerate(values)]
