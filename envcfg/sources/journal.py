"""Reads a journal folder as a history. It merges the shards and sessions by step."""

from collections import Counter
from collections.abc import Iterable, Sequence
from operator import itemgetter
from pathlib import Path

from msgspec.structs import replace

from envcfg.core.code import Code, Coded
from envcfg.core.drawn import Draws
from envcfg.core.errors import SourceError
from envcfg.core.record import Mix
from envcfg.history.answers import Requested, explain
from envcfg.history.history import History
from envcfg.history.mixes import combined_mixes
from envcfg.history.recording import OtherRun
from envcfg.journal.columns import Columns
from envcfg.journal.configs import Configs
from envcfg.journal.reading import Reading, read_journal
from envcfg.journal.sessions import Cut, RunSessions, cutoffs, runs, session_of, stands
from envcfg.sources import clock_parts
from envcfg.sources.adoptions import FoundAdoptions, adoptions_of
from envcfg.sources.failures import latest
from envcfg.sources.first_epoch import FirstEpoch
from envcfg.sources.missing_parts import missing_parts
from envcfg.sources.run_address import RunAddress


def from_journal(folder: Path, *, logs: Sequence[Path] = (), run: str = "") -> History:
    """Return the history of a run in *folder*: the one whose id begins with *run*, or else the last one.

    Raises `JournalError` if no segment can be read, and `SourceError` if there is no such run.
    """
    readings, losses = read_journal(folder)
    found = runs(readings)
    chosen = _chosen(found, run, folder)
    ours, cut = chosen.readings, cutoffs(chosen.every)
    missing = missing_parts(folder, chosen.every)
    losses += [*missing.losses, *_segment_losses(ours), *_unknown_configs(ours)]
    requests, drawn, mixes = _requests(ours, cut), _drawn(ours, cut), _mixes(ours, cut)
    epochs = clock_parts.epochs(ours, cut)  # all before the adoptions, which take the records of the readings
    adopted = adoptions_of(ours, cut, missing.segments)
    if not missing.segments:  # otherwise an epoch may have ended before
        first = FirstEpoch(epochs, [adopted.train.columns, *_evaluated(adopted)])
        requests, drawn = first.of_requests(requests), first.of_draws(drawn)
    configs = Configs([reading.configs for reading in ours])
    explain(adopted.train, requests, configs)
    return History(
        run=chosen.sessions[-1].run,
        id=chosen.id,
        others=tuple(_other(other, chosen, folder) for other in found if other is not chosen),
        adoptions=adopted.train,
        told_lives=adopted.lives,
        evaluation=adopted.evaluation,
        configs=configs,
        requests=requests,
        mixes=mixes,
        drawn=drawn,
        epochs=epochs,
        phases=clock_parts.phases(ours, cut),
        spans=clock_parts.spans(ours, cut),
        jobs=tuple(job for reading in _by_session(ours, cut) for job in reading.jobs),
        links=tuple(link for reading in _by_session(ours, cut) for link in reading.links),
        failures=latest(ours),
        ending=chosen.sessions[-1].ending,
        sessions=max(Counter(shard for shard, _ in {session_of(reading) for reading in ours}).values()),
        abandoned=adopted.abandoned,
        losses=tuple(losses),
        folder=folder,
        logs=tuple(logs),
    )


def run_ids(folder: Path) -> list[str]:
    """Return the ids of the runs in *folder*, in the order in which they began."""
    return [run.id for run in runs(read_journal(folder)[0])]


def _chosen(found: Sequence[RunSessions], run: str, folder: Path) -> RunSessions:
    same = [one for one in found if one.id.startswith(run)]
    if not same or (run and len(same) > 1):
        known = ", ".join(one.id for one in found)
        raise SourceError(f"{folder} contains {len(same)} runs whose id begins with {run}; it contains {known}")
    return same[-1]


def _other(other: RunSessions, ours: RunSessions, folder: Path) -> OtherRun:
    last = other.sessions[-1]
    is_concurrent = any(one.overlaps(mine) for one in other.sessions for mine in ours.sessions if one is not mine)
    return OtherRun(other.id, last.run, last.overrides, is_concurrent, str(RunAddress(folder, other.id)))


def _by_session(readings: Sequence[Reading], cut: Cut) -> list[Reading]:
    return sorted(readings, key=lambda reading: cut.order[reading.writer.session])


def _requests(readings: Sequence[Reading], cut: Cut) -> tuple[Requested, ...]:
    """The requests in order of step, at one step in order of session."""
    found = [
        (request.step, cut.order[reading.writer.session], request.time, Requested(reading.writer.rank, request))
        for reading, records in _with_records(readings)
        for request in reading.requests
        if stands(request, cut.ends[session_of(reading)], records)
    ]
    return tuple(asked for *_, asked in sorted(found, key=itemgetter(0, 1, 2)))


def _with_records(readings: Sequence[Reading]) -> list[tuple[Reading, list[Columns]]]:
    """Each reading with all records of its rank in the same session."""
    of: dict[tuple[int, str], list[Columns]] = {}
    own = [of.setdefault((reading.writer.rank, reading.writer.session), []) for reading in readings]
    for records, reading in zip(own, readings, strict=True):
        records.append(reading.records)
    return list(zip(readings, own, strict=True))


def _evaluated(adopted: FoundAdoptions) -> Sequence[Columns]:
    return [] if adopted.evaluation is None else [adopted.evaluation.adoptions.columns]


def _drawn(readings: Sequence[Reading], cut: Cut) -> tuple[Draws, ...]:
    found = (
        draws
        for reading, records in _with_records(readings)
        for draws in reading.draws
        if draws.since < cut.ends[session_of(reading)] and stands(draws, cut.ends[session_of(reading)], records)
    )
    return tuple(sorted(found, key=lambda draws: (draws.step, draws.time)))


def _mixes(readings: Sequence[Reading], cut: Cut) -> tuple[Mix, ...]:
    ranks: dict[int, list[Mix]] = {}
    told = clock_parts.with_rewards_of_their_own(readings)
    for reading, mix in clock_parts.mixes(readings, cut):
        is_repeated = reading.writer.worker and reading.writer.rank in told
        found = replace(mix, rewards=None) if is_repeated else mix
        ranks.setdefault(reading.writer.rank, []).append(found)
    return combined_mixes(ranks)


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
