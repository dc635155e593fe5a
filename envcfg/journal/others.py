"""Other sessions in the same shard: the one that a new session may continue, and those that write at the same time.

No clock is read. A session lives if it holds the lock of its open segment, or if its files grow.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from envcfg.core.errors import EncodingError
from envcfg.core.record import Writer
from envcfg.core.whole_file import MAX_BYTES, open_file, read_file
from envcfg.journal import format as written_form
from envcfg.journal.folder import Segment, segments, shard_name
from envcfg.journal.lines import verified
from envcfg.journal.sealed import unseal
from envcfg.journal.sealed.unfinished import is_claimed


class Found(NamedTuple):
    """What a new session finds in the folder."""

    id: str = ""
    """The id of the journal; empty if there is none, or if an earlier version wrote it."""
    resumes: str = ""
    """The last session of the shard that has the same name and has ended or died; empty for none."""
    living: str = ""
    """The session that writes to the shard now, as far as its lock shows it; empty for none."""


def found_by(folder: Path, writer: Writer) -> Found:
    """What the session of *writer* finds. It takes the id of the journal that exists in *folder*.

    Few headers are read, also in a folder of thousands of segments: one for each shard, and some for each session.
    """
    try:
        listed = segments(folder)
    except OSError:  # there is no such folder, or it may not be read
        return Found()
    of_shards = {segment.shard: segment for segment in listed}  # the last segment of each
    known = next((found.id for segment in of_shards.values() if (found := writer_of(folder, segment)) and found.id), "")
    mine = [segment for segment in listed if segment.shard == shard_name(writer)]
    living = _living(folder, writer.run, mine)
    ended = (last for last in _sessions_backwards(folder, mine) if last.run == writer.run)
    return Found(known, next((last.session for last in ended if last.session not in living), ""), *living[:1])


def _living(folder: Path, run: str, segments_of_shard: Sequence[Segment]) -> list[str]:
    """The sessions with this name that hold the lock of an open segment, the last one first."""
    open_now = [each for each in reversed(segments_of_shard) if not each.is_sealed and is_claimed(each.path(folder))]
    writers = [writer_of(folder, segment) for segment in open_now]
    return [writer.session for writer in writers if writer is not None and writer.run == run]


def _sessions_backwards(folder: Path, segments_of_shard: Sequence[Segment]) -> Iterator[Writer]:
    """The writer of each session, the last session first.

    The first segment of a session is searched by halving, since its segments follow one another. A session that wrote
    at the same time as another one may be given twice, or not at all.
    """
    rest = segments_of_shard
    while rest:
        last = writer_of(folder, rest[-1])
        if last is None:
            rest = rest[:-1]
            continue
        yield last
        rest = rest[: bisect_left(rest, True, key=lambda each: _is_of(last.session, folder, each))]


def _is_of(session: str, folder: Path, segment: Segment) -> bool:
    writer = writer_of(folder, segment)
    return writer is not None and writer.session == session


def writer_of(folder: Path, segment: Segment) -> Writer | None:
    """The writer in the header of a segment; None if it cannot be read."""
    path = segment.path(folder)
    try:
        if segment.is_sealed:
            return unseal.opening(read_file(path)).writer
        with open_file(path) as file:
            return written_form.checked_header(written_form.parsed(verified(file.readline(MAX_BYTES)))).writer
    except (EncodingError, OSError):
        return None


class ShardWatch:
    """Finds sessions that write to the shard of *writer* while it does. Each is found once.

    The folder is listed once. After that, each call looks at the open segments that it knows, and at the next numbers:
    every session numbers its segments on from the last one of the shard.
    """

    def __init__(self, folder: Path, writer: Writer) -> None:
        self._folder = folder
        self._writer = writer
        self._shard = shard_name(writer)
        self._told: set[str] = set()
        listed: list[Segment] = []
        with suppress(OSError):  # there is no such folder yet
            listed = [segment for segment in segments(folder) if segment.shard == self._shard]
        self._next = 1 + max((segment.number for segment in listed), default=0)
        self._sizes = {segment: _size(folder, segment) for segment in listed if not segment.is_sealed}
        """The open segments of the shard, with their sizes."""

    def new_writers(self, living: str = "") -> Iterator[str]:
        """The sessions that wrote to the shard since the last call; *living* is one that is known to live."""
        sessions = {living, *map(self._session, [*self._grown(), *self._new()])}
        for session in sorted(sessions - self._told - {"", self._writer.session}):
            self._told.add(session)
            yield session

    def _grown(self) -> Iterator[Segment]:
        """The known open segments that have grown. Those that are there no longer are forgotten."""
        for segment, before in tuple(self._sizes.items()):
            size = self._sizes[segment] = _size(self._folder, segment)
            if size > before:
                yield segment
            elif size < 0:
                del self._sizes[segment]

    def _new(self) -> Iterator[Segment]:
        """The segments that have the next numbers."""
        while found := self._at(self._next):
            self._next += 1
            if not found.is_sealed:
                self._sizes[found] = _size(self._folder, found)
            yield found

    def _at(self, number: int) -> Segment | None:
        """The segment of the shard with this number, open or sealed; None if there is none."""
        both = (Segment(self._shard, number, is_sealed) for is_sealed in (False, True))
        return next((segment for segment in both if _size(self._folder, segment) >= 0), None)

    def _session(self, segment: Segment) -> str:
        found = writer_of(self._folder, segment)
        return "" if found is None else found.session


def _size(folder: Path, segment: Segment) -> int:
    """The bytes of a segment; -1 if it is no file."""
    path = segment.path(folder)
    try:
        return path.stat().st_size if path.is_file() else -1
    except OSError:
        return -1
