"""Passes a tracker to another process: its pickled state, and the number of the worker there."""

import os
import sys
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from msgspec.structs import replace

from envcfg.core.record import Writer
from envcfg.core.save_interval import DEFAULT_SAVE_INTERVAL
from envcfg.tracking.redaction.key import GivenKey, is_kept, key
from envcfg.tracking.redaction.rules import Redaction

MOST_WORKERS: Final = 999_999
UNNUMBERED: Final = 1_000_000
"""A worker without a number gets this number plus its process id."""

Lineage: TypeAlias = tuple[int, ...]
Key: TypeAlias = tuple[str, int]


class PickledState(NamedTuple):
    """The state of a pickled tracker: plain values, without secrets, files or sinks."""

    folder: str
    """The absolute path of the journal, since a worker may run in another directory."""
    writer: Writer
    """The writer of the process that created the tracker."""
    origin: Lineage
    """The lineage of the process that created the tracker."""
    strict: bool
    segment_bytes: int
    reveal: frozenset[str]
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    """The names of the environment variables that configs have read so far. A worker reads their values itself."""
    save_interval: int = DEFAULT_SAVE_INTERVAL
    worker: int | None = None
    """The number of the worker, if `shard` gave one."""
    tag_key: bytes = b""
    """The key of the tags, if the worker could not read it: equal configs must be equal in every process."""
    has_past: bool = False
    """Whether the folder had a journal when the tracker was created."""

    @classmethod
    def of(
        cls, folder: Path, writer: Writer, redaction: Redaction, *, strict: bool, segment_bytes: int
    ) -> "PickledState":
        lists = redaction.reveal, redaction.allow, redaction.deny
        return cls(
            str(folder.absolute()), writer, _lineage(), strict, segment_bytes, *lists, tag_key=_tag_key(redaction)
        )

    @property
    def redaction(self) -> Redaction:
        """The redaction rules. A custom `key` or `environment` is not pickled."""
        lists = self.reveal, self.allow, self.deny
        return Redaction(*lists, key=GivenKey(self.tag_key)) if self.tag_key else Redaction(*lists)

    @property
    def key(self) -> Key:
        """Identifies the tracker: two trackers with equal keys are the same tracker."""
        return (self.writer.session, self.writer.worker if self.worker is None else self.worker)

    def writer_here(self) -> Writer:
        """The writer for the shard of this process.

        The third child that `multiprocessing` started in the creating process is worker 3, also after a restart of the
        run. A grandchild, or a process that was started in another way, gets a number from its process id.
        """
        creator, here = self.writer, _lineage()
        if self.worker is not None:
            worker = self.worker
        elif len(here) == len(self.origin) + 1 and here[:-1] == self.origin:
            worker = here[-1]
        else:
            worker = UNNUMBERED + os.getpid()
        return replace(creator, worker=worker)


def _tag_key(redaction: Redaction) -> bytes:
    """The key of the tags, if a worker cannot read it from the user's configuration directory; else nothing."""
    if isinstance(redaction.key, GivenKey):
        return redaction.key()
    return key() if redaction.key is key and not is_kept() else b""


def _lineage() -> Lineage:
    """The position of this process among those that `multiprocessing` started: (3,) for the third child."""
    started = sys.modules.get("multiprocessing.process")  # every process that it started has imported it
    return () if started is None else tuple(getattr(started.current_process(), "_identity", ()))


def living_children() -> set[int]:
    """The numbers of the living workers that `multiprocessing` started from this process."""
    started = sys.modules.get("multiprocessing.process")
    children = () if started is None else started.active_children()
    return {child._identity[-1] for child in children if child._identity}  # noqa: SLF001  # there is no other name
