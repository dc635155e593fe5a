"""How many decisions of a curriculum are behind the records of a shard, counted as they come."""

from collections import OrderedDict
from typing import Final

from envcfg.core.record import Record

REMEMBERED: Final = 10_000
"""Requests that slots may still adopt: one that takes longer than so many others is counted twice."""


class Decisions:
    """Counts what reports call changes: slots that adopt the same for the same request, or at one step, share one."""

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
