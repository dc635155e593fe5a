"""Splits a change of the mean reward into two parts: a different mix of tasks, and different skill in each task."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from envcfg.core.record import Returns
from envcfg.core.returns import pooled

TaskRewards: TypeAlias = Mapping[str, Returns]
"""For each task, the number of finished episodes and their mean return."""

_NONE: Final = Returns(0, 0.0)


class Part(NamedTuple):
    """The contribution of one task."""

    mix: float
    skill: float


class Split(NamedTuple):
    """The change of the mean reward over all episodes: `after - before` is `mix + skill`."""

    before: float
    after: float
    tasks: Mapping[str, Part]

    @property
    def mix(self) -> float:
        """The part that comes from playing tasks more or less often: the sum of Δp·r̄ over the tasks."""
        return sum(part.mix for part in self.tasks.values())

    @property
    def skill(self) -> float:
        """The part that comes from better or worse rewards within each task: the sum of p̄·Δr over the tasks."""
        return sum(part.skill for part in self.tasks.values())


def split(before: TaskRewards, after: TaskRewards) -> Split | None:
    """Split by the identity Δr = Σ Δp·r̄ + Σ p̄·Δr (Kitagawa 1955); None if no episode ended before or after.

    A task that was played on one side only gets the same reward on both sides. So its part is all *mix*.
    """
    sides = [sum(found.episodes for found in side.values()) for side in (before, after)]
    if not all(sides):
        return None
    tasks: dict[str, Part] = {}
    for task in dict.fromkeys([*before, *after]):
        (old_count, old, *_), (new_count, new, *_) = before.get(task, _NONE), after.get(task, _NONE)
        old, new = (old if old_count else new), (new if new_count else old)
        old_share, new_share = old_count / sides[0], new_count / sides[1]
        tasks[task] = Part((new_share - old_share) * (old + new) / 2, (old_share + new_share) / 2 * (new - old))
    return Split(_mean(before), _mean(after), tasks)


def merged(rewards: Iterable[TaskRewards]) -> TaskRewards:
    """The rewards of several stretches of a run, combined."""
    parts: dict[str, list[Returns]] = {}
    for stretch in rewards:
        for task, found in stretch.items():
            parts.setdefault(task, []).append(found)
    whole = {task: pooled(found) for task, found in parts.items()}
    return {task: found for task, found in whole.items() if found is not None}


def _mean(rewards: TaskRewards) -> float:
    found = pooled(rewards.values())
    return 0.0 if found is None else found.mean
