"""Several starts of one run in one journal: a restart that went back behind a record makes it a dead branch."""

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from envcfg.core.record import Ending
from envcfg.journal.reading import Reading

Session: TypeAlias = tuple[str, str]
"""Shard and session: each shard of a run is started anew with the run."""


def cutoffs(readings: Sequence[Reading]) -> Mapping[Session, float]:
    """For each session, the first step that is no longer its own: where a later one of its shard began."""
    starts: dict[Session, float] = {}
    for reading in sorted(readings, key=lambda reading: reading.header.time):
        first = reading.records.first_step
        mixed = min((mix.step for mix in reading.mixes), default=math.inf)
        starts[session(reading)] = min(starts.get(session(reading), math.inf), first, mixed)
    ends: dict[Session, float] = {}
    later: dict[str, float] = {}
    for key, start in reversed(starts.items()):
        ends[key] = later.get(key[0], math.inf)
        later[key[0]] = min(start, ends[key])
    return ends


def session(reading: Reading) -> Session:
    return (reading.segment.shard, reading.writer.session)


def last_ending(readings: Sequence[Reading]) -> Ending | None:
    """How the last session of the first shard ended; None where it was cut off, or is still running."""
    first = min(readings, key=lambda reading: (reading.writer.rank, reading.writer.worker)).segment.shard
    shard = sorted((r for r in readings if r.segment.shard == first), key=lambda reading: reading.header.time)
    last = [reading for reading in shard if reading.writer.session == shard[-1].writer.session]
    return next((ending for reading in last for ending in reading.endings), None)
