"""Following the shards that other processes write: what each holds that was not there at the last look."""

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from envcfg.core.errors import EncodingError
from envcfg.core.record import Mix, Record, Writer
from envcfg.core.tree import Config
from envcfg.journal import format as written_form
from envcfg.journal.folder import Segment, segments, shard_name
from envcfg.journal.format import ConfigLine, Header, Line
from envcfg.journal.lines import verified
from envcfg.journal.reading import read_segment
from envcfg.journal.sealed.chain import Known

_REMEMBERED: Final = 1_000
"""Configs that are kept as such; the lines of others are taken apart again when a slot comes back to them."""


class Adopted(NamedTuple):
    """A slot of a worker adopted a config."""

    worker: int
    record: Record
    config: Config


class Tallied(NamedTuple):
    """A worker counted what its slots adopted, changed or not, since it did so last."""

    worker: int
    mix: Mix


@dataclass(slots=True)
class _Place:
    """How far one segment has been read."""

    at: int = 0
    """In bytes, as long as it is open."""
    worker: int | None = None
    """Whose it is, once its first line was read."""
    records: int = 0
    mixes: int = 0


class Following:
    """The shards that workers of *writer* write beside its own, in the session that it belongs to."""

    def __init__(self, folder: Path, writer: Writer) -> None:
        self._folder = folder
        self._writer = writer
        self._places: dict[tuple[str, int], _Place | None] = {}
        self._chains: dict[str, Known] = {}
        self._lines: defaultdict[str, dict[str, ConfigLine]] = defaultdict(dict)
        """Of each shard, the configs that its chain of segments has stated so far."""
        self._configs: OrderedDict[str, Config] = OrderedDict()

    def news(self) -> Iterator[Adopted | Tallied]:
        """What workers have written since the last look, in the order of each; what cannot be read is left out."""
        mine, rank = shard_name(self._writer), f"r{self._writer.rank}-"
        for segment in segments(self._folder):
            if segment.shard.startswith(rank) and segment.shard != mine:
                key = (segment.shard, segment.number)
                place = self._places.setdefault(key, _Place())
                if place is not None:
                    yield from self._of(segment, place)
                    if segment.is_sealed or (place.worker is None and place.at):
                        self._places[key] = None  # there is no more of it, or it is another session's

    def _of(self, segment: Segment, place: _Place) -> Iterator[Adopted | Tallied]:
        try:
            lines = self._sealed(segment, place) if segment.is_sealed else self._open(segment, place)
            for line in lines:
                yield from self._heard(line, place, self._lines[segment.shard])
        except (EncodingError, OSError):  # damaged, or sealed since; whoever reads the journal is told of what is lost
            return

    def _open(self, segment: Segment, place: _Place) -> Iterable[Line]:
        """Its whole lines from where it was read to; what is no line of ours is left out."""
        with segment.path(self._folder).open("rb") as file:
            file.seek(place.at)
            content = file.read()
        whole = content[: content.rfind(b"\n") + 1]
        place.at += len(whole)
        for line in whole.split(b"\n")[:-1]:
            with suppress(EncodingError):
                yield written_form.parsed(verified(line))

    def _sealed(self, segment: Segment, place: _Place) -> Iterable[Line]:
        """What it holds beyond that."""
        reading = read_segment(self._folder, segment, self._chains)
        yield reading.header
        yield from reading.configs.values()
        yield from list(reading.records)[place.records :]
        yield from reading.mixes[place.mixes :]

    def _heard(self, line: Line, place: _Place, stated: dict[str, ConfigLine]) -> Iterator[Adopted | Tallied]:
        match line:
            case Header(writer=writer) if writer.session == self._writer.session:
                place.worker = writer.worker
                if line.since in (0, line.number):
                    stated.clear()
            case ConfigLine():
                stated[line.digest] = line
            case Record() if place.worker is not None:
                place.records += 1
                with suppress(EncodingError):
                    yield Adopted(place.worker, line, self._config(line.config, stated))
            case Mix() if place.worker is not None:
                place.mixes += 1
                yield Tallied(place.worker, line)

    def _config(self, digest: str, stated: dict[str, ConfigLine]) -> Config:
        known = self._configs.get(digest)
        if known is None:
            line = stated.get(digest)
            if line is None:
                raise EncodingError(f"config {digest} is stated nowhere")
            base = self._config(line.base, stated) if isinstance(line.base, str) else None
            known = self._configs[digest] = written_form.config(line, base)
            if len(self._configs) > _REMEMBERED:
                self._configs.popitem(last=False)
        else:
            self._configs.move_to_end(digest)
        return known
