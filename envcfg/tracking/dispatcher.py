"""Where what a tracker learns goes: into the journal first, then to the sinks; what fails there is written, too."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from envcfg.core.code import Code
from envcfg.core.errors import JournalError
from envcfg.core.record import Ending, Entry, Failure, Record, Stored
from envcfg.journal.segment import SegmentWriter
from envcfg.tracking.guard import Guard
from envcfg.tracking.policy import SEAL_AT, SavePolicy
from envcfg.tracking.redaction.secret_values import written
from envcfg.tracking.sink import Sink

_LOOK_AFTER: Final = 16
"""Writes after which the open segment is looked for; it costs what a sixth of a write does."""
_LOOK_AGAIN: Final = 5.0
"""Seconds of the clock after which the end of an epoch is an occasion to look, too."""
_SEAL_AGAIN: Final = 60.0
"""Seconds between two segments of a shard that others upload, at first; it grows as that between their versions."""


class Dispatcher:
    """The journal of one process of a run, and the sinks that hear what is in it."""

    def __init__(
        self,
        journal: SegmentWriter,
        sinks: tuple[Sink, ...],
        clock: Callable[[], float],
        *,
        strict: bool,
        text: Callable[[object], str] = written,
    ) -> None:
        self.journal = journal
        self.text = text
        """Gives a task name, a note or an error as it may be written."""
        self.guard = Guard(self._report, clock=self.now, strict=strict, text=text)
        self.sinks = sinks
        self.when_removed: list[Callable[[], None]] = []
        """To be called when what was written before is gone: who relies on it has to say it again."""
        self._fresh: list[tuple[Sequence[Record], Sequence[Stored]]] = []
        """Written since the open segment was looked for last, or begun."""
        self._clock = clock
        self._looked = -math.inf
        self._is_shard = bool(journal.writer.rank or journal.writer.worker)
        self._seals = SavePolicy(interval=0, gap=_SEAL_AGAIN)

    def now(self) -> float:
        """The clock in whole milliseconds, which is what a journal keeps."""
        return round(self._clock() * 1_000) / 1_000

    def tell(self, hear: Callable[[Sink], None]) -> None:
        """Have each sink hear something; one that fails keeps it from no other."""
        for sink in self.sinks:
            with self.guard(type(sink).__name__):
                hear(sink)

    def store(self, config: Stored | None) -> str | None:
        """Make sure that the open segment holds a config before something refers to it; gives its digest."""
        if config is None:
            return None
        if not self.journal.knows(config.digest):
            self.append(config)
        return config.digest

    def append(self, entry: Entry) -> None:
        """Append, and seal a segment that is full: only where no config waits for its record."""
        self.journal.append(entry, time=self.now())
        if not isinstance(entry, Stored):
            self._rotate()

    def append_records(self, records: Sequence[Record], configs: Sequence[Stored]) -> None:
        """Append all at once, with those of their *configs* that the open segment does not hold."""
        if records:
            self.journal.append_records(records, configs, time=records[-1].time)
            self._fresh.append((records, configs))
            self._rotate()
            if len(self._fresh) >= _LOOK_AFTER:
                self.look_after()

    def glance(self) -> None:
        """`look_after`, unless that was done a moment ago: of a short epoch it would be half the cost."""
        now = self._clock()
        if not 0 <= now - self._looked < _LOOK_AGAIN:
            self._looked = now
            self.look_after()

    def look_after(self) -> None:
        """Begin a new segment where somebody removed the open one, with what was written since it was there.

        So, too, where the one that it goes on from was removed: what comes next states again what it refers to.
        """
        fresh, self._fresh = self._fresh, []
        if self.journal.is_orphaned and not self.journal.is_removed:
            self.journal.begin_anew()
            with self.guard("journal"):
                said = f"segments in {self.journal.folder} were taken away: a new one begins"
                raise JournalError(said, code=Code.TAKEN_AWAY)
        if self.journal.is_removed:
            path = self.journal.path
            self.journal.begin_anew()
            for forget in self.when_removed:
                forget()
            for records, configs in fresh:
                self.journal.append_records(records, configs, time=self.now())
            with self.guard("journal"):
                said = f"{path} was taken away while it was written: a new one begins, without what it held"
                raise JournalError(said, code=Code.TAKEN_AWAY)

    def leave_to(self, other: "Dispatcher") -> None:
        """In another process: the journal is the parent's, and what fails from now on the other outlet's."""
        self.journal.disown()
        self.guard.successor = other.guard

    def end(self, ending: Ending) -> None:
        """Write what failed and how the run ended, seal the journal, let the sinks finish: each in any case."""
        told = tuple(self.guard.latest.values())
        try:
            with self.guard("close"):
                self._append_all(*told, ending)
                self.journal.seal()
        finally:
            self.tell(lambda sink: sink.closed(ending))
            late = [failure for failure in self.guard.latest.values() if failure not in told]
            with self.guard("close"):
                self._append_all(*late)  # what failed at the very end is worth a segment of its own
                self.journal.seal()

    def _append_all(self, *entries: Entry) -> None:
        for entry in entries:
            self.append(entry)

    def _rotate(self) -> None:
        """Seal a segment that is full, or waited for; one that cannot be sealed stays as it is, which loses nothing."""
        if self.journal.is_full or self._is_waited_for:
            self._seals = self._seals.saved(epoch=0, time=self._clock())
            self.look_after()
            with self.guard("seal"):
                self.journal.seal()

    @property
    def _is_waited_for(self) -> bool:
        """Whether whoever uploads the journal of all shards may wait for what is in the open segment of this one."""
        return self._is_shard and self.journal.size >= SEAL_AT and self._clock() >= self._seals.next_change

    def _report(self, failure: Failure) -> None:
        """Put a failure into the journal, unless it is the journal that fails."""
        if self.journal.is_open:
            with self.guard("journal"):
                self.append(failure)
