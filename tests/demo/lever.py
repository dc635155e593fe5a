"""A world for tests: one agent, one lever, and a reward for pulling it. The task sets the length of an episode."""

import numpy as np

from envcfg.demo.task import Task


class Lever:
    agents = 1
    observation_size = 1
    actions = 2

    def __init__(self):
        self.adopted = []
        self.pulled = 0
        self.steps = 0

    def configure(self, task: Task):
        return {"name": task.name, **task.params}

    def restore(self, config):
        return dict(config)

    def reset(self, config, seed):
        self.adopted.append(config)
        self.pulled = self.steps = 0
        return np.ones((1, 1), dtype=np.float32)

    def step(self, actions):
        pulled = int(actions[0])
        self.pulled += pulled
        self.steps += 1
        reward = np.array([pulled], dtype=np.float32)
        return np.ones((1, 1), dtype=np.float32), reward, self.steps == self.adopted[-1]["length"]

    @property
    def outcome(self):
        return self.pulled / self.adopted[-1]["length"]
