"""Curricula with stages. The next stage begins when the outcome is good enough, or by a schedule."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from msgspec.structs import replace

from envcfg import Cause
from envcfg.demo.task import Assignment, Task


class Curriculum(Protocol):
    """Decides which task a slot gets. `assign` is called exactly once for each reset."""

    def assign(self, slot: int, step: int) -> Assignment:
        """Return the task that *slot* adopts at its reset now."""

    def finished(self, task: Task, outcome: float, step: int, epoch: int) -> None:
        """Report that an episode of *task* ended with *outcome* in [0, 1]."""

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

    def _promote(self, step: int, cause: Cause) -> None:
        self._stage, self._requested_at, self._cause = self._stage + 1, step, cause

    @property
    def _is_last(self) -> bool:
        return self._stage == len(self._tasks) - 1


class ThresholdCurriculum(Stages):
    """Begins the next stage when the mean outcome of the last *window* episodes of a stage reaches *threshold*.

    After *patience* epochs the next stage begins in any case. With a *jitter*, the promotion waits for 0 to *jitter*
    epochs, drawn uniformly by *rng*. The random wait separates the effect of the promotion from its cause.
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
        self._outcomes: deque[float] = deque(maxlen=window)
        self._since: int | None = None

    def finished(self, task: Task, outcome: float, step: int, epoch: int) -> None:
        if task is not self.task or self._is_last:
            return
        self._since = epoch if self._since is None else self._since
        self._outcomes.append(outcome)
        if self._due is None:
            self._due = self._delayed(epoch, self._reason(epoch))
        if self._due is not None and epoch >= self._due[0]:
            self._promote(step, self._due[1])
            self._outcomes.clear()
            self._since = self._due = None

    def _delayed(self, epoch: int, cause: Cause | None) -> tuple[int, Cause] | None:
        """Return the epoch of the promotion and its cause."""
        if cause is None or not self._jitter:
            return None if cause is None else (epoch, cause)
        delay = int(self._rng.integers(self._jitter + 1))
        return epoch + delay, replace(cause, delay=delay, propensity=1 / (self._jitter + 1))

    def _reason(self, epoch: int) -> Cause | None:
        mean = sum(self._outcomes) / len(self._outcomes)
        if len(self._outcomes) == self._outcomes.maxlen and mean >= self._threshold:
            return Cause("curriculum", metric="mean_outcome", value=mean, threshold=self._threshold)
        waited = epoch - (self._since or 0)
        if self._since is not None and waited >= self._patience:
            return Cause("schedule", metric="epochs_in_stage", value=waited, threshold=self._patience, note="patience")
        return None


class ScheduleCurriculum(Stages):
    """Begins the next stage at fixed epochs: stage i + 1 begins at `epochs[i]`."""

    def __init__(self, tasks: Sequence[Task], *, epochs: Sequence[int]) -> None:
        super().__init__(tasks)
        self._epochs = tuple(epochs)

    def finished(self, task: Task, outcome: float, step: int, epoch: int) -> None:  # noqa: ARG002  # as every curriculum
        if not self._is_last and self._stage < len(self._epochs) and epoch >= self._epochs[self._stage]:
            due = self._epochs[self._stage]
            self._promote(step, Cause("schedule", metric="epoch", value=epoch, threshold=due))
