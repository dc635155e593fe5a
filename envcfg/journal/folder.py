"""The file names of a journal: `r0-w0-000001.jsonl` for an open segment, `r0-w0-000001.json.gz` for a sealed one."""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from envcfg.core.record import Writer

JOURNAL: Final = "envcfg"
"""The name of the journal's folder, in a Hydra output folder and in the files of a W&B run."""
_NAME = re.compile(r"(r\d{1,9}-w\d{1,9})-(\d{6,9})\.(jsonl|json\.gz)")


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One segment by its name: its shard (rank and worker) and its number in the shard."""

    shard: str
    number: int
    is_sealed: bool

    def path(self, folder: Path) -> Path:
        return folder / f"{self.shard}-{self.number:06d}.{'json.gz' if self.is_sealed else 'jsonl'}"


def shard_name(writer: Writer) -> str:
    return f"r{writer.rank}-w{writer.worker}"


def segment_of(name: str) -> Segment | None:
    """The segment with this file name; None for any other file."""
    found = _NAME.fullmatch(name)
    return None if found is None else Segment(found[1], int(found[2]), is_sealed=found[3] == "json.gz")


def segments(folder: Path) -> list[Segment]:
    """The segments in *folder* by shard and number. If a segment is there both open and sealed, the sealed file."""
    found: dict[tuple[str, int], Segment] = {}
    with os.scandir(folder) as entries:
        files = sorted(entries, key=lambda entry: entry.name, reverse=True)  # .jsonl before .json.gz, which replaces it
    for entry in files:
        segment = segment_of(entry.name)
        # only an open segment may be gone since the folder was listed: each sealed one costs no look at the disk
        if segment is not None and not (entry.is_file() if segment.is_sealed else segment.path(folder).is_file()):
            segment = _sealed_since(segment, folder)
        if segment is not None:
            found[segment.shard, segment.number] = segment
    return sorted(found.values())


def not_files(folder: Path) -> list[str]:
    """The names of a segment in *folder* that are pipes, devices or folders. They are never opened."""
    with os.scandir(folder) as entries:
        others = [entry.name for entry in entries if segment_of(entry.name) and not entry.is_file()]
    return sorted(name for name in others if (folder / name).exists())


def _sealed_since(segment: Segment, folder: Path) -> Segment | None:
    """The sealed form of a segment that was sealed since the folder was listed; None if it is gone."""
    sealed = replace(segment, is_sealed=True)
    return sealed if sealed.path(folder).is_file() else None


def next_number(folder: Path, shard: str) -> int:
    """The next free segment number of *shard*, from 1."""
    return 1 + max((segment.number for segment in segments(folder) if segment.shard == shard), default=0)
