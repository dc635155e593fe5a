"""Every algorithm of Stable-Baselines3 and sb3-contrib trains bit for bit the same with and without the callback."""

import gc
import inspect
from copy import deepcopy

import gymnasium
import learner
import numpy as np
import pytest
import torch

sb3 = pytest.importorskip("stable_baselines3", reason="the extra sb3")
contrib = pytest.importorskip("sb3_contrib", reason="sb3-contrib")

from stable_baselines3.common.base_class import BaseAlgorithm  # noqa: E402
from stable_baselines3.common.monitor import Monitor  # noqa: E402
from stable_baselines3.common.off_policy_algorithm import OffPolicyAlgorithm  # noqa: E402
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm  # noqa: E402
from stable_baselines3.common.vec_env import DummyVecEnv  # noqa: E402

from envcfg import Tracker, load  # noqa: E402
from envcfg.adapters.sb3_callback import SB3Callback  # noqa: E402

KINDS = [
    kind
    for package in (sb3, contrib)
    for name in package.__all__
    if isinstance(kind := getattr(package, name), type) and issubclass(kind, BaseAlgorithm)
]
WITH_GOALS = [
    kind for kind in KINDS if issubclass(kind, OffPolicyAlgorithm) and "MultiInputPolicy" in kind.policy_aliases
]
SMALL = {
    "policy_kwargs": {"net_arch": [8]},
    "batch_size": 8,
    "learning_starts": 16,
    "n_delta": 2,
    "n_epochs": 1,
    "buffer_size": 100,  # a buffer with hindsight makes an object for each of its places
}
STEPS = 48
EPISODE = 5


@pytest.fixture(autouse=True, scope="module")
def _one_thread():
    """Use one thread, since several threads make such small networks slower."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


class Drifting(gymnasium.Env):
    """An environment whose target moves at each reset. It accepts every kind of action, and keeps its own log."""

    observation_space = gymnasium.spaces.Box(-9, 9, (3,), np.float32)

    def __init__(self, slot, slots, *, is_discrete, has_goal):
        discrete, box = gymnasium.spaces.Discrete(2), gymnasium.spaces.Box(-1, 1, (1,), np.float32)
        self.action_space = discrete if is_discrete else box
        if has_goal:
            names = ("observation", "achieved_goal", "desired_goal")
            self.observation_space = gymnasium.spaces.Dict(dict.fromkeys(names, Drifting.observation_space))
        self.has_goal = has_goal
        self.target = slot / 2
        self.slots = slots
        self.steps = 0
        self.book = []
        self.rewards = []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.target += 0.25
        self.book.append((self.steps * self.slots, self.target))
        self.rewards.append([])
        self.at = self.np_random.uniform(-1, 1)
        return self._seen(), {}

    def step(self, action):
        self.steps += 1
        self.at += float(np.asarray(action).sum()) / 4
        reward = -abs(self.target - self.at)
        self.rewards[-1].append(reward)
        return self._seen(), reward, False, len(self.rewards[-1]) == EPISODE, {}

    def compute_reward(self, achieved, desired, infos):
        return -np.abs(np.asarray(achieved) - np.asarray(desired)).sum(-1)

    def action_masks(self):
        return np.array([True, self.at < 2])

    def _seen(self):
        one = np.array([self.at, self.target, len(self.rewards[-1])], np.float32)
        return dict.fromkeys(self.observation_space, one) if self.has_goal else one


def made(kind, slots, *, has_goal=False, around=lambda venv: venv):
    """An algorithm of *kind*, and its environments with actions that it supports."""
    given = {name: deepcopy(SMALL[name]) for name in inspect.signature(kind).parameters.keys() & SMALL.keys()}
    if issubclass(kind, OnPolicyAlgorithm):
        given["n_steps"] = 16
    if has_goal:
        given["replay_buffer_class"] = sb3.HerReplayBuffer
    policy = "MultiInputPolicy" if has_goal else next(iter(kind.policy_aliases))
    for is_discrete in (True, False):
        envs = [Drifting(slot, slots, is_discrete=is_discrete, has_goal=has_goal) for slot in range(slots)]
        venv = around(DummyVecEnv([lambda env=env: Monitor(env) for env in envs]))
        try:
            return kind(policy, venv, seed=learner.SEED, device="cpu", **given), envs
        except AssertionError:  # it supports only the other kind
            if not is_discrete:
                raise
    return None


def trained(kind, slots, callback=None, **options):
    """The result of a training: weights, rewards, random generators, and the environments' own logs."""
    learner.seeded()
    model, envs = made(kind, slots, **options)
    model.learn(STEPS, callback=callback)
    weights = {name: value.clone() for name, value in model.policy.state_dict().items()}
    return weights, [env.rewards for env in envs], learner.streams(), [env.book for env in envs]


def recorded(history):
    """The step and target of each adoption, by slot."""
    found = {}
    for adoption in history.adoptions:
        target = history.config(adoption.record.config)["target"]
        found.setdefault(adoption.place.slot, []).append((adoption.record.step, target))
    return [found[slot] for slot in sorted(found)]


def alike(kind, slots, tmp_path, capsys, **options):
    """Train without and with the callback, and compare everything; returns the history and the logs."""
    gc.collect()
    Tracker(tmp_path / "before").close()  # closes the trackers that other tests left open, and discards their messages
    capsys.readouterr()
    weights, *plain = trained(kind, slots, **options)
    with Tracker(tmp_path / "envcfg", run="r") as tracker:
        same, *on = trained(kind, slots, SB3Callback(tracker, attributes=("target",), spec=False), **options)
    assert weights.keys() == same.keys()
    assert all(torch.equal(value, same[name]) for name, value in weights.items())
    assert on == plain
    history = load(tmp_path)
    assert (history.status, history.failures, history.losses) == ("completed", (), ())
    assert "envcfg" not in capsys.readouterr().err
    return history, on[-1]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not contrib.ARS], ids=lambda kind: kind.__name__)
def test_every_algorithm_trains_as_without_the_callback_and_each_reset_is_recorded_at_its_step(kind, tmp_path, capsys):
    history, books = alike(kind, 2, tmp_path, capsys)
    assert recorded(history) == books
    assert min(map(len, books)) > STEPS / 2 / EPISODE - 1


@pytest.mark.parametrize("kind", WITH_GOALS, ids=lambda kind: kind.__name__)
def test_an_algorithm_with_hindsight_trains_as_without_the_callback(kind, tmp_path, capsys):
    history, books = alike(kind, 2, tmp_path, capsys, has_goal=True)
    assert recorded(history) == books


@pytest.mark.parametrize("slots", [1, 3])
def test_resets_in_ars_are_recorded_although_it_reports_no_dones(slots, tmp_path, capsys):
    history, books = alike(contrib.ARS, slots, tmp_path, capsys)
    found = recorded(history)
    if slots == 1:
        assert found == books
    else:  # its count of steps is an estimate
        assert [[target for _, target in each] for each in found] == [[target for _, target in book] for book in books]


def test_the_list_of_algorithms_is_complete():
    assert {"PPO", "A2C", "DQN", "SAC", "TD3", "DDPG", "ARS", "TQC", "TRPO", "QRDQN", "CrossQ"} <= {
        kind.__name__ for kind in KINDS
    }
    assert {"MaskablePPO", "RecurrentPPO"} <= {kind.__name__ for kind in KINDS}
    assert len(WITH_GOALS) >= 6
