"""The end of the earlier sessions of a resumed run, from which its clock goes on."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from envcfg.core.record import EpochEnd, Phase, Writer
from envcfg.journal.columns import NONE
from envcfg.journal.reading import Reading, read_journal
from envcfg.journal.sessions import cutoffs, session_of, sessions_of


class Past(NamedTuple):
    """The earlier sessions of a run, without the records that a rollback has replaced."""

    last_step: int | None = None
    """The last step of the run; None if there was no earlier session."""
    phase: Phase | None = None
    """The last phase, if there was one."""
    ends: tuple[EpochEnd, ...] = ()
    """The ends of epochs, in order of step."""
    episodes: Mapping[int, int] = MappingProxyType({})
    """The last recorded episode of each slot."""


def past_of(folder: Path, writer: Writer) -> Past:
    """The sessions of its rank that *writer* resumes in *folder*; raises `JournalError` if none of it can be read."""
    readings, _ = read_journal(folder)
    sessions = sessions_of([reading for reading in readings if reading.writer.rank == writer.rank], writer.resumes)
    cut = cutoffs(sessions)
    last: list[int] = []
    epochs: list[EpochEnd] = []
    phases: list[Phase] = []
    episodes: dict[int, int] = {}
    for reading in (reading for session in sessions for reading in session.readings):
        end = cut.ends[session_of(reading)]
        kept = [entry for entry in reading.epochs if entry.step <= end]
        last += [step for step in _steps(reading, kept) if step <= end]
        epochs += kept
        phases += [phase for phase in reading.phases if phase.step < end]
        episodes |= _episodes(reading, end)
    epochs.sort(key=lambda entry: (entry.step, entry.epoch))
    return Past(max(last, default=None), phases[-1] if phases else None, tuple(epochs), episodes)


def _steps(reading: Reading, epochs: list[EpochEnd]) -> list[int]:
    endings = [ending.step for ending in reading.endings if ending.step is not None]
    told = [entry.step for entry in epochs] + [mix.step for mix in reading.mixes]
    told += [draws.step for draws in reading.draws]
    return [*reading.records.step, *told, *(request.step for request in reading.requests), *endings]


def _episodes(reading: Reading, end: float) -> dict[int, int]:
    columns = reading.records
    rows = zip(columns.step, columns.slot, columns.episode, strict=True)
    return {slot: episode for step, slot, episode in rows if episode != NONE and step < end}
