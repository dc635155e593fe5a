"""Several journals of one W&B run: a training and its evaluation, or the processes of a shared run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from envcfg.journal.folder import JOURNAL, segments
from envcfg.journal.others import writer_of
from envcfg.journal.segment import SegmentWriter

_SHOWN: Final = 8
"""The characters of an id in a name."""


def counted(said: Any, journal: SegmentWriter, records: int) -> dict[str, int]:
    """The number of records of each journal of the run, by its id. *said* is what the summary of the run has."""
    known = dict(said).get("journals") if said is not None else None
    others = {str(name): count for name, count in dict(known or {}).items() if isinstance(count, int)}
    return {**others, journal.writer.id: records}


def is_shared(run: Any) -> bool:
    """Whether several processes may write to the run."""
    return getattr(getattr(run, "settings", None), "mode", None) == "shared"


def folder_for(run: Any, journal: SegmentWriter) -> Path:
    """The folder of the journal in the files of the run: `envcfg`, or one of its own if another journal has it."""
    usual = Path(run.dir) / JOURNAL
    held = {writer_of(usual, segment) for segment in segments(usual)} if usual.is_dir() else set()
    ids: Mapping[str, None] = dict.fromkeys(writer.id for writer in held if writer is not None)
    return usual if not ids or journal.writer.id in ids else usual.with_name(f"{JOURNAL}-{journal.writer.id[:_SHOWN]}")
