"""Reading a journal back, whatever became of it: every whole line counts, and what was lost is said."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from envcfg.core.errors import EncodingError, JournalError
from envcfg.core.record import Ending, Failure, Job, Link, Mix, Record, Writer
from envcfg.core.tree import Config
from envcfg.journal import format as written_form
from envcfg.journal.folder import Segment, segments
from envcfg.journal.format import FORMAT, VERSION, ConfigLine, Header, Line
from envcfg.journal.lines import verified
from envcfg.journal.seal import unsealed


@dataclass(frozen=True, slots=True)
class Reading:
    """What one segment holds."""

    segment: Segment
    header: Header
    configs: dict[str, Config] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    mixes: list[Mix] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    """One sentence for each thing that could not be read."""

    @property
    def writer(self) -> Writer:
        return self.header.writer


def is_journal(folder: Path) -> bool:
    """Whether *folder* holds at least one file named as a segment."""
    return folder.is_dir() and bool(segments(folder))


def read_journal(folder: Path) -> tuple[list[Reading], list[str]]:
    """Every readable segment by shard and number, and a sentence for each that is not.

    Raises `JournalError` when there is no segment, or not one that this version can read.
    """
    found = segments(folder)
    if not found:
        raise JournalError(f"{folder} holds no journal: no file in it is named like r0-w0-000001.jsonl")
    readings: list[Reading] = []
    losses: list[str] = []
    for segment in found:
        try:
            readings.append(read_segment(folder, segment))
        except (EncodingError, OSError) as error:
            losses.append(f"{segment.path(folder).name} could not be read: {error}")
    if not readings:
        raise JournalError(f"{folder} holds no journal that can be read: {losses[0]}")
    return readings, losses


def read_segment(folder: Path, segment: Segment) -> Reading:
    """One segment; raises `EncodingError` when its first line is not the header of a known version."""
    content = segment.path(folder).read_bytes()
    if segment.is_sealed:
        lines: Iterable[Line] = unsealed(content)
        losses: list[str] = []
    else:
        lines, losses = _open_lines(content)
    entries = iter(lines)
    reading = Reading(segment, _accepted(next(entries, None)), losses=losses)
    for line in entries:
        _take(line, reading)
    return reading


def _open_lines(content: bytes) -> tuple[list[Line], list[str]]:
    """The whole lines of an open segment; a torn last one is normal after a crash, a bad one inside is not."""
    *whole, torn = content.split(b"\n")
    lines: list[Line] = []
    losses: list[str] = []
    for number, line in enumerate(whole, start=1):
        try:
            lines.append(written_form.parsed(verified(line)))
        except EncodingError as error:
            if number == 1:
                raise
            losses.append(f"line {number} was left out: {error}")
    if torn:
        losses.append(f"the last line was cut off after {len(torn)} bytes")
    return lines, losses


def _accepted(header: Line | None) -> Header:
    if not isinstance(header, Header) or header.format != FORMAT:
        raise EncodingError("its first line is not the header of an envcfg journal")
    if header.version != VERSION:
        raise EncodingError(
            f"it has format version {header.version}, this envcfg reads version {VERSION}: "
            "install a newer envcfg to read it"
        )
    return header


def _take(line: Line, reading: Reading) -> None:
    match line:
        case ConfigLine():
            try:
                reading.configs[line.digest] = written_form.stored(line, reading.configs).config
            except EncodingError as error:
                reading.losses.append(str(error))
        case Record():
            reading.records.append(line)
        case Mix():
            reading.mixes.append(line)
        case Job():
            reading.jobs.append(line)
        case Link():
            reading.links.append(line)
        case Failure():
            reading.failures.append(line)
        case Ending():
            reading.endings.append(line)
        case Header():
            reading.losses.append("a second header inside the segment was left out")
