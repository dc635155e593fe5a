"""A moment of a run, as people name it: `12000`, `first`, `last`, `epoch:40`, `change:7`, `time:2026-11-24T14:00`."""

from array import array
from dataclasses import dataclass
from datetime import datetime
from math import inf, nextafter
from typing import Final

from envcfg.core.errors import SourceError
from envcfg.history.changes import Change
from envcfg.history.queries.coverage import coverage
from envcfg.history.recording import Recording
from envcfg.journal.columns import NONE

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
    change: Change | None = None
    """The change that was named, where one was: what it brought is meant, not what most slots ran."""
    beyond: str = ""
    """A sentence where it was named as one after the last record; then `step` is that of the last record."""


def moment(history: Recording, named: int | str) -> Moment:
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


def _of_step(history: Recording, step: int) -> Moment:
    rows, last = history.adoptions, history.last_step
    beyond = _beyond(history, f"step {step:,}", f"step {last:,}") if step > last else ""
    return Moment(min(step, last), rows.row_at(step - 1), rows.row_at(step), beyond=beyond)


def _beyond(history: Recording, asked: str, last: str) -> str:
    """A run without an ending may have gone on with what it ran; nobody can say how far."""
    open_end = " (it is still being written, or was cut off)" if history.status == "cut off" else ""
    return f"{asked} lies after the last record of run {history.run}, which is of {last}{open_end}"


def _of_epoch(history: Recording, epoch: int) -> Moment:
    last = history.last_epoch
    if last is None:
        raise SourceError(f"run {history.run} recorded no epochs: name a step, or time:ISO")
    beyond = _beyond(history, f"epoch {epoch}", f"epoch {last}") if epoch > last else ""
    epoch = min(epoch, last)
    columns = history.adoptions.columns
    stop = _last(columns.epoch, epoch)
    steps = [mix.step for mix in history.mixes if mix.epoch is not None and mix.epoch <= epoch]
    if not stop and not steps:
        raise SourceError(f"run {history.run} was first recorded after epoch {epoch}")
    start = _last(columns.epoch, epoch - 1)
    return Moment(max([*columns.step[stop - 1 : stop], *steps[-1:]]), start, stop, beyond=beyond)


def _of_change(history: Recording, number: int) -> Moment:
    if not 1 <= number <= len(history.changes):
        raise SourceError(f"run {history.run} has {len(history.changes)} changes: there is no change {number}")
    transaction = history.changes[number - 1]
    return Moment(transaction.step, transaction.row, transaction.row + 1, transaction)


def _of_time(history: Recording, time: datetime) -> Moment:
    instant = time.timestamp()
    columns = history.adoptions.columns
    stop = _last(columns.time, instant * 1000)
    steps = [*columns.step[stop - 1 : stop], *(mix.step for mix in history.mixes if mix.time <= instant)]
    if not steps:
        raise SourceError(f"nothing of run {history.run} was recorded up to {time.isoformat()}")
    last = coverage(history).last_time
    beyond = "" if last is None or instant <= last else _beyond(history, f"time {time.isoformat()}", _iso(last))
    return Moment(max(steps), _last(columns.time, nextafter(instant * 1000, -inf)), stop, beyond=beyond)


def _iso(instant: float) -> str:
    return datetime.fromtimestamp(instant).astimezone().isoformat(timespec="seconds")


def _last(column: "array[int] | array[float]", latest: float) -> int:
    """How many rows there are up to the last one that is not after *latest*; one without a value does not count."""
    for start in reversed(range(0, len(column), _BLOCK)):
        block = column[start : start + _BLOCK]
        if min(block) <= latest:
            for row in reversed(range(len(block))):
                if NONE < block[row] <= latest:
                    return start + row + 1
    return 0
