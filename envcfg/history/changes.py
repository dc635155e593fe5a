"""Groups adoptions into changes: the decisions of the curriculum."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, overload

from envcfg.core.record import Cause
from envcfg.core.renamed import refuse_call
from envcfg.history.adoptions import Adoptions, Place
from envcfg.journal.columns import NONE, AdoptionKind


@dataclass(frozen=True, slots=True)
class Change:
    """One decision of the curriculum: all slots that adopted the same task and config for the same request.

    Without a request, adoptions of the same config at the same step are one change. Number 1 is the initial config.
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
    row: int
    """The row of the first adoption in the history."""

    @property
    def is_initial(self) -> bool:
        return self.before is None


class Changes(Sequence[Change]):
    """The changes of a run, numbered from 1 in order of their first step. Each is created when it is accessed."""

    def __init__(self, adoptions: Adoptions) -> None:
        self._adoptions = adoptions
        self._first, self._previous, self._others = array("q"), array("q"), dict[int, list[int]]()
        self.numbers = array("q", bytes(8 * len(adoptions)))
        """For each adoption the number of its change; 0 if the place adopted the same config again."""
        self._group()

    @property
    def initial(self) -> int:
        """The number of changes that gave a place its first config."""
        return self._previous.count(-1)

    @property
    def first_rows(self) -> Sequence[int]:
        """The row of the first adoption of each change."""
        return self._first

    @property
    def shared_rows(self) -> Iterable[Sequence[int]]:
        """The rows of each change that several slots adopted."""
        return ((self._first[number - 1], *rows) for number, rows in self._others.items())

    @overload
    def __getitem__(self, index: int) -> Change: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Change, ...]: ...
    def __getitem__(self, index: int | slice) -> Change | tuple[Change, ...]:
        found = range(len(self))[index]
        return self._change(found) if isinstance(found, int) else tuple(map(self._change, found))

    if not TYPE_CHECKING:  # it was a method

        def __call__(self, _: Change) -> NoReturn:
            raise refuse_call("history.changes(transaction)")

    def __len__(self) -> int:
        return len(self._first)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Changes | tuple) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # it compares by content, like a list

    def __repr__(self) -> str:
        return f"<{len(self):,} changes>"

    def _group(self) -> None:
        columns = self._adoptions.columns
        same, adopted = _same(columns.adopted.values), columns.adopted.index
        held = [-1] * len(self._adoptions.places)
        of_step: dict[tuple[int, bool], int] = {}
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
            number = len(self._first) + 1
            if requested_at == NONE:
                number = of_step.setdefault((what, previous < 0), number)
            else:
                number = of_request.setdefault((what, requested_at, previous < 0), number)
            self._add(row, previous, number)

    def _add(self, row: int, previous: int, number: int) -> None:
        self.numbers[row] = number
        if number > len(self._first):
            self._first.append(row)
            self._previous.append(previous)
        else:
            self._others.setdefault(number, []).append(row)

    def _change(self, index: int) -> Change:
        first, previous = self._first[index], self._previous[index]
        rows = [first, *self._others.get(index + 1, ())]
        columns, places, place = self._adoptions.columns, self._adoptions.places, self._adoptions.place
        adopted, epoch, requested_at = columns.adopted[first], columns.epoch[first], columns.requested_at[first]
        return Change(
            number=index + 1,
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
            row=first,
        )


def _same(values: Sequence[AdoptionKind]) -> Sequence[int]:
    """For each kind of adoption, the position of the first one with the same config and task; templates may differ."""
    first: dict[tuple[str, str | None], int] = {}
    return [first.setdefault((value.config, value.task), position) for position, value in enumerate(values)]
