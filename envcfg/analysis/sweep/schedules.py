"""Which runs followed the same schedule, and where the others diverged from it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from envcfg.analysis.run.stages import Stage, stages
from envcfg.sources.sweep import SweepRun


class Schedule(NamedTuple):
    """A sequence of stages, and the runs that followed exactly this sequence."""

    stages: tuple[Stage, ...]
    runs: tuple[str, ...]
    steps: tuple[tuple[int, int], ...]
    """For each stage, the first and the last step at which one of the runs began it."""
    shared: int
    """The number of first stages in common with the schedule of most runs."""


def schedules(runs: Iterable[SweepRun]) -> tuple[Schedule, ...]:
    """The schedules of the runs, the most frequent first.

    A run has no stages if slots ran different configs at the same time, for most of its steps.
    """
    found: dict[tuple[Stage, ...], list[tuple[str, Sequence[int]]]] = {}
    for run in runs:
        held, mixed = stages(run.history)
        path = () if 2 * mixed > 1 else held
        found.setdefault(tuple(stage for _, stage in path), []).append((run.name, [step for step, _ in path]))
    order = sorted(found, key=lambda own: -len(found[own]))
    return tuple(
        Schedule(own, tuple(name for name, _ in found[own]), _spread(found[own]), _shared(order[0], own))
        for own in order
    )


def _spread(runs: Sequence[tuple[str, Sequence[int]]]) -> tuple[tuple[int, int], ...]:
    return tuple((min(steps), max(steps)) for steps in zip(*(steps for _, steps in runs), strict=True))


def _shared(one: Sequence[Stage], other: Sequence[Stage]) -> int:
    both = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in both if a != b), min(len(one), len(other)))
