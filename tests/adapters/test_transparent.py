"""A wrapper behaves like the environment inside it."""

import copy
import pickle

import gymnasium
import numpy as np
import pytest
import spied
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv, VectorEnv

from envcfg import Tracker, load, replay
from envcfg.adapters.gymnasium_env import DIGEST, RecordedEnv
from envcfg.adapters.gymnasium_replay import ReplayedEnv
from envcfg.adapters.gymnasium_vector import RecordedVectorEnv
from envcfg.core.errors import ConfigError

SLOTS = 3


class Rude(gymnasium.Env):
    """An environment with unusual arguments, results and errors."""

    observation_space = action_space = gymnasium.spaces.Discrete(2)
    level = 0

    def reset(self, **kwargs):
        self.given = kwargs
        if kwargs.get("fail"):
            raise KeyError("mine")
        return 0, {"seen": True}

    def step(self, action):
        raise ZeroDivisionError(f"mine {action}")

    def climb(self, by):
        self.level += by
        return self.level


@pytest.fixture
def wrapped(tmp_path):
    """An environment in each of our wrappers."""

    def around(env):
        with Tracker(tmp_path / "first", run="r") as tracker:
            RecordedEnv(Rude(), tracker, spec=False).reset()
        sequence = replay(tmp_path / "first", by="episode")
        return RecordedEnv(env, Tracker(tmp_path / "on", strict=True)), ReplayedEnv(env, sequence, spec=False)

    return around


def test_attributes_of_the_environment_can_be_read_and_set(wrapped):
    for env in wrapped(inner := Rude()):
        assert (env.level, env.climb(2), inner.level) == (0, 2, 2)
        env.level = 0
        assert (inner.level, "level" in vars(env)) == (0, False)
        assert not hasattr(env, "no_such")
        assert env.has_wrapper_attr("level")
        env.set_wrapper_attr("level", 7)
        assert (inner.level, env.get_wrapper_attr("level")) == (7, 7)
        inner.level = 0
        assert env.get_wrapper_attr("reset") == env.reset


def test_arguments_and_errors_pass_through_unchanged(wrapped):
    for env in wrapped(inner := Rude()):
        env.reset()
        assert inner.given == {}
        env.reset(seed=3, new_task="hill")
        assert inner.given == {"seed": 3, "new_task": "hill"}
        with pytest.raises(KeyError, match="mine"):
            env.reset(fail=True)
        with pytest.raises(ZeroDivisionError, match="mine 4"):
            env.step(4)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_is_a_wrapper_too(copied, tmp_path):
    with Tracker(tmp_path, run="r") as tracker:
        env = copied(RecordedEnv(spied.Maker(tmp_path, 0)(), tracker, attributes=("gravity",)))
        assert DIGEST in env.reset()[1]
        assert env.unwrapped.gravity == 9.8
        envs = copied(RecordedVectorEnv(CartPoleVectorEnv(2), tracker))
        envs.reset(seed=1)
        assert envs.gravity == 9.8


def test_our_failure_is_counted_and_not_raised(tmp_path, capsys):
    class Broken(RecordedEnv):
        def config(self, options):
            raise LookupError("ours")

    with Tracker(tmp_path, run="r") as tracker:
        env = Broken(Rude(), tracker)
        assert [env.reset() for _ in range(2)] == [(0, {"seen": True})] * 2
    (failure,) = {failure.count: failure for failure in load(tmp_path).failures if failure.count == 2}.values()
    assert (failure.where, failure.message) == ("RecordedEnv", "LookupError: ours")
    assert capsys.readouterr().err.count("LookupError: ours") == 1
    assert Broken(Rude()).reset() == (0, {"seen": True})


def test_with_strict_our_failure_is_raised_and_counted_once(tmp_path):
    tracker = Tracker(tmp_path, run="r", strict=True)
    with pytest.raises(ConfigError, match="cannot record a function"):
        RecordedEnv(Rude(), tracker, config=lambda env: {"fn": env.climb}).reset()
    assert [(failure.where, failure.count) for failure in tracker._out.guard.causes.values()] == [("record", 1)]


def steps_in_two(envs, actions):
    envs.step_async(actions)
    return envs.step_wait()


def reset_in_two(envs, **given):
    envs.reset_async(**given)
    return envs.reset_wait()


def play(
    envs, *, steps=40, step=lambda envs, actions: envs.step(actions), reset=lambda envs, **given: envs.reset(**given)
):
    draws = np.random.default_rng(0)
    reset(envs, seed=7)
    for number in range(steps):
        if number == 20:
            envs.set_attr("gravity", 5.0)
            reset(envs, seed=8, options={"level": 9})
        step(envs, draws.integers(2, size=SLOTS))


@pytest.mark.parametrize("mode", [mode for mode in spied.MODES if mode != "DISABLED"])
def test_step_async_and_step_wait_count_as_one_step(mode, tmp_path):
    def adopted(name, **by):
        (tmp_path / name).mkdir()
        with Tracker(tmp_path / name / "envcfg", run="r") as tracker:
            makers = spied.makers(tmp_path / name, SLOTS)
            using = spied.vectorised(AsyncVectorEnv, mode)
            envs = RecordedVectorEnv.make(makers, tracker, using=using, attributes=("gravity",))
            play(envs, **by)
            envs.close()
        history = load(tmp_path / name)
        adoptions = sorted((a.place.slot, a.record.step, a.record.config) for a in history.adoptions)
        return adoptions, history.adopted, envs._steps

    assert adopted("halves", step=steps_in_two, reset=reset_in_two) == adopted("whole")


@pytest.mark.parametrize("kind", [SyncVectorEnv, AsyncVectorEnv])
def test_a_wrapped_vector_environment_has_every_attribute_of_the_inner_one(kind, tmp_path):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        envs = RecordedVectorEnv.make(spied.makers(tmp_path, SLOTS), tracker, using=kind, attributes=("gravity",))
        envs.reset()
        public = [name for name in dir(envs.env) if not name.startswith("_")]
        assert [name for name in public if not hasattr(envs, name)] == []
        assert isinstance(envs, VectorEnv)
        envs.set_attr("gravity", [1.0, 2.0, 3.0])
        assert envs.get_attr("gravity") == envs.call("get_wrapper_attr", "gravity") == (1.0, 2.0, 3.0)
        assert (envs.render_mode, envs.metadata) == (envs.env.render_mode, envs.env.metadata)
        envs.close()


def test_a_wrapped_vector_environment_has_no_attribute_that_the_inner_one_lacks():
    envs = RecordedVectorEnv(CartPoleVectorEnv(2))
    for name in ("set_attr", "get_attr", "call", "envs", "step_async", "step_wait", "reset_async", "reset_wait"):
        assert not hasattr(envs, name), name
    envs.gravity = 1.0
    assert envs.env.gravity == 1.0


class FourValues(CartPoleVectorEnv):
    def step(self, actions):
        return super().step(actions)[:4] if actions.any() else super().step(actions)

    metadata = ("none",)


def test_results_of_an_unknown_form_pass_through_and_are_reported(tmp_path, capsys):
    envs = RecordedVectorEnv(FourValues(2), Tracker(tmp_path, run="r"))
    envs.reset(seed=1)
    assert len(envs.step(np.array([0, 0]))) == 5
    assert len(envs.step(np.array([1, 1]))) == 4
    assert "envcfg: RecordedVectorEnv: " in capsys.readouterr().err
