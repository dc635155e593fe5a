"""The parts of the run clock in a journal: ends of epochs, phases and sessions. Those of the first rank count."""

from collections.abc import Iterator, Sequence
from math import inf

from envcfg.core.record import EpochEnd, Phase
from envcfg.history.recording import Span
from envcfg.journal.reading import Reading
from envcfg.journal.sessions import Cut, session_of


def epochs(readings: Sequence[Reading], cut: Cut) -> tuple[EpochEnd, ...]:
    found = (
        end
        for reading in _of_first_rank(readings)
        for end in reading.epochs
        if end.step <= cut.ends[session_of(reading)]
    )
    return tuple(sorted(found, key=lambda end: (end.step, end.time)))


def phases(readings: Sequence[Reading], cut: Cut) -> tuple[Phase, ...]:
    """The phases in order. If a phase was written several times, the last one counts."""
    of_number: dict[int, Phase] = {}
    for reading in sorted(_of_first_rank(readings), key=lambda reading: cut.order[reading.writer.session]):
        of_number |= {phase.number: phase for phase in reading.phases if phase.step < cut.ends[session_of(reading)]}
    return tuple(sorted(of_number.values(), key=lambda phase: (phase.step, phase.number)))


def spans(readings: Sequence[Reading], cut: Cut) -> tuple[Span, ...]:
    found: dict[str, Span] = {}
    for reading in _of_first_rank(readings):
        begun, end = found.get(reading.writer.session, Span(inf, inf))
        end = min(end, cut.ends[session_of(reading)])
        found[reading.writer.session] = Span(min(begun, reading.header.time), end)
    return tuple(sorted(found.values()))


def with_rewards_of_their_own(readings: Sequence[Reading]) -> set[int]:
    """The ranks whose training process has returns. The returns of its workers are then not added."""
    return {
        reading.writer.rank
        for reading in readings
        if not reading.writer.worker and any(mix.rewards for mix in reading.mixes)
    }


def _of_first_rank(readings: Sequence[Reading]) -> Iterator[Reading]:
    first = min(reading.writer.rank for reading in readings)
    return (reading for reading in readings if reading.writer.rank == first)
