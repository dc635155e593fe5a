"""The names of a journal's files: `r0-w0-000001.jsonl` while it is open, `.json.gz` once it is sealed."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from envcfg.core.record import Writer

JOURNAL: Final = "envcfg"
"""The journal's folder inside a Hydra output folder, and inside the files of a W&B run."""
_NAME = re.compile(r"(r\d{1,9}-w\d{1,9})-(\d{6,9})\.(jsonl|json\.gz)")


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One segment by its name: the shard (rank and worker) it belongs to and its number in there."""

    shard: str
    number: int
    is_sealed: bool

    def path(self, folder: Path) -> Path:
        return folder / f"{self.shard}-{self.number:06d}.{'json.gz' if self.is_sealed else 'jsonl'}"


def shard_name(writer: Writer) -> str:
    return f"r{writer.rank}-w{writer.worker}"


def segment_of(name: str) -> Segment | None:
    """The segment that a file of this name is; None for any other file."""
    found = _NAME.fullmatch(name)
    return None if found is None else Segment(found[1], int(found[2]), is_sealed=found[3] == "json.gz")


def segments(folder: Path) -> list[Segment]:
    """The segments in *folder* by shard and number; of one that lies there twice, the sealed one."""
    found: dict[tuple[str, int], Segment] = {}
    for path in sorted(folder.iterdir(), reverse=True):  # .jsonl before .json.gz, which then takes its place
        segment = segment_of(path.name)
        if segment is not None and not path.is_file():
            segment = _become(segment, folder)
        if segment is not None:
            found[segment.shard, segment.number] = segment
    return sorted(found.values())


def _become(segment: Segment, folder: Path) -> Segment | None:
    """What became of a segment that was listed and is gone: it may have been sealed since."""
    sealed = replace(segment, is_sealed=True)
    return sealed if sealed.path(folder).is_file() else None


def next_number(folder: Path, shard: str) -> int:
    """One more than the highest number of *shard*; the first is 1."""
    return 1 + max((segment.number for segment in segments(folder) if segment.shard == shard), default=0)
