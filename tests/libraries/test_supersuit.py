"""SuperSuit's vector environment for Stable-Baselines3 is of another class, and trains as before."""

import gymnasium
import learner
import numpy as np
import pytest
import stable_baselines3 as sb3
import supersuit
import torch
from pettingzoo import ParallelEnv

from envcfg import Tracker, load
from envcfg.adapters.sb3_callback import SB3Callback

pytestmark = pytest.mark.filterwarnings("ignore")
AGENTS = ["one", "other"]


class Pair(ParallelEnv):
    metadata = {"name": "pair", "render_modes": []}  # noqa: RUF012
    render_mode = None
    possible_agents = AGENTS

    def observation_space(self, agent):
        return gymnasium.spaces.Box(0, 9, (1,), np.float32)

    def action_space(self, agent):
        return gymnasium.spaces.Discrete(2)

    def reset(self, seed=None, options=None):
        self.agents, self.steps = list(AGENTS), 0
        return self._of_each(np.zeros(1, np.float32)), self._of_each({})

    def step(self, actions):
        self.steps += 1
        is_over = self._of_each(self.steps == 5)
        rewards = {agent: float(action) for agent, action in actions.items()}
        taken = self._of_each(np.full(1, self.steps, np.float32)), rewards, self._of_each(False), is_over
        infos = self._of_each({})
        self.agents = [] if self.steps == 5 else self.agents
        return *taken, infos

    def _of_each(self, value):
        return dict.fromkeys(AGENTS, value)


def trained(callback=None):
    learner.seeded()  # its vector environment accepts no seed
    envs = supersuit.pettingzoo_env_to_vec_env_v1(Pair())
    envs = supersuit.concat_vec_envs_v1(envs, 2, num_cpus=1, base_class="stable_baselines3")
    model = sb3.PPO("MlpPolicy", envs, n_steps=8, batch_size=8, n_epochs=1, device="cpu")
    model.learn(64, callback=callback)
    return model.policy.state_dict()


def test_it_trains_as_without_the_callback_and_a_message_says_what_is_missing(tmp_path, capsys):
    plain = trained()
    with Tracker(tmp_path, run="r") as tracker:
        on = trained(SB3Callback(tracker, attributes=("steps",)))
    assert all(torch.equal(value, on[name]) for name, value in plain.items())
    history = load(tmp_path)
    assert (history.failures, history.last_epoch) == ((), 1)
    assert "envcfg: this SB3VecEnvWrapper does not show its environments" in capsys.readouterr().err
