"""The adapters record parameters that an environment draws at its resets as distributions, without being asked."""

import numpy as np
import pytest
import torch
from gymnasium.envs.classic_control import CartPoleEnv
from gymnasium.wrappers import TimeLimit
from stable_baselines3 import PPO
from stable_baselines3.common.env_util import make_vec_env

from envcfg import Tracker, load
from envcfg.adapters import RecordedVectorEnv, SB3Callback, recorded_tensors
from envcfg.core.distribution import pooled

BOOK: list[float] = []


class RandomCartPole(CartPoleEnv):
    """Gymnasium's cart-pole with a length that is drawn anew at each reset."""

    def reset(self, **given):
        found = super().reset(**given)
        self.length = float(self.np_random.uniform(0.4, 0.6))
        BOOK.append(self.length)
        return found


@pytest.fixture(autouse=True)
def empty_book():
    BOOK.clear()


def agrees(folder, name="length"):
    """Whether the recorded summary is that of the book."""
    found = pooled(entry.drawn[f"/{name}"] for entry in load(folder).drawn)
    every = np.array(BOOK)
    assert (found.count, found.low, found.high) == (len(every), every.min(), every.max())
    assert found.mean == pytest.approx(every.mean())
    assert found.sd == pytest.approx(every.std())
    for probability in (0.1, 0.5, 0.9):
        assert abs((every <= found.quantile(probability)).mean() - probability) <= found.resolution + 2 / len(every)
    return True


def test_a_gymnasium_vector_environment(journal):
    with Tracker(journal, strict=True) as tracker:
        envs = RecordedVectorEnv.make([RandomCartPole] * 16, tracker, attributes=["length", "gravity"])
        envs.reset(seed=0)
        for step in range(1_000):
            envs.step(envs.action_space.sample())
            if step % 100 == 99:
                tracker.end_epoch()
        envs.close()
    history = load(journal)
    assert agrees(journal)
    assert history.at("last") == {"length": {"draw": "unstated"}, "gravity": 9.8}
    assert len(history.adoptions) < len(BOOK)


def trained(journal, **declared):
    """A training of Stable-Baselines3 with hundreds of short episodes."""
    with Tracker(journal, strict=True) as tracker:
        short = {"max_episode_steps": 3}
        env = make_vec_env(RandomCartPole, n_envs=8, seed=0, wrapper_class=TimeLimit, wrapper_kwargs=short)
        model = PPO("MlpPolicy", env, n_steps=128, n_epochs=1, seed=0, device="cpu")
        model.learn(2 * 8 * 128, callback=SB3Callback(tracker, attributes=["length"], **declared))
    assert len(BOOK) > 600


def test_a_training_of_stable_baselines3(journal, capsys):
    trained(journal)
    assert agrees(journal)
    assert capsys.readouterr().err.count("length is drawn anew at each reset") == 1


def test_with_draws_false_an_adapter_records_each_value(journal, capsys):
    trained(journal, draws=False)
    history = load(journal)
    assert not history.drawn
    assert {history.configs[kind.config]["length"] for kind in history.adoptions.columns.adopted.values} == {*BOOK}
    assert "drawn anew" not in capsys.readouterr().err


class Tensors:
    """An environment as in rsl-rl: its parameters are rows of tensors, drawn in the step that ends an episode."""

    num_envs = 512

    def __init__(self):
        self.generator = torch.Generator().manual_seed(0)
        self.friction = torch.empty(self.num_envs)
        self._draw(torch.ones(self.num_envs, dtype=torch.bool))

    def _draw(self, over):
        drawn = torch.rand(int(over.sum()), generator=self.generator) + 0.5
        self.friction[over] = drawn
        BOOK.extend(np.array([np.float32(str(value)) for value in drawn.numpy()], float).tolist())

    def step(self, _actions):
        over = torch.rand(self.num_envs, generator=self.generator) < 0.05
        self._draw(over)
        return None, None, over, {}


def test_an_environment_of_tensors(journal):
    with Tracker(journal, strict=True) as tracker:
        env = recorded_tensors(Tensors(), tracker, attributes=["friction"], iteration=8)
        for _ in range(40):
            env.step(None)
    found = pooled(entry.drawn["/friction"] for entry in load(journal).drawn)
    ends = [np.float32(end) for end in (found.low, found.high)]
    assert (found.count, ends) == (len(BOOK), [np.float32(min(BOOK)), np.float32(max(BOOK))])
    assert found.mean == pytest.approx(np.mean(BOOK), rel=1e-6)
    assert [entry.epoch for entry in load(journal).drawn] == [0, 1, 2, 3, 4]


def test_evaluation_environments_are_in_no_distribution_of_the_training(journal):
    rng = np.random.default_rng(0)
    with Tracker(journal, strict=True) as tracker:
        tracker.record_draws({"length": rng.uniform(size=100)}, step=0)
        slot = tracker.begin_slot(role="eval")
        for step in range(5):
            tracker.record({"length": 7.0 + step}, step=step, slot=slot)
    assert load(journal).draws("length").pooled.high < 1
