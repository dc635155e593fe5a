"""Counts the changes in the records of a shard while they are recorded."""

from collections import OrderedDict
from typing import Final, Generic, TypeVar

from envcfg.core.decisions import Decisions
from envcfg.core.record import Record, Request

K = TypeVar("K")
V = TypeVar("V")
REMEMBERED: Final = 10_000
"""The number of changes to remember. A slot that adopts one after so many newer ones counts it again."""


class _Latest(OrderedDict[K, V], Generic[K, V]):
    """A dict of the entries that were set last, at most *most*."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self._most:
            self.popitem(last=False)


class ChangeCounter:
    """Counts changes as a report does: the first config of a slot is not counted, and slots may share one change.

    Slots share it if they adopt one decision, whatever config it gives each of them. Without a request, they share it
    if they adopt the same config, for the same step that the program said, or at the same step.
    """

    def __init__(self) -> None:
        self.count = 0
        self._held: dict[int, tuple[str, str | None]] = {}
        self._seen: _Latest[tuple[object, ...], None] = _Latest(REMEMBERED)
        self._decisions = Decisions()
        self._asked: _Latest[tuple[int, int | None], int] = _Latest(16 * REMEMBERED)
        """The step and the slot of a request, None for all slots -> the number of its decision."""

    def requested(self, request: Request) -> None:
        number = self._decisions.number(request)
        for slot in (None,) if request.slots is None else request.slots:
            self._asked[request.step, slot] = number

    def record(self, record: Record) -> None:
        adopted, before = (record.config, record.task), self._held.get(record.slot)
        if adopted == before:
            return
        self._held[record.slot] = adopted
        if before is None:
            return
        key = self._change(record)
        self.count += key not in self._seen
        self._seen[key] = None

    def _change(self, record: Record) -> tuple[object, ...]:
        step = record.requested_at
        if step is None:
            return record.config, record.task, "at", record.step
        numbers = [self._asked.get((step, slot), 0) for slot in (record.slot, None)]
        return ("decision", max(numbers)) if any(numbers) else (record.config, record.task, "for", step)
