"""The coverage of a history: first and last step, epoch and time, the slots, and what is missing."""

from dataclasses import dataclass

from envcfg.core.code import Coded
from envcfg.history.recording import Recording
from envcfg.journal.columns import NONE


@dataclass(frozen=True, slots=True)
class Coverage:
    """The extent of a recording."""

    first_step: int | None
    last_step: int | None
    """In environment steps; None if nothing was recorded."""
    first_epoch: int | None
    last_epoch: int | None
    first_time: float | None
    last_time: float | None
    """In seconds since the Unix epoch; None if nothing was recorded."""
    ranks: int
    slots: int
    """The slots of all workers of all ranks."""
    sessions: int
    status: str
    abandoned: int
    """The number of records after the step from which a later session restarted."""
    lost_configs: int
    """The number of configs that records refer to and that could not be read."""
    failures: int
    losses: tuple[Coded, ...]


def coverage(history: Recording) -> Coverage:
    """The coverage of *history*."""
    adoptions = history.adoptions
    columns = adoptions.columns
    known = {value.config for value in columns.adopted.values}
    epochs = [epoch for epoch in columns.epoch if epoch != NONE] + [
        mix.epoch for mix in history.mixes if mix.epoch is not None
    ]
    epochs += [draws.epoch for draws in history.drawn if draws.epoch is not None]
    times = [time / 1000 for time in columns.time] + [mix.time for mix in history.mixes]
    times += [history.ending.time] if history.ending else []
    return Coverage(
        first_step=columns.step[0] if len(adoptions) else None,
        last_step=history.last_step if len(adoptions) else None,
        first_epoch=min(epochs, default=None),
        last_epoch=history.last_epoch,
        first_time=min(times, default=None),
        last_time=max(times, default=None),
        ranks=len({place.rank for place in adoptions.places}),
        slots=len(adoptions.places),
        sessions=history.sessions,
        status=history.status,
        abandoned=len(history.abandoned),
        lost_configs=len(known - history.configs.keys()),
        failures=len({(failure.where, failure.message) for failure in history.failures}),
        losses=history.losses,
    )
