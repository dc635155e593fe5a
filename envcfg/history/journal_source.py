"""A journal folder -> a history: shards and sessions merged by step."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import MappingProxyType

from envcfg.core.record import Mix, Record
from envcfg.core.tree import Config
from envcfg.history.history import Adoption, History, Place
from envcfg.history.sessions import cutoffs, last_ending, session
from envcfg.journal.format import SlotState
from envcfg.journal.reading import Reading, read_journal


def from_journal(folder: Path, *, logs: Sequence[Path] = ()) -> History:
    """The history of the one run whose shards lie in *folder*; raises `JournalError` where none can be read."""
    readings, losses = read_journal(folder)
    run = readings[-1].writer.run
    ours = [reading for reading in readings if reading.writer.run == run]
    others = sorted({reading.writer.run for reading in readings} - {run})
    losses += [f"segments of another run, {other}, were left out" for other in others]
    adoptions, abandoned, gaps = _adoptions(ours)
    return History(
        run=run,
        adoptions=adoptions,
        configs=MappingProxyType(_configs(ours)),
        mixes=_mixes(ours),
        jobs=tuple(sorted((j for r in ours for j in r.jobs), key=lambda job: job.time)),
        links=tuple(sorted((link for r in ours for link in r.links), key=lambda link: link.time)),
        failures=tuple(sorted((f for r in ours for f in r.failures), key=lambda failure: failure.time)),
        ending=last_ending(ours),
        sessions=max(Counter(shard for shard, _ in {session(reading) for reading in ours}).values()),
        abandoned=abandoned,
        losses=(*losses, *gaps, *_segment_losses(ours), *_unknown_configs(ours)),
        folder=folder,
        logs=tuple(logs),
    )


def _configs(readings: Iterable[Reading]) -> dict[str, Config]:
    return {digest: config for reading in readings for digest, config in reading.configs.items()}


def _adoptions(readings: Sequence[Reading]) -> tuple[tuple[Adoption, ...], tuple[Adoption, ...], list[str]]:
    """What counts, what was abandoned, and a sentence for each segment that is missing in between."""
    ends = cutoffs(readings)
    counted: list[Adoption] = []
    abandoned: list[Adoption] = []
    gaps: list[str] = []
    previous: Reading | None = None
    for reading in readings:
        records = reading.records
        if _follows_a_gap(previous, reading):
            name = reading.segment.path(Path()).name
            gaps.append(f"the segment before {name} is missing: what changed in it is known only by its outcome")
            records = [*(_restated(state, reading) for state in reading.header.slots), *records]
        for record in records:
            branch = counted if record.step < ends[session(reading)] else abandoned
            branch.append(Adoption(Place(reading.writer.rank, reading.writer.worker, record.slot), record))
        previous = reading
    return _in_order(counted), _in_order(abandoned), gaps


def _in_order(adoptions: Sequence[Adoption]) -> tuple[Adoption, ...]:
    return tuple(sorted(adoptions, key=lambda adoption: (adoption.record.step, adoption.record.time)))


def _mixes(readings: Sequence[Reading]) -> tuple[Mix, ...]:
    ends = cutoffs(readings)
    counted = (mix for reading in readings for mix in reading.mixes if mix.step < ends[session(reading)])
    return tuple(sorted(counted, key=lambda mix: (mix.step, mix.time)))


def _follows_a_gap(previous: Reading | None, reading: Reading) -> bool:
    if previous is None or previous.segment.shard != reading.segment.shard:
        return reading.segment.number > 1 and bool(reading.header.slots)
    return reading.segment.number != previous.segment.number + 1


def _restated(state: SlotState, reading: Reading) -> Record:
    return Record(state.step, state.slot, state.config, reading.header.time, task=state.task, template=state.template)


def _segment_losses(readings: Iterable[Reading]) -> Iterable[str]:
    for reading in readings:
        for loss in reading.losses:
            yield f"{reading.segment.path(Path()).name}: {loss}"


def _unknown_configs(readings: Sequence[Reading]) -> Iterable[str]:
    known = _configs(readings).keys()
    for digest in sorted({record.config for reading in readings for record in reading.records} - known):
        yield f"the config {digest} is referred to and was not found"
