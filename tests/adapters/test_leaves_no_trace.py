"""After a training, and after the close of the tracker, an environment is as it was, and nobody calls the tracker."""

import agents
import gymnasium
import levels
import pytest
import spied
import torch
from gymnasium.envs.classic_control.cartpole import CartPoleVectorEnv

from envcfg import Tracker, load
from envcfg.adapters.gymnasium_env import RecordedEnv
from envcfg.adapters.gymnasium_vector import RecordedVectorEnv
from envcfg.adapters.pettingzoo_env import RecordedParallelEnv
from envcfg.adapters.running import running
from envcfg.adapters.tensor_env import recorded_tensors


def poles(tracker, folder):
    return RecordedVectorEnv.make(spied.makers(folder, 2), tracker, attributes=("gravity",))


PLAYS = {
    "RecordedEnv": (
        lambda tracker, folder: RecordedEnv(spied.Maker(folder, 0)(), tracker, attributes=("gravity",)),
        lambda env: (env.reset(), env.step(0)),
    ),
    "RecordedVectorEnv": (
        poles,
        lambda envs: (envs.reset(), envs.set_attr("gravity", 1.0), envs.step(envs.action_space.sample())),
    ),
    "RecordedParallelEnv": (
        lambda tracker, _: RecordedParallelEnv(agents.Pair(), tracker, attributes=("wind",)),
        lambda env: (env.reset(), [env.step({"one": 1, "other": 1}) for _ in range(agents.EPISODE)]),
    ),
    "recorded_tensors": (
        lambda tracker, _: recorded_tensors(levels.Terrain(2), tracker, attributes=("level",)),
        lambda env: env.step(torch.zeros(2, 2)),
    ),
    "a native vector environment": (
        lambda tracker, _: recorded_tensors(CartPoleVectorEnv(num_envs=2), tracker, attributes=("gravity",)),
        lambda env: (env.reset(seed=1), env.step(env.action_space.sample())),
    ),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PLAYS)
def test_a_closed_tracker_is_not_called(name, tmp_path, capfd):
    make, play = PLAYS[name]
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        env = make(tracker, tmp_path)
        play(env)
    adopted = load(tmp_path).adopted
    play(env)
    env.close() if hasattr(env, "close") else None
    assert (load(tmp_path).adopted, load(tmp_path).failures) == (adopted, ())
    assert capfd.readouterr().err == ""
    inner = getattr(env, "unwrapped", env)
    assert not {"step", "reset", "set_attr", "call"} & vars(inner).keys()


def test_an_adapter_that_is_made_with_a_closed_tracker_says_so_once(tmp_path, capfd):
    Tracker(tmp_path / "envcfg").close()
    tracker = Tracker(tmp_path / "other")
    tracker.close()
    env = RecordedEnv(gymnasium.make("CartPole-v1"), tracker)
    env.reset()
    assert capfd.readouterr().err.count("the tracker is closed: make a new one to record more") == 1


def test_an_environment_of_tensors_is_restored_when_it_is_closed(tmp_path):
    with Tracker(tmp_path, run="r", strict=True) as tracker:
        env = CartPoleVectorEnv(num_envs=2)
        before = set(vars(env))
        recorded_tensors(env, tracker, attributes=("gravity",))
        env.reset(seed=1)
        env.close()
        assert not {"step", "reset", "close"} & (set(vars(env)) - before)


def test_whether_a_method_still_runs_is_known_in_other_threads_too():
    import threading

    class Trainer:
        def learn(self):
            self.is_running = running(self, "learn")
            thread = threading.Thread(target=lambda: setattr(self, "elsewhere", self.is_running()))
            thread.start()
            thread.join()
            return self.is_running()

    one, other = Trainer(), Trainer()
    assert one.learn()
    assert one.elsewhere
    assert not one.is_running()
    other.learn()
    assert not one.is_running()


sb3 = pytest.importorskip("stable_baselines3", reason="the extra sb3")

from stable_baselines3.common.callbacks import BaseCallback  # noqa: E402
from stable_baselines3.common.vec_env import DummyVecEnv  # noqa: E402

from envcfg.adapters.sb3_callback import SB3Callback  # noqa: E402

HOOKED = {"step_async", "step_wait", "set_attr", "set_options", "env_method"}


class Ending(BaseCallback):
    """Ends a training in the middle."""

    def __init__(self, end):
        super().__init__()
        self.end = end

    def _on_step(self):
        if self.num_timesteps == 20:
            self.end()
        return True


def raise_it():
    raise KeyboardInterrupt


@pytest.mark.filterwarnings("ignore")
def test_a_training_that_raised_records_no_more_and_its_environments_are_restored_at_the_next_call(tmp_path):
    venv = DummyVecEnv(spied.makers(tmp_path, 2))
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        model = sb3.PPO("MlpPolicy", venv, n_steps=20, batch_size=20, n_epochs=1, device="cpu")
        with pytest.raises(KeyboardInterrupt):
            model.learn(40, callback=[SB3Callback(tracker, attributes=spied.ATTRIBUTES), Ending(raise_it)])
        books = [len(resets) for resets in spied.truth(tmp_path, 2)]
        venv.reset()
        venv.set_attr("gravity", 1.0)
        assert not HOOKED & vars(venv).keys()
        assert not any("reset" in vars(env) for env in venv.envs)
        venv.close()
        assert "close" not in vars(venv)
    history = load(tmp_path)
    assert sum(history.adopted.values()) == sum(books)
    assert (history.requests, history.failures) == ((), ())


@pytest.mark.filterwarnings("ignore")
def test_a_tracker_that_is_closed_within_a_training_is_not_called(tmp_path, capfd):
    venv = DummyVecEnv(spied.makers(tmp_path, 2))
    tracker = Tracker(tmp_path / "envcfg", run="r", strict=True)
    model = sb3.PPO("MlpPolicy", venv, n_steps=20, batch_size=20, n_epochs=1, device="cpu")
    model.learn(80, callback=[Ending(tracker.close), SB3Callback(tracker, attributes=spied.ATTRIBUTES)])
    venv.close()
    assert capfd.readouterr().err == ""
    assert load(tmp_path).last_step <= 22
    assert not HOOKED & vars(venv).keys()
