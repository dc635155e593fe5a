"""The whole grid: vector environments, start methods, autoreset modes and wrappers; SB3's algorithms in processes."""

import inspect
from copy import deepcopy

import grid
import learner
import pytest
import spy_ids
import test_algorithms
import torch
from stable_baselines3.common.on_policy_algorithm import OnPolicyAlgorithm
from stable_baselines3.common.vec_env import SubprocVecEnv

from envcfg import Tracker, load
from envcfg.adapters.gymnasium_env import recorded
from envcfg.adapters.sb3_callback import SB3Callback
from envcfg.testing import SpyEnv, assert_books, books


@pytest.mark.parametrize("wrappers", grid.WRAPPERS)
@pytest.mark.parametrize("mode", ["NEXT_STEP", "SAME_STEP", "DISABLED"])
@pytest.mark.parametrize("kind", grid.KINDS)
def test_a_cell_learns_the_same_and_is_recorded_reset_by_reset(kind, mode, wrappers, tmp_path):
    grid.check(kind, mode, wrappers, tmp_path)


def trained(kind, spy, folder, tracker=None):
    """The weights after a training whose environments live in processes."""
    folder.mkdir()
    makers = [Making(spy, folder / f"book-{slot}.jsonl", 5 + 2 * slot) for slot in range(2)]
    makers = makers if tracker is None else recorded(makers, tracker, attributes=SpyEnv.parameters)
    learner.seeded()
    small = test_algorithms.SMALL
    given = {name: deepcopy(small[name]) for name in inspect.signature(kind).parameters.keys() & small.keys()}
    given |= {"n_steps": 16} if issubclass(kind, OnPolicyAlgorithm) else {}
    venv = SubprocVecEnv(makers, start_method="fork")
    try:
        model = kind(next(iter(kind.policy_aliases)), venv, seed=3, device="cpu", **given)
        model.learn(48, callback=None if tracker is None else SB3Callback(tracker))
        return [value.clone() for value in model.policy.state_dict().values()]
    finally:
        venv.close()


class Making:
    """Makes a spy whose actions an algorithm supports."""

    def __init__(self, spy, book, length):
        self.spy, self.book, self.length = spy, book, length

    def __call__(self):
        return Masked(self.spy(self.book, length=self.length))


class Masked(test_algorithms.gymnasium.Wrapper):
    def action_masks(self):
        return test_algorithms.np.array([True, True])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", test_algorithms.KINDS, ids=lambda kind: kind.__name__)
def test_every_algorithm_in_processes_trains_as_without_a_recorder_and_each_reset_is_recorded(kind, tmp_path):
    spy = spy_ids.BoxSpy if kind.__name__ in ("SAC", "TD3", "DDPG", "TQC", "CrossQ") else SpyEnv
    plain = trained(kind, spy, tmp_path / "off")
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        on = trained(kind, spy, tmp_path / "on", tracker)
    assert all(torch.equal(one, other) for one, other in zip(plain, on, strict=True))
    assert books(tmp_path / "off") == books(tmp_path / "on")
    assert_books(load(tmp_path), tmp_path / "on")
