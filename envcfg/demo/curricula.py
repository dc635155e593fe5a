"""Curricula with stages. The next stage begins when the outcome is good enough, or by a schedule."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import numpy as np
from msgspec.structs import replace

from envcfg import Cause
from envcfg.demo.task import Assignment, Task

RETURNS: Final = "returns"
"""The metric of envcfg for the rewards that `tracker.end_epoch` gets: here the outcomes of the epoch's episodes."""


class Curriculum(Protocol):
    """Decides which task a slot gets. `assign` is called exactly once for each reset."""

    def assign(self, slot: int, step: int) -> Assignment:
        """Return the task that *slot* adopts at its reset now."""

    def finished(self, task: Task, outcome: float) -> None:
        """Report that an episode of *task* ended with *outcome* in [0, 1]."""

    def decide(self, step: int, epoch: int) -> Assignment | None:
        """Decide at the start of *epoch*. Return what all slots get at their next resets; None for no new decision."""

    @property
    def probabilities(self) -> Mapping[str, float]:
        """The probabilities of the tasks in the next draw."""

    @property
    def changes(self) -> int:
        """The number of decisions that gave at least one slot another task. The first assignment is not counted."""


class DecisionCounter:
    """Counts the decisions of a curriculum, to compare with the recorder.

    A decision for several slots counts once. It is identified by the step of its request, or else of its adoption. The
    first task of a slot is not counted.
    """

    def __init__(self) -> None:
        self._held: dict[int, str] = {}
        self._decisions: set[tuple[str, int]] = set()

    def count(self, slot: int, step: int, assignment: Assignment) -> Assignment:
        task, moment = assignment.task.name, assignment.requested_at
        if slot in self._held and self._held[slot] != task:
            self._decisions.add((task, step if moment is None else moment))
        self._held[slot] = task
        return assignment

    @property
    def changes(self) -> int:
        return len(self._decisions)


class Stages:
    """Gives one task after the other. A subclass decides when the next one begins."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks = tuple(tasks)
        self._stage = 0
        self._requested_at = 0
        self._cause = Cause("initial")
        self._counter = DecisionCounter()

    @property
    def task(self) -> Task:
        return self._tasks[self._stage]

    def assign(self, slot: int, step: int) -> Assignment:
        return self._counter.count(slot, step, Assignment(self.task, self._cause, self._requested_at))

    @property
    def probabilities(self) -> Mapping[str, float]:
        return {task.name: float(task is self.task) for task in self._tasks}

    @property
    def changes(self) -> int:
        return self._counter.changes

    def _promote(self, step: int, cause: Cause) -> Assignment:
        self._stage, self._requested_at, self._cause = self._stage + 1, step, cause
        return Assignment(self.task, cause, step)

    @property
    def _is_last(self) -> bool:
        return self._stage == len(self._tasks) - 1


class ThresholdCurriculum(Stages):
    """Begins the next stage when the mean outcome of the last *window* epochs of a stage reaches *threshold*.

    The recorded cause names the metric of this mean, so that envcfg can simulate the rule. An epoch in which an episode
    of an earlier stage ended does not count. After *patience* epochs the next stage begins in any
    case. With a *jitter*, the promotion waits for 0 to *jitter* epochs, drawn uniformly by *rng*. The random wait
    separates the effect of the promotion from its cause.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        threshold: float,
        window: int,
        patience: int,
        jitter: int = 0,
        rng: np.random.Generator | None = None,
    ) -> None:
        super().__init__(tasks)
        self._jitter = jitter
        self._rng = rng or np.random.default_rng(0)
        self._due: tuple[int, Cause] | None = None
        self._threshold = threshold
        self._patience = patience
        self._episodes: list[tuple[Task, float]] = []
        self._means: deque[float] = deque(maxlen=window)
        self._since = 0

    def finished(self, task: Task, outcome: float) -> None:
        self._episodes.append((task, outcome))

    def decide(self, step: int, epoch: int) -> Assignment | None:
        self._count_epoch()
        if self._is_last:
            return None
        if self._due is None:
            self._due = self._delayed(epoch, self._reason(epoch))
        if self._due is None or epoch < self._due[0]:
            return None
        cause = self._due[1]
        self._means.clear()
        self._since, self._due = epoch, None
        return self._promote(step, cause)

    def _count_epoch(self) -> None:
        """Add the mean outcome of the last epoch, if all of its episodes were of the current stage."""
        ended, self._episodes = self._episodes, []
        if ended and all(task is self.task for task, _ in ended):
            self._means.append(sum(outcome for _, outcome in ended) / len(ended))

    def _delayed(self, epoch: int, cause: Cause | None) -> tuple[int, Cause] | None:
        """Return the epoch of the promotion and its cause."""
        if cause is None or not self._jitter:
            return None if cause is None else (epoch, cause)
        delay = int(self._rng.integers(self._jitter + 1))
        return epoch + delay, replace(cause, delay=delay, propensity=1 / (self._jitter + 1))

    def _reason(self, epoch: int) -> Cause | None:
        if len(self._means) == self._means.maxlen:
            mean = sum(self._means) / len(self._means)
            if mean >= self._threshold:
                return Cause("curriculum", metric=RETURNS, value=mean, threshold=self._threshold)
        waited = epoch - self._since
        if waited >= self._patience:
            return Cause("schedule", metric="epochs_in_stage", value=waited, threshold=self._patience, note="patience")
        return None


class ScheduleCurriculum(Stages):
    """Begins the next stage at fixed epochs: stage i + 1 begins at `epochs[i]`."""

    def __init__(self, tasks: Sequence[Task], *, epochs: Sequence[int]) -> None:
        super().__init__(tasks)
        self._epochs = tuple(epochs)

    def finished(self, task: Task, outcome: float) -> None:
        """Ignore the outcome, because the epochs are fixed."""

    def decide(self, step: int, epoch: int) -> Assignment | None:
        if self._is_last or self._stage >= len(self._epochs) or epoch < self._epochs[self._stage]:
            return None
        due = self._epochs[self._stage]
        return self._promote(step, Cause("schedule", metric="epoch", value=epoch, threshold=due))
