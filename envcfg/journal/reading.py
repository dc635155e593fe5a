"""Reading a journal back, whatever became of it: every whole line counts, and what was lost is said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from envcfg.core.errors import EncodingError, JournalError
from envcfg.core.record import Ending, Failure, Job, Link, Mix, Record, Request, Writer
from envcfg.journal import format as written_form
from envcfg.journal import unseal
from envcfg.journal.columns import Columns
from envcfg.journal.folder import Segment, segments
from envcfg.journal.format import ConfigLine, Header, Line
from envcfg.journal.lines import verified


@dataclass(frozen=True, slots=True)
class Reading:
    """What one segment holds."""

    segment: Segment
    header: Header
    records: Columns = field(default_factory=Columns)
    configs: dict[str, ConfigLine] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
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
    return _sealed(segment, content) if segment.is_sealed else _open(segment, content)


def _sealed(segment: Segment, content: bytes) -> Reading:
    document = unseal.unsealed(content)
    reading = Reading(segment, document.header, unseal.records(document), mixes=unseal.mixes(document))
    for line in (*unseal.config_lines(document), *document.events, *document.requests):
        _take(line, reading)
    return reading


def _open(segment: Segment, content: bytes) -> Reading:
    """The whole lines of an open segment; a torn last one is normal after a crash, a bad one inside is not."""
    if not content:
        raise EncodingError("it is empty: its process died as it began it, or the machine before it was on the disk")
    first, *rest, torn = content.split(b"\n") if b"\n" in content else (content, b"")
    reading = Reading(segment, written_form.accepted(written_form.parsed(verified(first))))
    records: dict[int, Record] = {}
    for number, text in enumerate(rest, start=2):
        try:
            line = written_form.parsed(verified(text))
        except EncodingError as error:
            _leave_out(number, error, reading)
            continue
        if isinstance(line, Record):
            records[number] = line
        else:
            _take(line, reading)
    _take_records(records, reading)
    if torn:
        reading.losses.append(f"the last line was cut off after {len(torn)} bytes")
    return reading


def _take(line: Line, reading: Reading) -> None:
    match line:
        case ConfigLine():
            _take_config(line, reading)
        case Request():
            reading.requests.append(line)
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


def _take_config(line: ConfigLine, reading: Reading) -> None:
    if isinstance(line.base, str) and line.base not in reading.configs:
        reading.losses.append(f"config {line.digest}: the config it differs from is not in its segment")
    else:
        reading.configs[line.digest] = line


def _take_records(records: Mapping[int, Record], reading: Reading) -> None:
    """All at once; one by one only where a number of one of them, by its line, fits into no column."""
    try:
        reading.records.extend(Columns.of(records.values()))
    except OverflowError:
        for number, record in records.items():
            try:
                reading.records.append(record)
            except OverflowError as error:
                _leave_out(number, f"a number of a record is beyond 64 bits: {error}", reading)


def _leave_out(number: int, why: object, reading: Reading) -> None:
    reading.losses.append(f"line {number} was left out: {why}")
