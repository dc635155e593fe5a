"""Which runs went through the same configs in the same order, and where the others parted from them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from envcfg.analysis.run.dominant import dominant
from envcfg.history.history import History
from envcfg.sources.sweep import SweepRun


class Stage(NamedTuple):
    """A config that most slots of a run came to, under the name of a task; `config` is its digest."""

    task: str | None
    config: str


class Schedule(NamedTuple):
    """A sequence of stages, and the runs that went through exactly these."""

    stages: tuple[Stage, ...]
    runs: tuple[str, ...]
    steps: tuple[tuple[int, int], ...]
    """For each stage the first and the last step at which one of the runs came to it."""
    shared: int
    """How many first stages it has in common with the way that most runs went."""


def schedules(runs: Iterable[SweepRun]) -> tuple[Schedule, ...]:
    """The ways that runs went, the one of most runs first."""
    found: dict[tuple[Stage, ...], list[tuple[str, Sequence[int]]]] = {}
    for run in runs:
        path = _path(run.history)
        found.setdefault(tuple(stage for _, stage in path), []).append((run.name, [step for step, _ in path]))
    order = sorted(found, key=lambda stages: -len(found[stages]))
    return tuple(
        Schedule(stages, tuple(name for name, _ in found[stages]), _spread(found[stages]), _shared(order[0], stages))
        for stages in order
    )


def _path(history: History) -> list[tuple[int, Stage]]:
    return dominant(history.adoptions, lambda adopted: Stage(adopted.task, adopted.config))


def _spread(runs: Sequence[tuple[str, Sequence[int]]]) -> tuple[tuple[int, int], ...]:
    return tuple((min(steps), max(steps)) for steps in zip(*(steps for _, steps in runs), strict=True))


def _shared(one: Sequence[Stage], other: Sequence[Stage]) -> int:
    both = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in both if a != b), min(len(one), len(other)))
