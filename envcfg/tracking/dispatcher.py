"""Writes each entry to the journal first, then passes it to the sinks. Failures are written to the journal too."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from envcfg.core.code import Code
from envcfg.core.errors import JournalError
from envcfg.core.record import LATEST_WRITTEN, Ending, Entry, Failure, Record, Stored
from envcfg.journal.segment import SegmentWriter
from envcfg.tracking.guard import Guard
from envcfg.tracking.policy import SEAL_AT, SavePolicy
from envcfg.tracking.redaction.secret_values import safe_text
from envcfg.tracking.sink import Sink

_WRITES_PER_CHECK: Final = 16
"""The number of writes between two checks that the open segment still exists. A check costs a sixth of a write."""
_SECONDS_PER_CHECK: Final = 5.0
"""The end of an epoch also checks the open segment, if its last check was at least this many seconds ago."""
_SEAL_AGAIN: Final = 60.0
"""The first seconds between two seals of a shard that another process uploads. They grow like `SavePolicy.gap`."""


class Dispatcher:
    """The journal of one process of a run, and its sinks."""

    def __init__(
        self,
        journal: SegmentWriter,
        sinks: tuple[Sink, ...],
        clock: Callable[[], float],
        *,
        strict: bool,
        text: Callable[[object], str] = safe_text,
    ) -> None:
        self.journal = journal
        self.text = text
        """Removes the secrets from a task name, a note or an error."""
        self.guard = Guard(self._report, clock=self.now, strict=strict, text=text)
        self.sinks = sinks
        self.when_removed: list[Callable[[], None]] = []
        """Called when earlier records were lost, so that they are written again."""
        self._fresh: list[tuple[Sequence[Record], Sequence[Stored]]] = []
        """Records written since the last check of the open segment."""
        self._clock = clock
        self._checked_at = -math.inf
        self._is_shard = bool(journal.writer.rank or journal.writer.worker)
        self._seals = SavePolicy(interval=0, gap=_SEAL_AGAIN)

    def now(self) -> float:
        """The time of the clock in seconds, rounded to milliseconds, within what a reader accepts."""
        time = round(self._clock() * 1_000) / 1_000
        return time if 0 <= time <= LATEST_WRITTEN else min(max(time, 0.0), LATEST_WRITTEN)

    def notify(self, call: Callable[[Sink], None]) -> None:
        """Call each sink. If one fails, the others are still called."""
        for sink in self.sinks:
            with self.guard(type(sink).__name__):
                call(sink)

    def row(self) -> int | None:
        """The row of a tracking service that comes next, if a sink knows it."""
        for sink in self.sinks:
            with self.guard(type(sink).__name__):
                row = getattr(sink, "row", None)
                if type(row) is int:  # a sink of the user may have another attribute of this name
                    return row
        return None

    def store(self, config: Stored | None) -> str | None:
        """Write a config to the journal unless it is there already; returns its digest."""
        if config is None:
            return None
        if not self.journal.knows(config.digest):
            self.append(config)
        return config.digest

    def append(self, entry: Entry) -> None:
        """Append an entry, and seal a full segment; but never between a config and its record."""
        self.journal.append(entry, time=self.now())
        if not isinstance(entry, Stored):
            self._rotate()

    def append_records(self, records: Sequence[Record], configs: Sequence[Stored]) -> None:
        """Append records in one write, with those of their *configs* that the journal does not have yet."""
        if records:
            self.journal.append_records(records, configs, time=records[-1].time)
            self._fresh.append((records, configs))
            self._rotate()
            if len(self._fresh) >= _WRITES_PER_CHECK:
                self.check_segment()

    def check_segment_sometimes(self) -> None:
        """Call `check_segment`, unless it was called moments ago. It would take half the time of a short epoch."""
        now = self._clock()
        if not 0 <= now - self._checked_at < _SECONDS_PER_CHECK:
            self._checked_at = now
            self.check_segment()

    def check_segment(self) -> None:
        """If the open segment was deleted, begin a new one and write the records since the last check again.

        If only the first segment of its chain was deleted, the next segment begins a new chain.
        """
        fresh, self._fresh = self._fresh, []
        if self.journal.is_orphaned and not self.journal.is_removed:
            self.journal.begin_anew()
            with self.guard("journal"):
                said = f"segments in {self.journal.folder} were deleted; recording continues in a new segment"
                raise JournalError(said, code=Code.TAKEN_AWAY)
        if self.journal.is_removed:
            path = self.journal.path
            self.journal.begin_anew()
            for forget in self.when_removed:
                forget()
            for records, configs in fresh:
                self.journal.append_records(records, configs, time=self.now())
            with self.guard("journal"):
                said = f"{path} was deleted while being written; recording continues in a new segment"
                raise JournalError(said, code=Code.TAKEN_AWAY)

    def hand_over(self, other: "Dispatcher") -> None:
        """In another process: close our copy of the open segment, and let *other* count the failures."""
        self.journal.disown()
        self.guard.successor = other.guard

    def end(self, ending: Ending, *, kept: int) -> None:
        """Write the failures and the ending, seal the journal and close the sinks, even if one of these steps fails.

        *kept* is the number of adoptions that were counted.
        """
        written = tuple(self.guard.causes.values())
        try:
            with self.guard("close"):
                self._append_all(*written, ending)
                self.journal.seal()
        finally:
            self.notify(lambda sink: sink.closed(ending))
            late = [failure for failure in self.guard.causes.values() if failure not in written]
            with self.guard("close"):
                self._append_all(*late)  # failures of the sinks go into one more segment
                self.journal.seal()
            self.guard.show_counts(self.journal.folder, kept)

    def _append_all(self, *entries: Entry) -> None:
        for entry in entries:
            self.append(entry)

    def _rotate(self) -> None:
        """Seal a segment that is full, or due for an upload. If sealing fails, the open segment stays complete."""
        if self.journal.is_full or self._is_due_for_upload:
            self._seals = self._seals.saved(epoch=0, time=self._clock())
            self.check_segment()
            with self.guard("seal"):
                self.journal.seal()

    @property
    def _is_due_for_upload(self) -> bool:
        """Whether to seal the open segment of this shard now, so that the process that uploads the journal sees it."""
        return self._is_shard and self.journal.size >= SEAL_AT and self._clock() >= self._seals.next_change

    def _report(self, failure: Failure) -> None:
        """Write a failure to the journal, unless the journal itself fails."""
        if self.journal.is_open:
            with self.guard("journal"):
                self.append(failure)
