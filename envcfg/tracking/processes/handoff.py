"""A tracker in another process: what it takes along, and which worker it is there."""

import os
import sys
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from envcfg.core.record import Writer
from envcfg.tracking.redaction.rules import Redaction

MOST_WORKERS: Final = 999_999
UNNUMBERED: Final = 1_000_000
"""A worker that nobody numbers is known by its process id, counted from here."""

Lineage: TypeAlias = tuple[int, ...]
Key: TypeAlias = tuple[str, int]


class PickledState(NamedTuple):
    """What travels when a tracker is pickled: plain values, no secret, no file and no sink."""

    folder: str
    """The journal's, absolute: a worker may run in another one."""
    writer: Writer
    """The one that the tracker was made for."""
    origin: Lineage
    """Where that process stood among those that `multiprocessing` started."""
    strict: bool
    segment_bytes: int
    reveal: frozenset[str]
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    """Names of the environment variables that configs have read so far; their values are the worker's own."""
    worker: int | None = None
    """The number of the worker it is for, where somebody said so."""

    @classmethod
    def of(
        cls, folder: Path, writer: Writer, redaction: Redaction, *, strict: bool, segment_bytes: int
    ) -> "PickledState":
        lists = redaction.reveal, redaction.allow, redaction.deny
        return cls(str(folder.absolute()), writer, _lineage(), strict, segment_bytes, *lists)

    @property
    def redaction(self) -> Redaction:
        """The rules; a key that was given for them stays where it was."""
        return Redaction(self.reveal, self.allow, self.deny)

    @property
    def key(self) -> Key:
        """Trackers with the same one are the same in any process."""
        return (self.writer.session, self.writer.worker if self.worker is None else self.worker)

    def writer_here(self) -> Writer:
        """Who this process is in the journal of the one that the tracker was made in.

        The third child that `multiprocessing` started there is worker 3, and is so again when the run is started
        again; a grandchild, and a process that was started in another way, is known by its process id.
        """
        made_for, here = self.writer, _lineage()
        if self.worker is not None:
            worker = self.worker
        elif len(here) == len(self.origin) + 1 and here[:-1] == self.origin:
            worker = here[-1]
        else:
            worker = UNNUMBERED + os.getpid()
        return Writer(made_for.run, made_for.session, made_for.rank, worker)


def _lineage() -> Lineage:
    """This process among those that `multiprocessing` started: the third child of the program is (3,)."""
    started = sys.modules.get("multiprocessing.process")  # whoever it started has imported it
    return () if started is None else tuple(getattr(started.current_process(), "_identity", ()))
