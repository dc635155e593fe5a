"""A curriculum that prefers the tasks on which the agent is improving or forgetting fastest."""

from collections.abc import Mapping, Sequence

import numpy as np

from envcfg import Cause
from envcfg.demo.curricula import DecisionCounter
from envcfg.demo.task import Assignment, Task


class LearningProgressCurriculum:
    """Draws a task for each reset, with probability proportional to |fast average - slow average| + floor.

    The averages are those of the outcomes of a task. *fast* and *slow* are their rates in (0, 1]. Learning progress as
    a drive is from Oudeyer, Kaplan and Hafner (2007, doi 10.1109/TEVC.2006.890271). The two averages are from
    Kanitscheider et al. (2021, arXiv 2106.14876).
    """

    def __init__(
        self, tasks: Sequence[Task], *, fast: float, slow: float, floor: float, rng: np.random.Generator
    ) -> None:
        self._tasks = tuple(tasks)
        self._rates = np.array([[fast], [slow]])
        self._floor = floor
        self._rng = rng
        self._averages = np.zeros((2, len(tasks)))
        self._counter = DecisionCounter()

    def assign(self, slot: int, step: int) -> Assignment:
        shares = self._shares()
        drawn = int(self._rng.choice(len(self._tasks), p=shares))
        cause = Cause("curriculum", metric="task_prob", value=float(shares[drawn]))
        return self._counter.count(slot, step, Assignment(self._tasks[drawn], cause))

    def finished(self, task: Task, outcome: float) -> None:
        index = self._tasks.index(task)
        self._averages[:, index] += self._rates[:, 0] * (outcome - self._averages[:, index])

    def decide(self, step: int, epoch: int) -> None:
        """Decide nothing for all slots, because each reset draws its own task."""

    @property
    def probabilities(self) -> Mapping[str, float]:
        return {task.name: float(share) for task, share in zip(self._tasks, self._shares(), strict=True)}

    @property
    def changes(self) -> int:
        return self._counter.changes

    def _shares(self) -> np.ndarray:
        weights = np.abs(self._averages[0] - self._averages[1]) + self._floor
        shares: np.ndarray = weights / weights.sum()
        return shares
