"""What a journal says of itself, against what is there: missing segments, and how many records they had."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from envcfg.core.code import Code, Coded
from envcfg.journal.folder import Segment, segments
from envcfg.journal.reading import Reading
from envcfg.journal.sessions import Session

_COUNTED: Final = 4
"""The first format version that writes totals."""
_SOME: Final = 3
_MOST: Final = 10_000
"""How many numbers before the last one are looked at. A file name may state any number."""


class Missing(NamedTuple):
    """The missing parts of a journal."""

    segments: frozenset[Segment]
    """In their open form."""
    records: int
    """How many records are known to be missing."""
    losses: tuple[Coded, ...]


def missing_parts(folder: Path, sessions: Sequence[Session]) -> Missing:
    """The missing parts of the run of *sessions*; call it before its records are taken."""
    listed = {Segment(one.shard, one.number, is_sealed=False) for one in segments(folder)}
    readings = [reading for session in sessions for reading in session.readings]
    gone = frozenset(_between(listed, readings)) | frozenset(_named(listed, readings))
    read = sum(len(reading.records) for reading in readings)
    lost = sum(_uncounted(session, shard) for session in sessions for shard in _shards(session))
    losses = [*_sentences(gone), *(_unended(session, shard) for session in sessions for shard in _open_ended(session))]
    if lost:
        losses.insert(0, Coded(f"{read:,} of {read + lost:,} records could be read", Code.MISSING_SEGMENT))
    return Missing(gone, lost, tuple(losses))


def _between(listed: set[Segment], readings: Sequence[Reading]) -> Iterator[Segment]:
    """The segments before the last ones of the run's shards that are not there."""
    last: dict[str, int] = {}
    for reading in readings:
        last[reading.segment.shard] = max(last.get(reading.segment.shard, 0), reading.segment.number)
    for shard, number in last.items():
        first = max(1, number - _MOST)
        yield from {Segment(shard, one, is_sealed=False) for one in range(first, number)} - listed


def _named(listed: set[Segment], readings: Sequence[Reading]) -> Iterator[Segment]:
    """The segments that an ending names and that are not there."""
    for reading in readings:
        for ending in reading.endings:
            for shard, number in (ending.segments or {}).items():
                yield from {Segment(shard, number, is_sealed=False)} - listed


def _sentences(gone: frozenset[Segment]) -> Iterator[Coded]:
    names = [segment.path(Path()).stem for segment in sorted(gone)]
    if names:
        more = f" and {len(names) - _SOME:,} more" if len(names) > _SOME else ""
        what = f"segment {names[0]} is" if len(names) == 1 else f"segments {', '.join(names[:_SOME])}{more} are"
        yield Coded(f"{what} missing: only what the other segments say of its changes is known", Code.MISSING_SEGMENT)


def _uncounted(session: Session, shard: str) -> int:
    """How many records of a shard are missing, by the totals in its headers and endings."""
    seen = missing = 0
    for reading in session.readings:
        if reading.segment.shard != shard or reading.header.version < _COUNTED:
            continue
        before = reading.header.records
        missing += max(0, before - seen)
        seen = before + len(reading.records)  # a worker that is started again counts from 0
        for ending in reading.endings[-1:]:
            missing += max(0, (ending.records or 0) - seen)
    return missing


def _open_ended(session: Session) -> Iterator[str]:
    """The shards of an ended session that have no ending, although their last segment is sealed."""
    if session.ending is None:
        return
    for shard in _shards(session):
        own = [reading for reading in session.readings if reading.segment.shard == shard]
        is_sealed = own[-1].segment.is_sealed and own[-1].header.version >= _COUNTED
        if is_sealed and not any(reading.endings for reading in own):
            yield shard


def _unended(session: Session, shard: str) -> Coded:
    said = (
        f"the ending of shard {shard} in session {session.name} is missing: its last segment was lost, or its process "
        "was killed just after it had sealed one"
    )
    return Coded(said, Code.MISSING_SEGMENT)


def _shards(session: Session) -> list[str]:
    return list(dict.fromkeys(reading.segment.shard for reading in session.readings))
