"""The changes of a run, for a sink that shows each one: one row for each key that changed."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from envcfg.core import encoding
from envcfg.core.diff import Absent, diff
from envcfg.core.path import dotted
from envcfg.core.record import Cause, Record, Request
from envcfg.core.tree import Config, Marker, Tree
from envcfg.sinks.change_counter import ChangeCounter

_LONGEST: Final = 80
"""The most characters of a value that are shown."""


class ChangedKey(NamedTuple):
    """One key of one change."""

    number: int
    step: int
    epoch: int | None
    task: str | None
    cause: str
    key: str
    before: str
    after: str


class ChangeLog:
    """Receives records, and yields the rows of each change once, however many slots adopt it.

    With a *counter* that somebody else tells of each record before, the numbers are its numbers.
    """

    def __init__(self, counter: ChangeCounter | None = None) -> None:
        self._is_own = counter is None
        self._counter = ChangeCounter() if counter is None else counter
        self._seen = 0
        self._held: dict[int, Config] = {}

    @property
    def has_records(self) -> bool:
        return bool(self._held)

    def requested(self, request: Request) -> None:
        self._counter.requested(request)

    def record(self, record: Record, config: Config) -> list[ChangedKey]:
        """The rows of a change that this record is the first one of; empty for any other record."""
        before, seen = self._held.get(record.slot), self._seen
        self._held[record.slot] = config
        if self._is_own:
            self._counter.record(record)
        self._seen = self._counter.count
        if before is None or self._seen == seen:
            return []
        return list(_rows(self._counter.count, record, before, config))


def _rows(number: int, record: Record, before: Config, after: Config) -> Iterator[ChangedKey]:
    cause = _cause_text(record.cause)
    for edit in diff(before, after):
        values = _text(edit.before), _text(edit.after)
        yield ChangedKey(number, record.step, record.epoch, record.task, cause, dotted(edit.path), *values)


def _cause_text(cause: Cause | None) -> str:
    if cause is None:
        return ""
    metric = "" if cause.metric is None else f" {cause.metric}={cause.value:.4g}" if cause.value is not None else ""
    return f"{cause.kind}{metric}"


def _text(value: Tree | Absent) -> str:
    if isinstance(value, Absent):
        return ""
    text = value if isinstance(value, str) else None
    if isinstance(value, Marker) and isinstance(value.value, str):
        text = value.value
    return (text if text is not None else encoding.encode(value).decode())[:_LONGEST]
