"""Reads a journal folder as a history. It merges the shards and sessions by step."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from envcfg.core.code import Code, Coded
from envcfg.core.record import Mix
from envcfg.history.adoptions import Adoptions
from envcfg.history.answers import Requested, answers, explained
from envcfg.history.history import History
from envcfg.history.mixes import combined_mixes
from envcfg.journal.configs import Configs
from envcfg.journal.reading import Reading, read_journal
from envcfg.journal.sessions import Session, cutoffs, last_ending, session
from envcfg.sources import clock_parts
from envcfg.sources.adoptions import adoptions_of, follows_a_gap
from envcfg.sources.failures import latest


def from_journal(folder: Path, *, logs: Sequence[Path] = ()) -> History:
    """Return the history of the run in *folder*. Raises `JournalError` if no segment can be read."""
    ours, losses = _of_one_run(folder)
    losses += [*_gaps(ours), *_segment_losses(ours), *_unknown_configs(ours)]
    ends = cutoffs(ours)
    requests = _requests(ours, ends)
    found = adoptions_of(ours, ends)
    configs = Configs([reading.configs for reading in ours])
    _explain(found.train, requests, configs)
    return History(
        run=ours[-1].writer.run,
        adoptions=found.train,
        told_lives=found.lives,
        evaluation=found.evaluation,
        configs=configs,
        requests=requests,
        mixes=_mixes(ours, ends),
        epochs=clock_parts.epochs(ours, ends),
        phases=clock_parts.phases(ours, ends),
        spans=clock_parts.spans(ours, ends),
        jobs=tuple(sorted((j for r in ours for j in r.jobs), key=lambda job: job.time)),
        links=tuple(sorted((link for r in ours for link in r.links), key=lambda link: link.time)),
        failures=latest(ours),
        ending=last_ending(ours),
        sessions=max(Counter(shard for shard, _ in {session(reading) for reading in ours}).values()),
        abandoned=found.abandoned,
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


def _gaps(readings: Sequence[Reading]) -> Iterable[Coded]:
    for previous, reading in zip((None, *readings), readings, strict=False):
        if follows_a_gap(previous, reading):
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
