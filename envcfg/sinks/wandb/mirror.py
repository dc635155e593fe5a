"""Links the journal into the folder of a W&B run, so that moving this folder moves the journal too."""

import contextlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

from envcfg.core.code import Code
from envcfg.core.errors import JournalError
from envcfg.core.whole_file import read_file
from envcfg.journal.folder import Segment, segment_of, segments
from envcfg.journal.segment import SegmentWriter
from envcfg.tracking.policy import SEAL_AT

MANIFEST: Final = "manifest.json"
_LISTINGS: Final = 10
"""The most attempts to list a journal. Another process may seal a listed file before it is linked."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of one version of the journal, by name."""

    links: Mapping[str, Path]
    """Sealed segments, and open segments of other shards. A large open segment waits until its shard seals it."""
    copies: Mapping[str, bytes]
    """The contents of the manifest and of the shard's own open segment when the version was made."""
    is_last: bool = False
    """Whether this is the last version, which therefore waits for no segment."""

    def staged(self, folder: Path) -> Mapping[str, Path]:
        """Return files that do not change while they are read. Files that may change are copied into *folder*."""
        sealed = {name: path for name, path in self.links.items() if name.endswith(".gz")}
        copies = dict(self.copies)
        for name in self.links.keys() - sealed.keys():
            with contextlib.suppress(FileNotFoundError):  # it has been sealed since; a later version contains it
                if self.is_last or self.links[name].stat().st_size < SEAL_AT:
                    copies[name] = read_file(self.links[name])
        for name, content in copies.items():
            (folder / name).write_bytes(content)
        return {**sealed, **{name: folder / name for name in copies}}


class OpenSegment(NamedTuple):
    """The open segment of the shard, as far as it was written when a version was decided on."""

    path: Path
    size: int

    @classmethod
    def of(cls, journal: SegmentWriter) -> Self | None:
        return None if journal.path is None else cls(journal.path, journal.size)

    def content(self) -> dict[str, bytes]:
        """Its content by its name; empty if it has been sealed since. Then the sealed segment contains it."""
        try:
            with self.path.open("rb") as file:
                return {self.path.name: file.read(self.size)}
        except FileNotFoundError:
            return {}


def update_folder(
    journal: Path, kept: Path, *, tail: OpenSegment | None, manifest: bytes, is_last: bool = False
) -> Contents:
    """Update *kept*, and return its contents. The training may write to the journal meanwhile."""
    copies = {MANIFEST: manifest, **(tail.content() if tail else {})}
    link_files(journal, kept)
    (kept / MANIFEST).write_bytes(manifest)
    return Contents({path.name: path for path in sorted(kept.iterdir()) if path.name not in copies}, copies, is_last)


def next_names(path: Path) -> list[str]:
    """Return the names, open and sealed, of the segment at *path* and of the next two of its shard."""
    now = segment_of(path.name)
    if now is None:
        return []
    ahead = [Segment(now.shard, now.number + more, is_sealed) for more in range(3) for is_sealed in (False, True)]
    return [segment.path(Path()).name for segment in ahead]


def link_files(journal: Path, kept: Path) -> list[str]:
    """Make *kept* contain the journal, by hard links or else by copies. Returns the names of the new files.

    A linked open segment stays complete if this process is killed. Raises `JournalError` for an unreadable segment.
    """
    kept.mkdir(parents=True, exist_ok=True)
    held = {path.name for path in kept.iterdir()}
    for _ in range(_LISTINGS):
        names = {segment.path(journal).name for segment in segments(journal)}
        missing = [name for name in names if not _is_linked(journal / name, kept / name)]
        if not missing:
            break
    else:
        said = f"{journal}: {', '.join(sorted(missing))} still unreadable after {_LISTINGS} attempts"
        raise JournalError(said, code=Code.TAKEN_AWAY)
    for stale in held - names - {MANIFEST}:
        (kept / stale).unlink(missing_ok=True)  # the training thread links files, too
    return sorted(names - held)


def _is_linked(source: Path, target: Path) -> bool:
    """Link *target* to *source*. Return False if another rank or worker has sealed *source* meanwhile."""
    try:
        _link(source, target)
    except FileNotFoundError:
        return False
    return True


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        if not source.samefile(target):
            shutil.copyfile(source, target)
    except OSError:
        shutil.copyfile(source, target)
