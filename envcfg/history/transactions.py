"""Adoptions bundled into decisions of the curriculum."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from envcfg.core.record import Cause
from envcfg.history.adoptions import Adoptions, Place
from envcfg.journal.columns import NONE, Adopted


@dataclass(frozen=True, slots=True)
class Transaction:
    """One decision of the curriculum: all slots that adopted the same task and config for the same request.

    Without a request of its own, what is adopted at one step is one decision. Number 1 is the initial config.
    """

    number: int
    step: int
    """When the first slot adopted it."""
    last_step: int
    """When the last slot adopted it."""
    epoch: int | None
    time: float
    task: str | None
    before: str | None
    """Digest of what the first slot ran until then; None for its first config."""
    config: str
    requested_at: int | None
    cause: Cause | None
    places: tuple[Place, ...]
    """In the order in which they adopted it."""

    @property
    def is_initial(self) -> bool:
        return self.before is None


def transactions(adoptions: Adoptions) -> tuple[Transaction, ...]:
    """The decisions behind *adoptions*, numbered from 1 in order of their first step."""
    bundles = _bundles(adoptions)
    return tuple(_transaction(number, adoptions, rows) for number, rows in enumerate(bundles, start=1))


def _bundles(adoptions: Adoptions) -> Iterable[list[int]]:
    """The rows that followed each decision, with the row that the first place held before in front, -1 for none."""
    columns = adoptions.columns
    same = _same(columns.adopted.values)
    held = [-1] * len(adoptions.places)
    bundles: dict[tuple[int, int, int, bool], list[int]] = {}
    moments = zip(adoptions.place, columns.adopted.index, columns.step, columns.requested_at, strict=True)
    for row, (place, adopted, step, requested_at) in enumerate(moments):
        previous, held[place] = held[place], row
        what = same[adopted]
        if previous >= 0 and same[columns.adopted.index[previous]] == what:
            continue  # a new session, or a new template of the same values
        key = (what, step if requested_at == NONE else NONE, requested_at, previous < 0)
        bundles.setdefault(key, [previous]).append(row)
    return bundles.values()


def _same(values: Sequence[Adopted]) -> Sequence[int]:
    """For each kind of adoption, the first one with the same config and task, whatever its template."""
    first: dict[tuple[str, str | None], int] = {}
    return [first.setdefault((value.config, value.task), position) for position, value in enumerate(values)]


def _transaction(number: int, adoptions: Adoptions, rows: Sequence[int]) -> Transaction:
    previous, first, *_ = rows
    columns, places, place = adoptions.columns, adoptions.places, adoptions.place
    adopted, epoch, requested_at = columns.adopted[first], columns.epoch[first], columns.requested_at[first]
    return Transaction(
        number=number,
        step=columns.step[first],
        last_step=columns.step[rows[-1]],
        epoch=None if epoch == NONE else epoch,
        time=columns.time[first] / 1000,
        task=adopted.task,
        before=None if previous < 0 else columns.adopted[previous].config,
        config=adopted.config,
        requested_at=None if requested_at == NONE else requested_at,
        cause=columns.cause[first],
        places=tuple([places[place[row]] for row in rows[1:]]),
    )
