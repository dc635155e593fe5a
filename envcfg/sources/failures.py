"""What failed while a run was recorded: one entry for each cause in each process."""

from collections.abc import Iterable

from envcfg.core.record import Failure
from envcfg.journal.reading import Reading


def latest(readings: Iterable[Reading]) -> tuple[Failure, ...]:
    """The latest count of each cause, of each process in each session, by time.

    A process writes the same cause again while its count grows. The counts of two processes add up.
    """
    found: dict[tuple[object, ...], Failure] = {}
    for reading in readings:
        for failure in reading.failures:
            key = (reading.writer, failure.where, failure.code, failure.message)
            known = found.get(key)
            if known is None or failure.count >= known.count:
                found[key] = failure
    return tuple(sorted(found.values(), key=lambda failure: failure.time))
