"""Writes a journal: one process appends to one open segment. A full segment is sealed, and the next one begins.

Each entry is one `os.write`. After the call returns, the entry survives the death of the process; a `sync` that ended
lets it survive a power cut, too. A segment whose last line may be torn is never appended to: a new segment begins.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from errno import ENOSPC
from functools import partial
from itertools import chain
from pathlib import Path

from msgspec.structs import replace

from envcfg.core.code import Code, code_of
from envcfg.core.errors import JournalError
from envcfg.core.record import Entry, Record, SlotEvent, Stored, Writer
from envcfg.journal.creation import closed, created
from envcfg.journal.durability import BackgroundSync, sync_file
from envcfg.journal.folder import Segment, shard_name
from envcfg.journal.format import FORMAT, VERSION, Header, JournalLine, SlotState, config_line, encoded_line
from envcfg.journal.limits import MOST_STATES, ROTATE_BY, within_limit
from envcfg.journal.lines import with_checksum
from envcfg.journal.presence import is_another, is_gone, put_back
from envcfg.journal.sealed.chain import Chain
from envcfg.journal.sealed.seal import seal
from envcfg.journal.sealed.unfinished import clear
from envcfg.journal.turns import Turns

ROTATE_AT = 1 << 21
"""An open segment with this many bytes is sealed. A sealed segment takes about a fiftieth of the bytes."""


class SegmentWriter:
    """The journal of one writer in *folder*: append entries, sync, close."""

    def __init__(self, folder: Path, writer: Writer, *, rotate_at: int = ROTATE_AT) -> None:
        self.folder = folder
        self.writer = writer
        self.rotate_at = min(rotate_at, ROTATE_BY)
        self._file = -1
        self._path: Path | None = None
        self._size = 0
        self._chain = Chain()
        self._next = 0  # the number of the next segment; 0 if the folder must be listed for it
        self._turns = Turns()
        self._background = BackgroundSync()
        self.reached: Callable[[], tuple[int, int | None]] = lambda: (0, None)
        """The current step and epoch of the run clock."""
        self._slots: dict[int, Record] = {}
        """The latest record of each living slot."""
        self._records = 0
        """The number of records in the open segment."""
        self.restored: Path | None = None
        """The segment that was replaced by another file and put back when it was sealed."""
        self.records = 0
        """The number of records that were written."""

    @property
    def run(self) -> str:
        return self.writer.run

    @property
    def session(self) -> str:
        return self.writer.session

    @property
    def rank(self) -> int:
        return self.writer.rank

    @property
    def path(self) -> Path | None:
        """The path of the open segment; None if no segment is open."""
        return self._path

    @property
    def is_open(self) -> bool:
        return self._file >= 0

    def knows(self, digest: str) -> bool:
        """Whether the chain contains this config. If not, append the config before a record of it."""
        return digest in self._chain.configs

    def append(self, entry: Entry, *, time: float) -> None:
        """Write one entry to the open segment; opens a segment if there is none."""
        self._turns.take(partial(self._append, entry, time))

    def append_records(self, records: Sequence[Record], configs: Iterable[Stored], *, time: float) -> None:
        """Write several records, and before them those *configs* that are new, in one `os.write`."""
        self._turns.take(partial(self._append_records, records, configs, time))

    def _append(self, entry: Entry, time: float) -> None:
        if self._file < 0:
            self._open(time)
        if isinstance(entry, Stored):
            self._write(self._file, self._new([entry]))
        elif isinstance(entry, Record):
            self._append_records([entry], (), time)
        elif isinstance(entry, SlotEvent):
            self._append_event(entry)
        else:
            self._write(self._file, [_line(entry)])

    def _append_records(self, records: Sequence[Record], configs: Iterable[Stored], time: float) -> None:
        if self._file < 0:
            self._open(time)
        self._write(self._file, chain(self._new(configs), map(_line, records)))
        self._records += len(records)
        self.records += len(records)
        self._slots |= {record.slot: record for record in records}

    @property
    def is_removed(self) -> bool:
        """Whether the open segment was deleted. If so, everything written to it is lost."""
        return self._path is not None and self.is_open and is_gone(self._path)

    @property
    def is_replaced(self) -> bool:
        """Whether another file has the name of the open segment, such as a copy. What is written is not in it."""
        return self._path is not None and self.is_open and is_another(self._file, self._path)

    def restore(self) -> bool:
        """If a copy of its beginning replaced the open segment, replace the copy by all of it; False for others."""
        if self._path is None or not self.is_open:
            return False
        try:
            return put_back(self._file, self._size, self._path)
        except OSError as error:
            raise self._error(error) from error

    @property
    def is_orphaned(self) -> bool:
        """Whether the first segment of the chain was deleted. If so, the open segment cannot be read completely."""
        first = Segment(shard_name(self.writer), self._chain.since, is_sealed=True)
        return bool(self._chain.written) and is_gone(first.path(self.folder))

    def begin_anew(self, again: int = 0) -> None:
        """Leave the open segment and its chain. The next entry opens a segment of a new chain.

        *again* is the number of its records that will be written again.
        """
        self._turns.take(partial(self._begin_anew, again))

    def _begin_anew(self, again: int) -> None:
        self.records -= again
        self._next = 0
        self._slots.clear()
        if self._file >= 0:
            self._abandon(self._file)
        self._forget()

    @property
    def size(self) -> int:
        """The bytes in the open segment."""
        return self._size

    @property
    def is_full(self) -> bool:
        return self._size >= self.rotate_at

    def sync(self) -> None:
        """Begin to write to the disk what a power cut would take. Raises `JournalError` if that failed before."""
        if self._file >= 0:
            try:
                self._background.start(self._file, self.folder)
            except OSError as error:
                raise self._error(error) from error

    def seal(self) -> Path | None:
        """Close the open segment and replace it by its sealed form; returns the path of that file."""
        return self._turns.take(self._seal)

    def close(self) -> Path | None:
        """Close the open segment without sealing it; returns its path."""
        return self._turns.take(self._close)

    def _seal(self) -> Path | None:
        if self.is_replaced:
            self.restored = self._path
            if not self.restore():
                raise JournalError(f"{self._path} was replaced while being written", code=Code.TAKEN_AWAY)
        chain, size = self._chain, self._size
        try:
            path = self._close()
            if path is None:
                return None
            sealed = seal(path, chain)
        except OSError as error:
            raise self._error(error) from error
        self._chain = chain.after(size)
        return sealed

    def _close(self) -> Path | None:
        file, path = self._file, self._path
        self._forget()
        if file < 0:
            return None
        try:
            sync_file(file)
        finally:
            closed(file)
        return path

    def disown(self) -> None:
        """In a forked child: close our copy of the open segment. The parent continues to write it."""
        self._background.disown()
        if self._file >= 0:
            os.close(self._file)
        self._file, self._path = -1, None

    def _append_event(self, event: SlotEvent) -> None:
        self._write(self._file, [_line(replace(event, after=self._records))])
        if event.worker is None:
            for slot in tuple(self._slots) if event.slots is None else event.slots:
                self._slots.pop(slot, None)

    def _new(self, configs: Iterable[Stored]) -> Iterator[bytes]:
        """The lines of the configs that are new in the chain. They are added to the chain."""
        for stored in configs:
            if stored.digest not in self._chain.configs:
                line = config_line(stored, self._chain.bases)
                text = _line(line)
                self._chain.state(stored, line, len(text))
                yield text

    def _open(self, time: float) -> None:
        if self._path is not None:
            self._forget()  # a write to the segment was interrupted
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self._chain.since:
                clear(self.folder, shard_name(self.writer))
            file, number, self._path = created(self.folder, shard_name(self.writer), self._next)
        except OSError as error:
            raise self._error(error) from error
        self._begin(file, number, time)
        self._next = number + 1

    def _begin(self, file: int, number: int, time: float) -> None:
        """Write the first line. If that fails, delete the file, so that a full disk does not fill with empty files."""
        path = self._path
        try:
            self._write(file, [self._first_line(number, time)])
        except BaseException:
            if path is not None:
                with suppress(OSError):
                    path.unlink()
            raise

    def _first_line(self, number: int, time: float) -> bytes:
        """The header. At the beginning of a chain, it contains the configs of the slots."""
        if self._chain.since:
            since = self._chain.since
            return _line(Header(FORMAT, VERSION, self.writer, number, time, since=since, records=self.records))
        slots = tuple(_state(self._slots[slot]) for slot in sorted(self._slots)[:MOST_STATES])
        line = _line(Header(FORMAT, VERSION, self.writer, number, time, slots, records=self.records))
        self._chain.since, self._chain.stated = number, len(line)
        return line

    def _write(self, file: int, lines: Iterable[bytes]) -> None:
        """Write all lines at once. If anything interrupts this, such as a signal handler, the segment is left."""
        self._file = -1
        try:
            content = within_limit(b"".join(lines), self._size)
            count = os.write(file, content)
        except BaseException as error:
            self._abandon(file)
            if isinstance(error, OSError):
                raise self._error(error) from error
            raise
        if count != len(content):
            self._abandon(file)
            raise self._error(OSError(ENOSPC, ""))
        self._size += count
        self._file = file

    def _abandon(self, file: int) -> None:
        """Leave a segment whose last line may be torn. The next entry opens a new segment."""
        self._forget()
        with suppress(OSError):  # it may be closed already
            os.close(file)

    def _error(self, error: OSError) -> JournalError:
        """The error with the same message for every operation, so that it is shown only once."""
        reason = "the disk is full" if error.errno == ENOSPC else error.strerror or str(error)
        return JournalError(f"cannot write a journal in {self.folder}: {reason}", code=code_of(error))

    def _forget(self) -> None:
        """Reset all fields together: a segment with the chain of another one would refer to wrong configs."""
        self._file, self._size, self._path, self._chain, self._records = -1, 0, None, Chain(), 0


def _state(record: Record) -> SlotState:
    return SlotState(record.slot, record.config, record.step, record.task, record.template)


def _line(line: JournalLine) -> bytes:
    return with_checksum(encoded_line(line))
