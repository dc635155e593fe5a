"""Counts the changes in the records of a shard while they are recorded."""

from collections import OrderedDict
from typing import Final

from envcfg.core.record import Record

REMEMBERED: Final = 10_000
"""The number of changes to remember. A slot that adopts one after so many newer ones counts it again."""


class ChangeCounter:
    """Counts changes as a report does: the first config of a slot is not counted, and slots may share one change.

    Slots share it if they adopt the same config, requested at the same step. Without a request, they share it if they
    adopt at the same step.
    """

    def __init__(self) -> None:
        self.count = 0
        self._held: dict[int, tuple[str, str | None]] = {}
        self._seen: OrderedDict[tuple[object, ...], None] = OrderedDict()

    def record(self, record: Record) -> None:
        adopted, before = (record.config, record.task), self._held.get(record.slot)
        if adopted == before:
            return
        self._held[record.slot] = adopted
        if before is None:
            return
        asked = ("at", record.step) if record.requested_at is None else ("for", record.requested_at)
        key = (*adopted, *asked)
        self.count += key not in self._seen
        self._seen[key] = None
        self._seen.move_to_end(key)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
