"""Splits a change of the mean reward into two parts: a different mix of tasks, and different skill in each task."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Final, NamedTuple, TypeAlias

from envcfg.core.record import Returns
from envcfg.core.returns import pooled

TaskRewards: TypeAlias = Mapping[str, Returns]
"""For each task, the number of finished episodes and their mean return."""

WINDOW: Final = 8
"""The epochs of the base, and the most epochs that are compared with it."""
_NONE: Final = Returns(0, 0.0)
_ALL: Final = ""
"""The name of all tasks together. A task without a name has the variance of all tasks."""


class Part(NamedTuple):
    """The contribution of one task."""

    mix: float
    skill: float


class Split(NamedTuple):
    """The change of the mean reward over all episodes: `after - before` is `mix + skill`."""

    before: float
    after: float
    tasks: Mapping[str, Part]
    is_identified: bool = True
    """Whether a task was played on both sides. Otherwise mix and skill cannot be separated."""
    mix_se: float | None = None
    """The standard error of `mix`; None if a side has one epoch only. The shares of the tasks count as given."""
    skill_se: float | None = None

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
    is_identified = False
    for task in dict.fromkeys([*before, *after]):
        (old_count, old, *_), (new_count, new, *_) = before.get(task, _NONE), after.get(task, _NONE)
        is_identified = is_identified or bool(old_count and new_count)
        old, new = (old if old_count else new), (new if new_count else old)
        old_share, new_share = old_count / sides[0], new_count / sides[1]
        tasks[task] = Part((new_share - old_share) * (old + new) / 2, (old_share + new_share) / 2 * (new - old))
    return Split(_mean(before), _mean(after), tasks, is_identified)


def split_epochs(before: Sequence[TaskRewards], after: Sequence[TaskRewards]) -> Split | None:
    """The split of two stretches of epochs, with standard errors.

    The shares of the tasks count as given.
    """
    one, other = merged(before), merged(after)
    found = split(one, other)
    variances = {} if found is None else _variances(before, after)
    if found is None or not variances:
        return found
    sizes = [sum(returns.episodes for returns in side.values()) for side in (one, other)]
    mix = skill = 0.0
    for task in found.tasks:
        counts = [side.get(task, _NONE).episodes for side in (one, other)]
        shares = [count / size for count, size in zip(counts, sizes, strict=True)]
        moved = (shares[1] - shares[0]) ** 2
        apart = variances.get(task, variances[_ALL]) * sum(1 / count for count in counts if count)
        mix += moved * apart / (4 if all(counts) else 1)
        skill += (sum(shares) / 2) ** 2 * apart if all(counts) else 0.0
    return found._replace(mix_se=sqrt(mix), skill_se=sqrt(skill))


def _variances(*sides: Sequence[TaskRewards]) -> Mapping[str, float]:
    """The variance of the return of an episode within each task, and over all tasks (`_ALL`). Empty if none is known.

    It comes from the squares of the episodes, or if these are not known, from how much the means of epochs scatter.
    """
    squares: dict[str, float] = {}
    freedom: dict[str, int] = {}
    for side in sides:
        for task, whole in merged(side).items():
            parts = [part for epoch in side if (part := epoch.get(task)) is not None and part.episodes]
            known = whole.squares is not None
            scatter = sum(part.episodes * (part.mean - whole.mean) ** 2 for part in parts)
            squares[task] = squares.get(task, 0.0) + (scatter if whole.squares is None else whole.squares)
            freedom[task] = freedom.get(task, 0) + (whole.episodes if known else len(parts)) - 1
    found = {task: squares[task] / freedom[task] for task in squares if freedom[task] > 1}
    total = sum(freedom.values())
    return {**found, _ALL: sum(squares.values()) / total} if total > 0 else {}


class SplitSince:
    """The split of each epoch with rewards against a fixed base: the first `WINDOW` epochs.

    Splits from epoch to epoch do not add up to the split of the whole: their sum drifts by chance. So the last `WINDOW`
    epochs are compared with the base, whose tasks and rewards never change.
    """

    def __init__(self) -> None:
        self._base: list[TaskRewards] = []
        self._last: deque[TaskRewards] = deque(maxlen=WINDOW)

    def add(self, rewards: TaskRewards) -> Split | None:
        """The split of the epochs up to this one; None during the base."""
        if not any(returns.episodes for returns in rewards.values()):
            return None
        if len(self._base) < WINDOW:
            self._base.append(rewards)
            return None
        self._last.append(rewards)
        return split_epochs(self._base, self._last)


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
