"""An environment of Syllabus that keeps its own book of the tasks it takes up; workers import it anew."""

from pathlib import Path

import gymnasium
from syllabus.core import GymnasiumSyncWrapper, TaskWrapper

from envcfg.adapters.syllabus_env import RecordedTaskEnv


class Levels(TaskWrapper):
    """A CartPole with a level for a task; each level is completed after five steps, in mid-episode."""

    def __init__(self, env, book):
        super().__init__(env)
        self.book, self.steps = Path(book), 0

    def change_task(self, new_task):
        self.task, self.steps = new_task, 0
        with self.book.open("a") as book:
            book.write(f"{new_task}\n")

    def _task_completion(self, obs, rew, term, trunc, info):
        self.steps += 1
        return float(self.steps >= 5)


class Maker:
    def __init__(self, folder, slot, tracker, task_space, components):
        self.book = Path(folder) / f"book-{slot}.txt"
        self.slot, self.tracker, self.task_space, self.components = slot, tracker, task_space, components

    def __call__(self):
        env = Levels(gymnasium.make("CartPole-v1"), self.book)
        env = GymnasiumSyncWrapper(env, self.task_space, self.components, change_task_on_completion=True)
        return RecordedTaskEnv(
            env, self.tracker, slot=self.slot, spec=False, task=lambda config: f"level/{config['task']}"
        )
