"""Reads a journal folder as a history. It merges the shards and sessions by step."""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from envcfg.core.code import Code, Coded
from envcfg.core.record import Mix, Record, Writer
from envcfg.history.adoptions import Adoptions, Place, in_order
from envcfg.history.answers import Requested, answers, explained
from envcfg.history.history import History
from envcfg.history.mixes import combined_mixes
from envcfg.journal.columns import Columns
from envcfg.journal.configs import Configs
from envcfg.journal.reading import Reading, read_journal
from envcfg.journal.sessions import Session, cutoffs, last_ending, session
from envcfg.sources import clock_parts


def from_journal(folder: Path, *, logs: Sequence[Path] = ()) -> History:
    """Return the history of the run in *folder*. Raises `JournalError` if no segment can be read."""
    ours, losses = _of_one_run(folder)
    losses += [*_gaps(ours), *_segment_losses(ours), *_unknown_configs(ours)]
    ends = cutoffs(ours)
    requests = _requests(ours, ends)
    counted, abandoned = _adoptions(ours, ends)
    configs = Configs([reading.configs for reading in ours])
    _explain(counted, requests, configs)
    return History(
        run=ours[-1].writer.run,
        adoptions=counted,
        configs=configs,
        requests=requests,
        mixes=_mixes(ours, ends),
        epochs=clock_parts.epochs(ours, ends),
        phases=clock_parts.phases(ours, ends),
        spans=clock_parts.spans(ours, ends),
        jobs=tuple(sorted((j for r in ours for j in r.jobs), key=lambda job: job.time)),
        links=tuple(sorted((link for r in ours for link in r.links), key=lambda link: link.time)),
        failures=tuple(sorted((f for r in ours for f in r.failures), key=lambda failure: failure.time)),
        ending=last_ending(ours),
        sessions=max(Counter(shard for shard, _ in {session(reading) for reading in ours}).values()),
        abandoned=abandoned,
        losses=tuple(losses),
        folder=folder,
        logs=tuple(logs),
    )


def _of_one_run(folder: Path) -> tuple[list[Reading], list[Coded]]:
    """Return the readings of the run with the last segment, and a message for each other run and each loss."""
    readings, losses = read_journal(folder)
    run = readings[-1].writer.run
    others = sorted({reading.writer.run for reading in readings} - {run})
    losses += [Coded(f"segments of another run, {other}, were left out", Code.OTHER_RUN) for other in others]
    return [reading for reading in readings if reading.writer.run == run], losses


class _AdoptionCollector:
    """Collects adoptions, shard by shard."""

    def __init__(self) -> None:
        self._columns = Columns()
        self._place = array("i")
        self._places: dict[Place, int] = {}

    def extend(self, writer: Writer, records: Columns, rows: Sequence[int] | None = None) -> None:
        first = len(self._columns)
        self._columns.extend(records, rows)
        slots = self._columns.slot[first:]
        positions = {slot: self._position(Place(writer.rank, writer.worker, slot)) for slot in sorted(set(slots))}
        is_same = all(slot == position for slot, position in positions.items())
        self._place.extend(slots if is_same else map(positions.__getitem__, slots))

    def adoptions(self) -> Adoptions:
        return in_order(self._columns, self._place, tuple(self._places))

    def _position(self, place: Place) -> int:
        return self._places.setdefault(place, len(self._places))


def _adoptions(readings: Sequence[Reading], ends: Mapping[Session, float]) -> tuple[Adoptions, Adoptions]:
    """Return the counted and the abandoned adoptions. This empties the records of *readings*."""
    counted, abandoned = _AdoptionCollector(), _AdoptionCollector()
    for previous, reading in zip((None, *readings), readings, strict=False):
        end, steps = ends[session(reading)], reading.records.step
        if _follows_a_gap(previous, reading):
            counted.extend(reading.writer, _restated(reading, end))
        if reading.records.last_step < end:
            counted.extend(reading.writer, reading.records)
        else:
            counted.extend(reading.writer, reading.records, [row for row, step in enumerate(steps) if step < end])
            abandoned.extend(reading.writer, reading.records, [row for row, step in enumerate(steps) if step >= end])
        reading.records.clear()  # so that a million records are not in memory twice
    return counted.adoptions(), abandoned.adoptions()


def _requests(readings: Sequence[Reading], ends: Mapping[Session, float]) -> tuple[Requested, ...]:
    found = [
        Requested(reading.writer.rank, request)
        for reading in readings
        for request in reading.requests
        if request.step < ends[session(reading)]
    ]
    return tuple(sorted(found, key=lambda asked: (asked.request.step, asked.request.time)))


def _explain(adoptions: Adoptions, requests: Sequence[Requested], configs: Configs) -> None:
    """Add the step and cause of the request to the records of workers, which do not know the trainer's requests."""
    for row, request in explained(requests, answers(requests, adoptions, configs)).items():
        adoptions.columns.explain(row, request.step, request.cause)


def _mixes(readings: Sequence[Reading], ends: Mapping[Session, float]) -> tuple[Mix, ...]:
    ranks: dict[int, list[Mix]] = {}
    told = clock_parts.with_rewards_of_their_own(readings)
    for reading in readings:
        counted = (mix for mix in reading.mixes if mix.step < ends[session(reading)])
        if reading.writer.worker and reading.writer.rank in told:
            counted = (replace(mix, rewards=None) for mix in counted)
        ranks.setdefault(reading.writer.rank, []).extend(counted)
    return combined_mixes(ranks)


def _follows_a_gap(previous: Reading | None, reading: Reading) -> bool:
    if previous is None or previous.segment.shard != reading.segment.shard:
        return reading.segment.number > 1 and bool(reading.header.slots or reading.header.since)
    return reading.segment.number != previous.segment.number + 1


def _restated(reading: Reading, end: float) -> Columns:
    """Return the state of the slots when the segment was opened. It replaces the missing segments before it."""
    time = reading.header.time
    return Columns.of(
        Record(state.step, state.slot, state.config, time, task=state.task, template=state.template)
        for state in reading.header.slots
        if state.step < end
    )


def _gaps(readings: Sequence[Reading]) -> Iterable[Coded]:
    for previous, reading in zip((None, *readings), readings, strict=False):
        if _follows_a_gap(previous, reading):
            name = reading.segment.path(Path()).name
            said = f"the segment before {name} is missing: only the final state of its changes is known"
            yield Coded(said, Code.MISSING_SEGMENT)


def _segment_losses(readings: Iterable[Reading]) -> Iterable[Coded]:
    for reading in readings:
        for loss in reading.losses:
            yield Coded(f"{reading.segment.path(Path()).name}: {loss}", loss.code)


def _unknown_configs(readings: Sequence[Reading]) -> Iterable[Coded]:
    known = {digest for reading in readings for digest in reading.configs}
    referred = {adopted.config for reading in readings for adopted in reading.records.adopted.values}
    unknown = sorted(referred - known)
    if unknown:
        more = f" ({len(unknown) - 1:,} more)" if unknown[1:] else ""
        said = f"a record refers to config {unknown[0]}, which was not found{more}"
        yield Coded(said, Code.MISSING_CONFIG)
