"""An environment for Syllabus with its own log of adopted tasks, in a module that workers can import."""

from pathlib import Path

import gymnasium
from syllabus.core import Curriculum, GymnasiumSyncWrapper, TaskWrapper

from envcfg.adapters.syllabus_env import RecordedTaskEnv


class Levels(TaskWrapper):
    """A CartPole whose task is a level. A level is completed after five steps, within an episode."""

    def __init__(self, env, book):
        super().__init__(env)
        self.book, self.steps = Path(book), 0

    def reset(self, *, new_task=None, **options):
        """Keep the task unless there is a new one."""
        if new_task is not None:
            self.change_task(new_task)
        return self.env.reset(**options)

    def change_task(self, new_task):
        self.task, self.steps = new_task, 0
        self.env.unwrapped.gravity = 5.0 + 3.0 * new_task
        with self.book.open("a") as book:
            book.write(f"{new_task}\n")

    def _task_completion(self, obs, rew, term, trunc, info):
        self.steps += 1
        return float(self.steps >= 5)


class Known(Curriculum):
    """Gives tasks in a known order."""

    def __init__(self, space, order):
        super().__init__(space)
        self.order = list(order)

    def sample(self, k=1):
        return [self.order.pop(0) for _ in range(k)]


class Maker:
    """Creates an environment. It is recorded if there is a tracker."""

    def __init__(self, folder, slot, tracker, curriculum, **declared):
        self.book = Path(folder) / f"book-{slot}.txt"
        self.slot, self.tracker, self.declared = slot, tracker, declared
        self.task_space, self.components = curriculum.curriculum.task_space, curriculum.components

    def __call__(self):
        env = Levels(gymnasium.make("CartPole-v1"), self.book)
        env = GymnasiumSyncWrapper(env, self.task_space, self.components, change_task_on_completion=True)
        if self.tracker is None:
            return env
        return RecordedTaskEnv(env, self.tracker, slot=self.slot, spec=False, **self.declared)


def truth(folder, slot):
    """The tasks that a slot adopted, in order, from its own log."""
    return [int(line) for line in (Path(folder) / f"book-{slot}.txt").read_text().split()]
