"""Other sessions in the same shard: the one that a new session may continue, and those that write at the same time.

No clock is read. A session lives if it holds the lock of its open segment, or if its files grow.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from envcfg.core.errors import EncodingError
from envcfg.core.record import Writer
from envcfg.core.whole_file import MAX_BYTES, read_file
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
    """What the session of *writer* finds. It takes the id of the journal that exists in *folder*."""
    try:
        listed = segments(folder)
    except OSError:  # there is no such folder, or it may not be read
        return Found()
    known = next((found.id for segment in listed if (found := writer_of(folder, segment)) and found.id), "")
    mine = [segment for segment in reversed(listed) if segment.shard == shard_name(writer)]
    living = ""
    for segment in mine:
        last = writer_of(folder, segment)
        if last is None or last.run != writer.run or last.session == living:
            continue
        if segment.is_sealed or not is_claimed(segment.path(folder)):
            return Found(known, last.session, living)
        living = living or last.session
    return Found(known, "", living)


def writer_of(folder: Path, segment: Segment) -> Writer | None:
    """The writer in the header of a segment; None if it cannot be read."""
    path = segment.path(folder)
    try:
        if segment.is_sealed:
            return unseal.opening(read_file(path)).writer
        with path.open("rb") as file:
            return written_form.checked_header(written_form.parsed(verified(file.readline(MAX_BYTES)))).writer
    except (EncodingError, OSError):
        return None


class ShardWatch:
    """Finds sessions that write to the shard of *writer* while it does. Each is found once."""

    def __init__(self, folder: Path, writer: Writer) -> None:
        self._folder = folder
        self._writer = writer
        self._sizes = self._listed()
        self._told: set[str] = set()

    def new_writers(self, living: str = "") -> Iterator[str]:
        """The sessions that wrote to the shard since the last call; *living* is one that is known to live."""
        before, self._sizes = self._sizes, self._listed()
        grown = [name for name, size in self._sizes.items() if size > before.get(name, -1)]
        sessions = {self._session(name) for name in grown} | {living}
        for session in sorted(sessions - self._told - {"", self._writer.session}):
            self._told.add(session)
            yield session

    def _listed(self) -> Mapping[Segment, int]:
        """The segments of the shard, with their sizes. A sealed segment does not grow."""
        sizes: dict[Segment, int] = {}
        with suppress(OSError):
            for segment in segments(self._folder):
                if segment.shard == shard_name(self._writer):
                    sizes[segment] = 0 if segment.is_sealed else segment.path(self._folder).stat().st_size
        return sizes

    def _session(self, segment: Segment) -> str:
        found = writer_of(self._folder, segment)
        return "" if found is None else found.session
