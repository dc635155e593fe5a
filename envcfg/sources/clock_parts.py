"""The parts of the run clock in a journal: ends of epochs, phases and sessions. Those of the first rank count."""

from collections.abc import Iterator, Mapping, Sequence
from math import inf

from msgspec.structs import replace

from envcfg.core.record import EpochEnd, Mix, Phase
from envcfg.history.recording import Span
from envcfg.journal.reading import Reading
from envcfg.journal.sessions import Cut, ShardSession, ended_at, mixes_before, session_of


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


def mixes(readings: Sequence[Reading], cut: Cut) -> Iterator[tuple[Reading, Mix]]:
    """Each mix with its reading. The mix of an epoch is at its end, also if a worker did not know that step."""
    ended: dict[tuple[int, str], dict[int, EpochEnd]] = {}
    for reading in readings:
        own = ended.setdefault((reading.writer.rank, reading.writer.session), {})
        own |= {end.epoch: end for end in reading.epochs}
    of: dict[ShardSession, list[Reading]] = {}
    for reading in readings:
        of.setdefault(session_of(reading), []).append(reading)
    for session, shard in of.items():
        own, end = ended[shard[0].writer.rank, shard[0].writer.session], cut.ends[session]
        counted = ended_at(end, own.values(), (reading.records for reading in shard))
        for reading in shard:
            at_ends = (_at_end(mix, own) for mix in reading.mixes)
            yield from ((reading, mix) for mix in mixes_before(at_ends, end, counted))


def _at_end(mix: Mix, ends: Mapping[int, EpochEnd]) -> Mix:
    end = None if mix.epoch is None else ends.get(mix.epoch)
    return mix if end is None or end.step == mix.step else replace(mix, step=end.step)


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
