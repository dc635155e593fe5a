"""Reads a journal, even a damaged one. Every complete line is read, and each loss gives a message."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Final

from envcfg.core.code import Code, Coded, code_of
from envcfg.core.drawn import Draws
from envcfg.core.errors import EncodingError, JournalError
from envcfg.core.record import (
    Concurrent,
    Ending,
    EpochEnd,
    Failure,
    Job,
    Link,
    Mix,
    Phase,
    Record,
    Request,
    SlotEvent,
    Writer,
)
from envcfg.core.whole_file import read_file
from envcfg.journal import format as written_form
from envcfg.journal.columns import Columns
from envcfg.journal.configs import ConfigLines
from envcfg.journal.folder import Segment, not_files, segments
from envcfg.journal.format import ConfigLine, Header, JournalLine
from envcfg.journal.lines import verified
from envcfg.journal.sealed import unseal, unseal_lines
from envcfg.journal.sealed.chain import ChainContents
from envcfg.journal.sealed.claims import Claims
from envcfg.journal.sealed.unseal_lines import MOST_LOSSES

_INCOMPLETE_CHAIN: Final = Coded(
    "it continues segments that are missing, so some configs and tasks are not known", Code.MISSING_SEGMENT
)
_AT_ONCE: Final = 10_000
"""Records that are moved into columns together."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The content of one segment."""

    segment: Segment
    header: Header
    records: Columns = field(default_factory=Columns)
    configs: ConfigLines = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    mixes: list[Mix] = field(default_factory=list)
    draws: list[Draws] = field(default_factory=list)
    epochs: list[EpochEnd] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    slot_events: list[SlotEvent] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    concurrent: list[Concurrent] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    losses: list[Coded] = field(default_factory=list)
    """One message for each part that could not be read."""

    @property
    def writer(self) -> Writer:
        return self.header.writer


def is_journal(folder: Path) -> bool:
    """Whether *folder* contains at least one file with the name of a segment."""
    return folder.is_dir() and bool(segments(folder))


def read_journal(folder: Path) -> tuple[list[Reading], list[Coded]]:
    """The readable segments by shard and number, and a message for each unreadable one.

    Raises `JournalError` if there is no segment, or none that this version can read.
    """
    found = segments(folder)
    if not found:
        said = f"{folder} contains no journal: no file in it has a name such as r0-w0-000001.jsonl"
        raise JournalError(said, code=Code.NO_RUN)
    readings: list[Reading] = []
    losses = [Coded(f"{name} was left out: it is no file", Code.FOREIGN) for name in not_files(folder)]
    chains: dict[str, ChainContents] = {}
    claims = Claims()
    for segment in found:
        try:
            readings.append(read_segment(folder, segment, chains, claims))
        except (EncodingError, OSError) as error:
            losses.append(Coded(f"{segment.path(folder).name} could not be read: {error}", code_of(error)))
    if not readings:
        said = f"{folder} contains no journal that can be read: {losses[0]}"
        raise JournalError(said, code=losses[0].code)
    return readings, losses


def read_segment(
    folder: Path, segment: Segment, chains: dict[str, ChainContents], claims: Claims | None = None
) -> Reading:
    """Read one segment. The segments of a chain must be read in order.

    *chains* keeps what the segments state, by the name of the chain; *claims* limits the rows of all of them. Raises
    `EncodingError` if the first line is not the header of a known version.
    """
    try:
        content = read_file(segment.path(folder))
    except FileNotFoundError:
        segment = replace(segment, is_sealed=True)  # it was sealed after the folder was listed
        content = read_file(segment.path(folder))
    if segment.is_sealed:
        return _sealed(segment, content, chains, claims or Claims())
    return _open(segment, content)


def _sealed(segment: Segment, content: bytes, chains: dict[str, ChainContents], claims: Claims) -> Reading:
    document, unknown = unseal.unsealed(content)
    claims.add(document, len(content))
    name = f"{segment.shard}-{document.header.since or segment.number:06d}"
    known = chains.setdefault(name, ChainContents(name))
    losses = [] if known.has(document.before) else [_INCOMPLETE_CHAIN]
    configs, records = unseal.config_lines(document, known), unseal.records(document, known)
    mixes, epochs = unseal_lines.mixes(document), unseal_lines.epochs(document)
    reading = Reading(segment, document.header, records, configs, mixes=mixes, epochs=epochs, losses=losses)
    losses += _missing_bases(reading)
    losses += [Coded(f"{name!r} was left out: not known", Code.UNKNOWN_LINE) for name in unknown]
    for line in (*unseal_lines.events(document, losses), *document.requests, *document.draws):
        _take(line, reading)
    return reading


def _open(segment: Segment, content: bytes) -> Reading:
    """The complete lines of an open segment. A crash may leave the last line torn; other lines should be valid."""
    if not content:
        said = "it is empty: its process was killed, or the machine lost power, before the first line was written"
        raise EncodingError(said, code=Code.EMPTY)
    end = content.rfind(b"\n")
    end = len(content) if end < 0 else end
    first = next(_lines(content, 0, end))
    configs: dict[str, ConfigLine] = {}
    reading = Reading(segment, written_form.checked_header(written_form.parsed(verified(first))), configs=configs)
    records: dict[int, Record] = {}
    for number, text in enumerate(_lines(content, len(first) + 1, end), start=2):
        try:
            line = written_form.parsed(verified(text))
        except EncodingError as error:
            _leave_out(number, error, reading)
            if len(reading.losses) >= MOST_LOSSES:
                reading.losses.append(Coded(f"the lines after line {number:,} were not read", Code.DAMAGED))
                break
            continue
        if isinstance(line, Record):
            records[number] = line
            if len(records) >= _AT_ONCE:
                _take_records(records, reading)
        elif isinstance(line, ConfigLine):
            configs[line.digest] = line
        else:
            _take(line, reading)
    _take_records(records, reading)
    reading.losses.extend(islice(_missing_bases(reading), MOST_LOSSES))
    torn = len(content) - end - 1
    if torn > 0:
        reading.losses.append(Coded(f"the last line was cut off after {torn} bytes", Code.TORN))
    return reading


def _lines(content: bytes, at: int, end: int) -> Iterator[bytes]:
    """The lines of *content* from position *at* on, one by one: all of them would be a copy of the file."""
    while at <= end:
        feed = content.find(b"\n", at, end)
        feed = end if feed < 0 else feed
        yield content[at:feed]
        at = feed + 1


def _take(line: JournalLine, reading: Reading) -> None:
    match line:
        case Request():
            reading.requests.append(line)
        case Mix():
            reading.mixes.append(line)
        case Draws():
            reading.draws.append(line)
        case EpochEnd():
            reading.epochs.append(line)
        case Phase():
            reading.phases.append(line)
        case SlotEvent():
            reading.slot_events.append(line)
        case Job():
            reading.jobs.append(line)
        case Link():
            reading.links.append(line)
        case Concurrent():
            reading.concurrent.append(line)
        case Failure():
            reading.failures.append(line)
        case Ending():
            reading.endings.append(line)
        case Header():
            reading.losses.append(Coded("a second header inside the segment was left out", Code.DAMAGED))


def _missing_bases(reading: Reading) -> Iterator[Coded]:
    """A message for each config whose base is missing, in a segment that should be readable alone."""
    lines = reading.configs if isinstance(reading.configs, dict) and not reading.header.since else {}
    for line in lines.values():
        if isinstance(line.base, str) and line.base not in lines:
            said = f"config {line.digest}: its base config is missing from its segment"
            yield Coded(said, Code.MISSING_CONFIG)


def _take_records(records: dict[int, Record], reading: Reading) -> None:
    """Move all records at once; one by one only if a number does not fit, to name the line of that record."""
    try:
        reading.records.extend(Columns.of(records.values()))
    except OverflowError:
        for number, record in records.items():
            try:
                reading.records.append(record)
            except OverflowError as error:
                _leave_out(number, EncodingError(f"a number of a record is too large: {error}"), reading)
    records.clear()


def _leave_out(number: int, why: EncodingError, reading: Reading) -> None:
    reading.losses.append(Coded(f"line {number} was left out: {why}", why.code))
