"""Where what a tracker learns goes: into the journal first, then to the sinks; what fails there is written, too."""

from collections.abc import Callable, Sequence
from pathlib import Path

from envcfg.core.errors import JournalError
from envcfg.core.record import Ending, Entry, Failure, Record, Stored, Writer
from envcfg.journal.segment import SegmentWriter
from envcfg.tracking.guard import Guard
from envcfg.tracking.sink import Sink


class Outlet:
    """The journal of one process of a run, and the sinks that hear what is in it."""

    def __init__(
        self, folder: Path, writer: Writer, sinks: tuple[Sink, ...], clock: Callable[[], float], *, strict: bool
    ) -> None:
        self.journal = SegmentWriter(folder, writer)
        self.guard = Guard(self._report, clock=self.now, strict=strict)
        self.sinks = sinks
        self._clock = clock

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
        if self.journal.is_full and not isinstance(entry, Stored):
            self.journal.seal()

    def append_records(self, records: Sequence[Record], configs: Sequence[Stored]) -> None:
        """Append all at once, with those of their *configs* that the open segment does not hold."""
        if records:
            self.journal.append_records(records, configs, time=self.now())
            if self.journal.is_full:
                self.journal.seal()

    def look_after(self) -> None:
        """Begin a new segment where somebody removed the one that is open."""
        if self.journal.is_removed:
            path = self.journal.path
            self.journal.begin_anew()
            with self.guard("journal"):
                raise JournalError(f"{path} was removed while it was written: what it held is lost, a new one begins")

    def end(self, ending: Ending) -> None:
        """Write what failed and how the run ended, seal the journal, let the sinks finish."""
        told = tuple(self.guard.latest.values())
        for failure in told:
            self.append(failure)
        self.append(ending)
        self.journal.seal()
        self.tell(lambda sink: sink.closed(ending))
        for failure in self.guard.latest.values():
            if failure not in told:
                self.append(failure)  # what failed at the very end is worth a segment of its own
        self.journal.seal()

    def _report(self, failure: Failure) -> None:
        """Put a failure into the journal, unless it is the journal that fails."""
        if self.journal.is_open:
            with self.guard("journal"):
                self.append(failure)
