"""CartPole with physics that depend on the task. The demo uses it on platforms without a mettagrid wheel."""

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.classic_control.cartpole import CartPoleEnv

from envcfg.demo.task import Actions, Floats, Task


class CartPoleWorld:
    """One pole on one cart. A task sets the gravity, the pole's length, the force and the length of an episode."""

    agents = 1
    observation_size = 4
    actions = 2

    def __init__(self) -> None:
        self._env = gymnasium.make("CartPole-v1", max_episode_steps=-1)
        self._max_steps = 1
        self._reward = 1.0
        self._steps = 0

    def configure(self, task: Task) -> dict[str, Any]:
        params = task.params
        return {
            "id": "CartPole-v1",
            "max_steps": params["max_steps"],
            "num_agents": 1,
            "physics": {"gravity": params["gravity"], "length": params["length"], "force_mag": params["force"]},
            "rewards": {"upright": params["reward"]},
        }

    def restore(self, config: Mapping[str, Any]) -> dict[str, Any]:
        return dict(config)

    def reset(self, config: dict[str, Any], seed: int) -> Floats:
        pole = self.pole
        pole.gravity, pole.length = config["physics"]["gravity"], config["physics"]["length"]
        pole.force_mag = config["physics"]["force_mag"]
        pole.polemass_length = pole.masspole * pole.length  # otherwise only the constructor computes it
        self._max_steps, self._reward, self._steps = config["max_steps"], config["rewards"]["upright"], 0
        observation, _ = self._env.reset(seed=seed)
        return np.asarray(observation, dtype=np.float32)[None]

    def step(self, actions: Actions) -> tuple[Floats, Floats, bool]:
        observation, _, has_fallen, _, _ = self._env.step(int(actions[0]))
        self._steps += 1
        rewards = np.array([self._reward / self._max_steps], dtype=np.float32)
        return np.asarray(observation, dtype=np.float32)[None], rewards, bool(has_fallen) or self.outcome >= 1.0

    @property
    def outcome(self) -> float:
        return self._steps / self._max_steps

    @property
    def pole(self) -> CartPoleEnv:
        """The environment below the wrappers. An attribute of a wrapper would have no effect."""
        pole = self._env.unwrapped
        if not isinstance(pole, CartPoleEnv):
            raise TypeError(f"expected gymnasium's CartPole, got {type(pole).__name__}")
        return pole
