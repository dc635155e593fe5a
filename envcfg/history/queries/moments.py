"""A moment of a run, as a user types it: `12000`, `first`, `last`, `epoch:40`, `change:7`, `time:2026-11-24T14:00`."""

from array import array
from dataclasses import dataclass
from datetime import datetime
from math import inf, nextafter
from typing import Final

from envcfg.core.errors import SourceError
from envcfg.core.selection import near_text, nearest
from envcfg.history.changes import Change
from envcfg.history.queries.coverage import coverage
from envcfg.history.recording import Recording
from envcfg.journal.columns import NONE

MOMENTS: Final = (
    "an environment step, first, last, epoch:N (its end), change:N (0 is the initial config), or time:ISO (such as "
    "time:2026-11-24T14:00; without an offset, in this machine's time zone)"
)
GRAMMAR: Final = f"a moment is {MOMENTS}"
_WORDS: Final = ("first", "last", "epoch", "change", "time")

_BLOCK: Final = 4096
"""The number of rows to compare at once, which is faster than row by row."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in the order of the records."""

    step: int
    """In environment steps."""
    start: int
    """The number of adoptions before the moment."""
    stop: int
    """The number of adoptions up to and including the moment."""
    change: Change | None = None
    """The change, if the moment names one. Then its config is meant, not that of all slots."""
    beyond: str = ""
    """A message if the moment is after the last record; then *step* is the step of the last record."""


def moment(history: Recording, named: int | str) -> Moment:
    """The moment that *named* means; raises `SourceError` for an invalid moment, or one outside of the run."""
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
        near = "" if kind in _WORDS or not nearest(kind, _WORDS) else f" ({near_text(kind, _WORDS).lstrip('; ')})"
        raise SourceError(f"invalid moment {named!r}{near}: {GRAMMAR}") from None


def _of_step(history: Recording, step: int) -> Moment:
    rows, last = history.adoptions, history.last_step
    beyond = _beyond(history, f"step {step:,}", f"step {last:,}") if step > last else ""
    return Moment(min(step, last), rows.row_at(step - 1), rows.row_at(step), beyond=beyond)


def _beyond(history: Recording, asked: str, last: str) -> str:
    """A message that a moment is after the last record. A run without an ending may have continued after it."""
    open_end = " (it is still being written, or was cut off)" if history.status == "cut off" else ""
    return f"{asked} is after the last record of run {history.run}, which is at {last}{open_end}"


def _of_epoch(history: Recording, epoch: int) -> Moment:
    last = history.last_epoch
    if last is None:
        raise SourceError(f"run {history.run} recorded no epochs: use a step, or time:ISO")
    beyond = _beyond(history, f"epoch {epoch:,}", f"epoch {last:,}") if epoch > last else ""
    epoch = min(epoch, last)
    columns = history.adoptions.columns
    stop = _last(columns.epoch, epoch)
    steps = [mix.step for mix in history.mixes if mix.epoch is not None and mix.epoch <= epoch]
    if not stop and not steps:
        raise SourceError(f"the first record of run {history.run} is after epoch {epoch:,}")
    start = _last(columns.epoch, epoch - 1)
    return Moment(max([*columns.step[stop - 1 : stop], *steps[-1:]]), start, stop, beyond=beyond)


def _of_change(history: Recording, number: int) -> Moment:
    first, *others = history.numbered(number)
    if others:  # several initial configs: the one that most slots began with
        return _of_step(history, first.step)
    return Moment(first.step, first.row, first.row + 1, first)


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
    """The number of rows up to the last one whose value is at most *latest*; rows without a value do not count."""
    for start in reversed(range(0, len(column), _BLOCK)):
        block = column[start : start + _BLOCK]
        if min(block) <= latest:
            for row in reversed(range(len(block))):
                if NONE < block[row] <= latest:
                    return start + row + 1
    return 0
