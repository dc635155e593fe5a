"""Several sessions of one run in one journal. A restart from an earlier step makes later records a dead branch."""

import math
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from envcfg.core.record import Ending
from envcfg.journal.reading import Reading

Session: TypeAlias = tuple[str, str]
"""The shard and the session. Each start of a run starts a new session in each of its shards."""


def cutoffs(readings: Sequence[Reading]) -> Mapping[Session, float]:
    """For each session, the step at which a later session of the same shard began and replaces its records.

    All shards of a session end together, even if the later session has fewer workers.
    """
    starts: dict[str, float] = {}
    shards: dict[str, set[str]] = {}
    for reading in sorted(readings, key=lambda reading: reading.header.time):
        name = reading.writer.session
        first = min([*(mix.step for mix in reading.mixes), *(end.step for end in reading.epochs)], default=math.inf)
        starts[name] = min(starts.get(name, math.inf), reading.records.first_step, first)
        shards.setdefault(name, set()).add(reading.segment.shard)
    ends: dict[Session, float] = {}
    later: dict[str, float] = {}
    for name, start in reversed(starts.items()):
        end = min(later.get(shard, math.inf) for shard in shards[name])
        ends |= {(shard, name): end for shard in shards[name]}
        later |= {shard: min(start, end) for shard in shards[name]}
    return ends


def session(reading: Reading) -> Session:
    return (reading.segment.shard, reading.writer.session)


def last_ending(readings: Sequence[Reading]) -> Ending | None:
    """How the last session of the first shard ended; None if it was cut off or is still running."""
    first = min(readings, key=lambda reading: (reading.writer.rank, reading.writer.worker)).segment.shard
    shard = sorted((r for r in readings if r.segment.shard == first), key=lambda reading: reading.header.time)
    last = [reading for reading in shard if reading.writer.session == shard[-1].writer.session]
    return next((ending for reading in last for ending in reading.endings), None)
