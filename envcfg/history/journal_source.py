"""A journal folder -> a history: shards and sessions merged by step."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import MappingProxyType

from envcfg.core.record import Record
from envcfg.core.tree import Config
from envcfg.history.history import Adoption, History, Place
from envcfg.journal.format import SlotState
from envcfg.journal.reading import Reading, read_journal


def from_journal(folder: Path, *, logs: Sequence[Path] = ()) -> History:
    """The history of the one run whose shards lie in *folder*; raises `JournalError` where none can be read."""
    readings, losses = read_journal(folder)
    run = readings[-1].writer.run
    ours = [reading for reading in readings if reading.writer.run == run]
    others = sorted({reading.writer.run for reading in readings} - {run})
    losses += [f"segments of another run, {other}, were left out" for other in others]
    adoptions, gaps = _adoptions(ours)
    return History(
        run=run,
        adoptions=tuple(sorted(adoptions, key=lambda adoption: (adoption.record.step, adoption.record.time))),
        configs=MappingProxyType(_configs(ours)),
        mixes=tuple(sorted((m for r in ours for m in r.mixes), key=lambda mix: (mix.step, mix.time))),
        jobs=tuple(sorted((j for r in ours for j in r.jobs), key=lambda job: job.time)),
        links=tuple(sorted((link for r in ours for link in r.links), key=lambda link: link.time)),
        failures=tuple(sorted((f for r in ours for f in r.failures), key=lambda failure: failure.time)),
        endings=tuple(sorted((e for r in ours for e in r.endings), key=lambda ending: ending.time)),
        sessions=len({reading.writer.session for reading in ours}),
        losses=(*losses, *gaps, *_segment_losses(ours), *_unknown_configs(ours)),
        folder=folder,
        logs=tuple(logs),
    )


def _configs(readings: Iterable[Reading]) -> dict[str, Config]:
    return {digest: config for reading in readings for digest, config in reading.configs.items()}


def _adoptions(readings: Sequence[Reading]) -> tuple[list[Adoption], list[str]]:
    """Every record, and where a segment is missing in between, what its successor's header says was running."""
    adoptions: list[Adoption] = []
    gaps: list[str] = []
    previous: Reading | None = None
    for reading in readings:
        if _follows_a_gap(previous, reading):
            name = reading.segment.path(Path()).name
            gaps.append(f"the segment before {name} is missing: what changed in it is known only by its outcome")
            adoptions += [_adoption(reading, _restated(state, reading)) for state in reading.header.slots]
        adoptions += [_adoption(reading, record) for record in reading.records]
        previous = reading
    return adoptions, gaps


def _follows_a_gap(previous: Reading | None, reading: Reading) -> bool:
    if previous is None or previous.segment.shard != reading.segment.shard:
        return reading.segment.number > 1 and bool(reading.header.slots)
    return reading.segment.number != previous.segment.number + 1


def _adoption(reading: Reading, record: Record) -> Adoption:
    return Adoption(Place(reading.writer.rank, reading.writer.worker, record.slot), record)


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
