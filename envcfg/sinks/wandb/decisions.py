"""Counts the changes in the records of a shard while they are recorded."""

from collections import OrderedDict
from typing import Final

from envcfg.core.record import Record

REMEMBERED: Final = 10_000
"""Decisions to remember. A decision that is adopted after so many newer ones is counted twice."""


class ChangeCounter:
    """Counts changes as reports do. Slots that adopt the same config share one change.

    They share it if it was requested at the same step, or, without a request, adopted at the same step.
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
        asked = ("at", record.step) if record.requested_at is None else ("for", record.requested_at)
        key = (*adopted, *asked, before is None)
        self.count += key not in self._seen
        self._seen[key] = None
        self._seen.move_to_end(key)
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
