"""Follows the shards of worker processes while they are written. Each read gives only the new entries."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from envcfg.core.drawn import Draws
from envcfg.core.errors import EncodingError
from envcfg.core.record import EVALUATION, Ending, Mix, Record, SlotEvent, Writer
from envcfg.core.tree import Config
from envcfg.core.whole_file import MAX_BYTES, open_file
from envcfg.journal import format as written_form
from envcfg.journal.folder import Segment, segments, shard_name
from envcfg.journal.format import ConfigLine, Header, JournalLine
from envcfg.journal.lines import verified
from envcfg.journal.reading import read_segment
from envcfg.journal.sealed.chain import ChainContents

_REMEMBERED: Final = 1_000
"""The number of decoded configs to keep. An older config is decoded again when it is needed."""


class WorkerAdoption(NamedTuple):
    """A slot of a worker adopted a config."""

    worker: int
    record: Record
    config: Config


class WorkerCounts(NamedTuple):
    """A worker wrote its counts of adoptions, unchanged ones included, since its last counts."""

    worker: int
    mix: Mix


class WorkerDraws(NamedTuple):
    """A worker wrote the distributions of parameters that it drew."""

    worker: int
    draws: Draws


class WorkerSlotsEnded(NamedTuple):
    """Environments of a worker ended."""

    worker: int
    slots: tuple[int, ...] | None
    """None for all slots of the worker."""
    time: float


WorkerEntry: TypeAlias = WorkerAdoption | WorkerCounts | WorkerDraws | WorkerSlotsEnded


@dataclass(slots=True)
class _Position:
    """The position up to which one segment was read."""

    at: int = 0
    """The position in bytes, while the segment is open."""
    worker: int | None = None
    """The worker that writes it; None until its first line was read."""
    records: int = 0
    mixes: int = 0
    draws: int = 0
    ends: int = 0


class ShardFollower:
    """The shards of the workers of *writer*, in the same session."""

    def __init__(self, folder: Path, writer: Writer) -> None:
        self._folder = folder
        self._writer = writer
        self._places: dict[tuple[str, int], _Position | None] = {}
        self._chains: dict[str, ChainContents] = {}
        self._lines: defaultdict[str, dict[str, ConfigLine]] = defaultdict(dict)
        """For each shard, the config lines of its chain of segments so far."""
        self._configs: OrderedDict[str, Config] = OrderedDict()

    def new_entries(self) -> Iterator[WorkerEntry]:
        """The new entries of all workers since the last call, in order for each worker, without unreadable ones."""
        mine, rank = shard_name(self._writer), f"r{self._writer.rank}-"
        for segment in segments(self._folder):
            if segment.shard.startswith(rank) and segment.shard != mine:
                key = (segment.shard, segment.number)
                place = self._places.setdefault(key, _Position())
                if place is not None:
                    yield from self._of(segment, place)
                    if segment.is_sealed or (place.worker is None and place.at):
                        self._places[key] = None  # it is complete, or belongs to another session

    def _of(self, segment: Segment, place: _Position) -> Iterator[WorkerEntry]:
        try:
            lines = self._sealed(segment, place) if segment.is_sealed else self._open(segment, place)
            for line in lines:
                yield from self._new_in(line, place, self._lines[segment.shard])
        except (EncodingError, OSError):  # damaged, or sealed since; reading the journal later reports any loss
            return

    def _open(self, segment: Segment, place: _Position) -> Iterable[JournalLine]:
        """The complete lines after the position read so far. Invalid lines are left out."""
        with open_file(segment.path(self._folder)) as file:
            file.seek(place.at)
            content = file.read(MAX_BYTES)
        whole = content[: content.rfind(b"\n") + 1]
        place.at += len(whole)
        for line in whole.split(b"\n")[:-1]:
            with suppress(EncodingError):
                yield written_form.parsed(verified(line))

    def _sealed(self, segment: Segment, place: _Position) -> Iterable[JournalLine]:
        """The entries of a sealed segment that were not read while it was open."""
        reading = read_segment(self._folder, segment, self._chains)
        yield reading.header
        yield from reading.configs.values()
        start = place.records
        records = list(reading.records)
        for event in reading.slot_events[place.ends :]:
            yield from records[start : event.after]
            start = max(start, event.after)
            yield event
        yield from records[start:]
        yield from reading.mixes[place.mixes :]
        yield from reading.draws[place.draws :]
        yield from reading.endings

    def _new_in(
        self, line: JournalLine, place: _Position, config_lines: dict[str, ConfigLine]
    ) -> Iterator[WorkerEntry]:
        match line:
            case Header(writer=writer) if writer.session == self._writer.session:
                place.worker = writer.worker
                if line.since in (0, line.number):
                    config_lines.clear()
            case ConfigLine():
                config_lines[line.digest] = line
            case Record() if place.worker is not None and line.slot >= EVALUATION:
                place.records += 1
            case Record() if place.worker is not None:
                place.records += 1
                with suppress(EncodingError):
                    yield WorkerAdoption(place.worker, line, self._config(line.config, config_lines))
            case Mix() if place.worker is not None:
                place.mixes += 1
                yield WorkerCounts(place.worker, line)
            case Draws() if place.worker is not None:
                place.draws += 1
                yield WorkerDraws(place.worker, line)
            case SlotEvent(worker=None) if place.worker is not None:
                place.ends += 1
                yield WorkerSlotsEnded(place.worker, line.slots, line.time)
            case Ending() if place.worker is not None:
                yield WorkerSlotsEnded(place.worker, None, line.time)

    def _config(self, digest: str, config_lines: dict[str, ConfigLine]) -> Config:
        known = self._configs.get(digest)
        if known is None:
            line = config_lines.get(digest)
            if line is None:
                raise EncodingError(f"config {digest} is missing from the segments of its chain")
            base = self._config(line.base, config_lines) if isinstance(line.base, str) else None
            known = self._configs[digest] = written_form.config(line, base)
            if len(self._configs) > _REMEMBERED:
                self._configs.popitem(last=False)
        else:
            self._configs.move_to_end(digest)
        return known
