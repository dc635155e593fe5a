"""The whole learner, on a lever with a reward."""

import dataclasses

import pytest
import torch
from demo.lever import Lever

from envcfg.demo.curricula import ScheduleCurriculum
from envcfg.demo.ppo import PPO, Policy, Settings
from envcfg.demo.slots import Slots
from envcfg.demo.task import Task
from envcfg.tracking.ambient import NullTracker

SETTINGS = Settings(
    rollout=32, passes=4, minibatches=2, learning_rate=1e-2, gamma=0.9, gae_lambda=0.9, clip=0.2, entropy=0.0, hidden=8
)


class Learner:
    def __init__(self, seed=0, **changed):
        torch.set_num_threads(1)
        torch.manual_seed(seed)
        self.policy = Policy(Lever.observation_size, Lever.actions, SETTINGS.hidden)
        curriculum = ScheduleCurriculum([Task("pull", {"length": 4})], epochs=[])
        slots = Slots([Lever(), Lever()], curriculum, NullTracker(), seed=seed)
        settings = dataclasses.replace(SETTINGS, **changed)
        self.ppo = PPO(slots, self.policy, settings, torch.Generator().manual_seed(seed))

    @property
    def pulling(self):
        """The probability that the lever is pulled."""
        with torch.no_grad():
            return self.policy(torch.ones(1, 1))[0].exp()[0, 1].item()


def test_a_lever_that_pays_is_pulled_in_the_end():
    learner = Learner()
    assert learner.pulling == pytest.approx(0.5, abs=0.05)
    for _ in range(30):
        learner.ppo.epoch()
    assert learner.pulling > 0.9


def test_one_update_moves_the_policy_hardly_further_than_its_clip():
    free, clipped = Learner(passes=50, clip=10.0), Learner(passes=50, clip=0.1)
    start = clipped.pulling
    free.ppo.epoch()
    clipped.ppo.epoch()
    assert clipped.pulling / start < 1.25 < free.pulling / start


def test_what_is_learned_depends_on_the_seed_and_on_nobody_elses_draws():
    def learned(seed, disturbances=0):
        learner = Learner(seed)
        for _ in range(3):
            torch.rand(disturbances)
            learner.ppo.epoch()
        return [parameter.tolist() for parameter in learner.policy.parameters()]

    assert learned(1) == learned(1, disturbances=5) != learned(2)
