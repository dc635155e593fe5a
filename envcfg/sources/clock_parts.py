"""The parts of the run clock in a journal: ends of epochs, phases and sessions. Those of the first rank count."""

from collections.abc import Iterator, Mapping, Sequence
from math import inf

from envcfg.core.record import EpochEnd, Phase
from envcfg.history.recording import Span
from envcfg.journal.reading import Reading
from envcfg.journal.sessions import Session, session


def epochs(readings: Sequence[Reading], ends: Mapping[Session, float]) -> tuple[EpochEnd, ...]:
    found = (
        end for reading in _of_first_rank(readings) for end in reading.epochs if end.step <= ends[session(reading)]
    )
    return tuple(sorted(found, key=lambda end: (end.step, end.time)))


def phases(readings: Sequence[Reading], ends: Mapping[Session, float]) -> tuple[Phase, ...]:
    """The phases in order. If a phase was written several times, the last one counts."""
    of_number: dict[int, Phase] = {}
    for reading in sorted(_of_first_rank(readings), key=lambda reading: reading.header.time):
        of_number |= {phase.number: phase for phase in reading.phases if phase.step < ends[session(reading)]}
    return tuple(sorted(of_number.values(), key=lambda phase: (phase.step, phase.number)))


def spans(readings: Sequence[Reading], ends: Mapping[Session, float]) -> tuple[Span, ...]:
    found: dict[str, Span] = {}
    for reading in _of_first_rank(readings):
        begun, end = found.get(reading.writer.session, Span(inf, inf))
        found[reading.writer.session] = Span(min(begun, reading.header.time), min(end, ends[session(reading)]))
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
