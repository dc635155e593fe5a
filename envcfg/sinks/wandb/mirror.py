"""The journal among the files of a tracking service's run, so that whoever moves the run's folder takes it along."""

import contextlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from envcfg.core.code import Code
from envcfg.core.errors import JournalError
from envcfg.journal.folder import Segment, segment_of, segments
from envcfg.journal.segment import SegmentWriter
from envcfg.tracking.policy import SEAL_AT

MANIFEST: Final = "manifest.json"
_LISTINGS: Final = 10
"""How often a journal is listed where a file of it is gone by the time that it is linked."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The files of one version of the journal, by name."""

    links: Mapping[str, Path]
    """Sealed segments, and open ones of other shards, which these seal by themselves: large ones are waited for."""
    copies: Mapping[str, bytes]
    """What was there when the version was made: the manifest, and the shard's own open tail."""
    is_last: bool = False
    """Whether no later version will have what the others seal."""

    def staged(self, folder: Path) -> Mapping[str, Path]:
        """Files that stay as they are while they are read; those that would not are copied into *folder*."""
        sealed = {name: path for name, path in self.links.items() if name.endswith(".gz")}
        copies = dict(self.copies)
        for name in self.links.keys() - sealed.keys():
            with contextlib.suppress(FileNotFoundError):  # it has been sealed since; a later version has it
                if self.is_last or self.links[name].stat().st_size < SEAL_AT:
                    copies[name] = self.links[name].read_bytes()
        for name, content in copies.items():
            (folder / name).write_bytes(content)
        return {**sealed, **{name: folder / name for name in copies}}


def keep(journal: SegmentWriter, kept: Path, *, manifest: bytes, is_last: bool = False) -> Contents:
    """Bring *kept* up to date, and give what it holds now."""
    link_files(journal.folder, kept)
    (kept / MANIFEST).write_bytes(manifest)
    tail = {} if journal.path is None else {journal.path.name: journal.path.read_bytes()}
    copies = {MANIFEST: manifest, **tail}
    return Contents({path.name: path for path in sorted(kept.iterdir()) if path.name not in copies}, copies, is_last)


def coming(path: Path) -> list[str]:
    """Names of the open segment at *path* and of the next two of its shard, open and sealed."""
    now = segment_of(path.name)
    if now is None:
        return []
    ahead = [Segment(now.shard, now.number + more, is_sealed) for more in range(3) for is_sealed in (False, True)]
    return [segment.path(Path()).name for segment in ahead]


def link_files(journal: Path, kept: Path) -> list[str]:
    """Make *kept* hold the journal: the same files by hard links, copies where that cannot be; gives the new ones.

    An open segment that is linked stays complete whatever dies. Raises `JournalError` where a segment is not to be had.
    """
    kept.mkdir(parents=True, exist_ok=True)
    held = {path.name for path in kept.iterdir()}
    for _ in range(_LISTINGS):
        names = {segment.path(journal).name for segment in segments(journal)}
        gone = [name for name in names if not _is_linked(journal / name, kept / name)]
        if not gone:
            break
    else:
        said = f"{journal}: {', '.join(sorted(gone))} could be listed and not be read, {_LISTINGS} times"
        raise JournalError(said, code=Code.TAKEN_AWAY)
    for stale in held - names - {MANIFEST}:
        (kept / stale).unlink()
    return sorted(names - held)


def _is_linked(source: Path, target: Path) -> bool:
    """Have *target* be *source*; False where that is gone, since another rank or worker has sealed it."""
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
