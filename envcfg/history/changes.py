"""The initial configs and the changes of a run: the decisions of the curriculum, each with its adoptions."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn, overload

from envcfg.core.record import Cause
from envcfg.core.renamed import refuse_call
from envcfg.history.adoptions import Adoptions, Place
from envcfg.history.groups import Groups, part
from envcfg.journal.columns import NONE


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

    def __init__(self, adoptions: Adoptions, groups: Groups, positions: Sequence[int]) -> None:
        self._adoptions = adoptions
        self._groups = groups
        self._positions = positions

    @property
    def first_rows(self) -> Sequence[int]:
        """The row of the first adoption of each one."""
        return part(self._groups.first, self._positions)

    def between(self, first: float, last: float) -> "Entries":
        """Those whose first step is at least *first* and at most *last*."""
        steps = self._groups.steps
        start = bisect_left(self._positions, first, key=steps.__getitem__)
        stop = bisect_right(self._positions, last, key=steps.__getitem__)
        return self.part(start, stop)

    def part(self, start: int, stop: int) -> "Entries":
        """Those from the position *start* to before *stop*. Unlike a slice, this creates no change."""
        return Entries(self._adoptions, self._groups, self._positions[start:stop])

    @property
    def steps(self) -> Sequence[int]:
        """The step of the first adoption of each one."""
        return part(self._groups.steps, self._positions)

    @property
    def each_number(self) -> Sequence[int]:
        """The number of each one; 0 for an initial config."""
        return part(self._groups.numbers, self._positions)

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
        return self._change(found) if isinstance(found, int) else tuple(map(self._change, found))

    def __len__(self) -> int:
        return len(self._positions)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entries | tuple) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # it compares by content, like a list

    def _change(self, position: int) -> Change:
        adoptions, first = self._adoptions, self._groups.first[position]
        rows = (first, *self._groups.others.get(position, ()))
        columns, before = adoptions.columns, adoptions.before[first]
        adopted, epoch, requested_at = columns.adopted[first], columns.epoch[first], columns.requested_at[first]
        return Change(
            number=self._groups.number(position),
            step=columns.step[first],
            last_step=columns.step[rows[-1]],
            epoch=None if epoch == NONE else epoch,
            time=columns.time[first] / 1000,
            task=adopted.task,
            before=None if before < 0 else columns.adopted.values[before].config,
            config=adopted.config,
            requested_at=None if requested_at == NONE else requested_at,
            cause=columns.cause[first],
            places=tuple([adoptions.places[adoptions.place[row]] for row in rows]),
            rows=rows,
            variants=tuple(dict.fromkeys(map(self._variant, rows if first in self._groups.decisions else rows[:1]))),
        )

    def _variant(self, row: int) -> tuple[str | None, str]:
        adopted, before = self._adoptions.columns.adopted, self._adoptions.before[row]
        return None if before < 0 else adopted.values[before].config, adopted[row].config


class Changes(Entries):
    """The changes of a run, by number: the first one has number 1. Initial configs are not among them."""

    def __init__(self, adoptions: Adoptions, decisions: Mapping[int, int] = MappingProxyType({})) -> None:
        """*decisions* has the number of its decision for each row that made a request effective."""
        groups = Groups(adoptions, decisions)
        super().__init__(adoptions, groups, groups.changes)
        self.initial = Entries(adoptions, groups, groups.initial)
        """The initial configs. There are several if slots began with different configs, or at different steps."""
        self.with_initial = Entries(adoptions, groups, range(len(groups)))
        """The initial configs and the changes together."""

    @property
    def numbers(self) -> Sequence[int]:
        """For each adoption the number of its change, 0 for an initial config.

        It is `NONE` if the place adopted the same config again.
        """
        return self._groups.row_numbers

    if not TYPE_CHECKING:  # it was a method

        def __call__(self, _: Change) -> NoReturn:
            raise refuse_call("history.changes(transaction)")

    def __repr__(self) -> str:
        return f"<{len(self):,} change{'s' * (len(self) != 1)}>"
