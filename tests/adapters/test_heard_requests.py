"""Requests are heard wherever a program makes them, and one that failed is none."""

import pytest
import spied
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv
from gymnasium.wrappers.vector import RecordEpisodeStatistics

from envcfg import Tracker, load
from envcfg.adapters.gymnasium_vector import RecordedVectorEnv

METHODS = {"set_level": lambda level: {"level": level}}


def requests(folder):
    history = load(folder)
    return [(history.config(one.request.config), one.request.slots) for one in history.requests]


@pytest.mark.parametrize("kind", [SyncVectorEnv, AsyncVectorEnv])
def test_requests_of_each_layer_are_heard_once_and_nothing_is_left_on_the_environment(kind, tmp_path):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        makers = spied.makers(tmp_path, 2)
        envs = RecordedVectorEnv.make(makers, tracker, using=kind, attributes=spied.ATTRIBUTES, methods=METHODS)
        outer = RecordEpisodeStatistics(envs)
        outer.reset(seed=1)
        outer.unwrapped.set_attr("gravity", 1.0)
        envs.set_attr("gravity", [2.0, 3.0])
        envs.unwrapped.set_attr("gravity", 4.0)
        envs.call("set_level", 5)
        envs.unwrapped.call("set_wrapper_attr", "gravity", 6.0)
        assert envs.get_attr("gravity") == (6.0, 6.0)
        if kind is SyncVectorEnv:
            with pytest.raises(ValueError, match="length"):
                envs.set_attr("gravity", [7.0, 7.0, 7.0])
        outer.reset(seed=2)
        inner = envs.unwrapped
        envs.close()
    assert not {"set_attr", "call"} & vars(inner).keys()
    asked = [({"gravity": 1.0}, None), ({"gravity": 2.0}, (0,)), ({"gravity": 3.0}, (1,)), ({"gravity": 4.0}, None)]
    assert requests(tmp_path) == [*asked, ({"level": 5}, None), ({"gravity": 6.0}, None)]
    assert {answer.state for answer in load(tmp_path).answers} == {"superseded", "effective"}


sb3 = pytest.importorskip("stable_baselines3", reason="the extra sb3")

from stable_baselines3.common.callbacks import BaseCallback  # noqa: E402
from stable_baselines3.common.vec_env import DummyVecEnv, VecMonitor  # noqa: E402

from envcfg.adapters.sb3_callback import SB3Callback  # noqa: E402


class Asking(BaseCallback):
    def _on_rollout_start(self):
        self.training_env.set_attr("gravity", 1.0)
        with pytest.raises(IndexError):
            self.training_env.set_attr("gravity", 2.0, indices=[0, 9])
        with pytest.raises(TypeError):
            self.training_env.env_method("set_level")
        self.model.get_env().venv.env_method("set_level", 3, indices=1)

    def _on_step(self):
        return True


@pytest.mark.filterwarnings("ignore")
def test_a_request_of_stable_baselines_that_raised_is_none(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        venv = VecMonitor(DummyVecEnv(spied.makers(tmp_path, 2)))
        model = sb3.PPO("MlpPolicy", venv, n_steps=4, batch_size=8, n_epochs=1, device="cpu")
        model.learn(8, callback=[SB3Callback(tracker, attributes=spied.ATTRIBUTES, methods=METHODS), Asking()])
    assert requests(tmp_path) == [({"gravity": 1.0}, None), ({"level": 3}, (1,))]
