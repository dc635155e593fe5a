"""Writes each entry to the journal first, then passes it to the sinks. Failures are written to the journal too."""

import math
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from msgspec.structs import replace

from envcfg.core.code import Code
from envcfg.core.errors import JournalError
from envcfg.core.record import Concurrent, Ending, Entry, Failure, Record, Stored
from envcfg.core.units import LATEST_WRITTEN
from envcfg.journal.folder import segments
from envcfg.journal.limits import batches
from envcfg.journal.others import ShardWatch
from envcfg.journal.segment import SegmentWriter
from envcfg.tracking.guard import Guard
from envcfg.tracking.policy import SEAL_AT, SavePolicy
from envcfg.tracking.redaction.secret_values import safe_text
from envcfg.tracking.sink import Sink

_WRITES_PER_CHECK: Final = 16
"""The number of writes between two checks that the open segment still exists. A check costs a sixth of a write."""
_SECONDS_PER_CHECK: Final = 5.0
"""The end of an epoch also checks the open segment, if its last check was at least this many seconds ago."""
TWO_WRITERS: Final = (
    "envcfg: two writers at once: another program records into {folder} too; both are recorded, as two runs. Give each "
    "its own folder: hydra.run.dir=... or Tracker(folder) (training goes on; shown once)\n"
)
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
        self._watch = ShardWatch(journal.folder, journal.writer)
        self._fresh: list[tuple[Sequence[Record], Sequence[Stored]]] = []
        """Records written since the last check of the open segment."""
        self._clock = clock
        self._latest, self._earliest = 0.0, 0.0
        """The latest time that was given out, and the earliest one that may still be given out."""
        self._checked_at = -math.inf
        self._is_shard = bool(journal.writer.rank or journal.writer.worker)
        self._seals = SavePolicy(interval=0, gap=_SEAL_AGAIN)

    def now(self) -> float:
        """The time of the clock in seconds, rounded to milliseconds, within what a reader accepts."""
        time = round(self._clock() * 1_000) / 1_000
        if not self._earliest <= time <= LATEST_WRITTEN:
            time = min(max(time, self._earliest), LATEST_WRITTEN)
        self._latest = max(self._latest, time)
        return time

    def next_moment(self) -> float:
        """A time after those of all entries so far, and not after those of later entries, whatever the clock says."""
        after = round(self._latest * 1_000 + 1) / 1_000
        self._earliest = min(max(self.now(), after), LATEST_WRITTEN)
        return self.now()

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
        """Append records, with those of their *configs* that the journal does not have yet, in as few writes as fit."""
        for part, needed in batches(records, configs) if records else ():
            self.journal.append_records(part, needed, time=part[-1].time)
            self._fresh.append((part, needed))
            self._rotate()
            if len(self._fresh) >= _WRITES_PER_CHECK:
                self.check_segment()

    def check_segment_sometimes(self) -> None:
        """Call `check_segment` and sync the journal, unless that was moments ago: it takes half of a short epoch."""
        now = self._clock()
        if not 0 <= now - self._checked_at < _SECONDS_PER_CHECK:
            self._checked_at = now
            self.check_segment()
            with self.guard("journal"):
                self.tell_two_writers()
            with self.guard("sync"):
                self.journal.sync()

    def check_segment(self) -> None:
        """If the open segment was deleted or replaced, begin a new one.

        The records since the last check are written again, unless all of the segment could be put back. If only the
        first segment of its chain was deleted, the next segment begins a new chain.
        """
        fresh, self._fresh = self._fresh, []
        journal, path = self.journal, self.journal.path
        if journal.is_removed:
            self._begin_anew(fresh)
            self._tell_taken(f"{path} was deleted while being written")
        elif journal.is_replaced:
            with self.guard("journal"):
                if journal.restore():
                    fresh = []
            self._begin_anew(fresh)
            self._tell_taken(f"{path} was replaced by another file while being written")
        elif journal.restored is not None:
            path, journal.restored = journal.restored, None
            self._tell_taken(f"{path} was replaced by another file while being written")
        elif journal.is_orphaned:
            journal.begin_anew()
            self._tell_taken(f"segments in {journal.folder} were deleted")

    def _begin_anew(self, fresh: Sequence[tuple[Sequence[Record], Sequence[Stored]]]) -> None:
        """Leave the open segment, and write the records that it may not contain again."""
        self.journal.begin_anew(sum(len(records) for records, _ in fresh))
        for forget in self.when_removed:
            forget()
        for records, configs in fresh:
            self.journal.append_records(records, configs, time=self.now())

    def _tell_taken(self, what: str) -> None:
        with self.guard("journal"):
            raise JournalError(f"{what}; recording continues in a new segment", code=Code.TAKEN_AWAY)

    def tell_two_writers(self, living: str = "") -> None:
        """Write and show each session that writes to the same shard while this one does. Each is told once."""
        if self.journal.writer.worker:
            return  # its training process tells it
        for session in self._watch.new_writers(living):
            self.append(Concurrent(session, self.now()))
            with suppress(Exception):  # stderr may be closed, or on a full disk
                sys.stderr.write(TWO_WRITERS.format(folder=self.journal.folder))

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
                self.tell_two_writers()
                self._append_all(*written, self._with_totals(ending))
                self.journal.seal()
        finally:
            self.notify(lambda sink: sink.closed(ending))
            late = [failure for failure in self.guard.causes.values() if failure not in written]
            with self.guard("close"):
                self._append_all(*late)  # failures of the sinks go into one more segment
                self.journal.seal()
            self.guard.show_counts(self.journal.folder, kept)

    def _with_totals(self, ending: Ending) -> Ending:
        """*ending* with the number of records, and in a training process with the last segment of each shard."""
        ending = replace(ending, records=self.journal.records)
        if self.journal.writer.worker:
            return ending
        with suppress(OSError):  # the folder may be gone
            return replace(ending, segments={each.shard: each.number for each in segments(self.journal.folder)})
        return ending

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
