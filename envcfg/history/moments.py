"""A moment of a run, as people name it: `12000`, `first`, `last`, `epoch:40`, `change:7`, `time:2026-11-24T14:00`."""

from array import array
from dataclasses import dataclass
from datetime import datetime
from math import inf, nextafter
from typing import TYPE_CHECKING, Final

from envcfg.core.errors import SourceError
from envcfg.history.transactions import Transaction
from envcfg.journal.columns import NONE

if TYPE_CHECKING:
    from envcfg.history.history import History

MOMENTS: Final = (
    "an environment step, first, last, epoch:N (its end), change:N, or time:ISO (such as time:2026-11-24T14:00; "
    "without an offset, in this machine's time zone)"
)
GRAMMAR: Final = f"a moment is {MOMENTS}"

_BLOCK: Final = 4096
"""Rows that are looked at together, which is quicker than one by one."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in the order of what was recorded."""

    step: int
    """In environment steps."""
    start: int
    """How many adoptions had been recorded before it."""
    stop: int
    """How many had been recorded with it."""
    transaction: Transaction | None = None
    """The change that was named, where one was: what it brought is meant, not what most slots ran."""


def moment(history: "History", named: int | str) -> Moment:
    """The moment of *history* that *named* means; raises `SourceError` where it is none, or lies outside of the run."""
    if isinstance(named, int):
        return _of_step(history, named)
    kind, _, value = named.strip().partition(":")
    try:
        match kind, value:
            case "first", "":
                return _of_step(history, history.adoptions.columns.step[0] if len(history.adoptions) else 0)
            case "last", "":
                return _of_step(history, history.last_step)
            case "epoch", _:
                return _of_epoch(history, int(value))
            case "change", _:
                return _of_change(history, int(value))
            case "time", _:
                return _of_time(history, datetime.fromisoformat(value))
        return _of_step(history, int(named))
    except ValueError:
        raise SourceError(f"{named!r} is no moment: {GRAMMAR}") from None


def _of_step(history: "History", step: int) -> Moment:
    return Moment(step, history.adoptions.row_at(step - 1), history.adoptions.row_at(step))


def _of_epoch(history: "History", epoch: int) -> Moment:
    last = history.last_epoch
    if last is None:
        raise SourceError(f"run {history.run} recorded no epochs: name a step, or time:ISO")
    if epoch > last:
        raise SourceError(f"run {history.run} was recorded up to epoch {last}: there is no epoch {epoch}")
    columns = history.adoptions.columns
    stop = _last(columns.epoch, epoch)
    steps = [mix.step for mix in history.mixes if mix.epoch is not None and mix.epoch <= epoch]
    if not stop and not steps:
        raise SourceError(f"run {history.run} was first recorded after epoch {epoch}")
    start = _last(columns.epoch, epoch - 1)
    return Moment(max([*columns.step[stop - 1 : stop], *steps[-1:]]), start, stop)


def _of_change(history: "History", number: int) -> Moment:
    if not 1 <= number <= len(history.transactions):
        raise SourceError(f"run {history.run} has {len(history.transactions)} changes: there is no change {number}")
    transaction = history.transactions[number - 1]
    return Moment(transaction.step, transaction.row, transaction.row + 1, transaction)


def _of_time(history: "History", time: datetime) -> Moment:
    instant = time.timestamp()
    columns = history.adoptions.columns
    stop = _last(columns.time, instant * 1000)
    steps = [*columns.step[stop - 1 : stop], *(mix.step for mix in history.mixes if mix.time <= instant)]
    if not steps:
        raise SourceError(f"nothing of run {history.run} was recorded up to {time.isoformat()}")
    return Moment(max(steps), _last(columns.time, nextafter(instant * 1000, -inf)), stop)


def _last(column: "array[int] | array[float]", latest: float) -> int:
    """How many rows there are up to the last one that is not after *latest*; one without a value does not count."""
    for start in reversed(range(0, len(column), _BLOCK)):
        block = column[start : start + _BLOCK]
        if min(block) <= latest:
            for row in reversed(range(len(block))):
                if NONE < block[row] <= latest:
                    return start + row + 1
    return 0
