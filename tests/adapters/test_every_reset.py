"""Resets that a framework's `dones` does not show, and changes within an episode, are recorded."""

import gymnasium
import levels
import pytest
import spied
import torch
from gymnasium.wrappers import Autoreset

from envcfg import Tracker, load
from envcfg.adapters.gymnasium_env import RecordedEnv
from envcfg.adapters.tensor_env import recorded_tensors as recorded

SLOTS = 8


class FiveValues(levels.Terrain):
    """Returns the five values of Gymnasium: a slot that is reset was terminated or truncated."""

    def step(self, actions):
        seen, _, rewards, dones, extras = super().step(actions)
        terminated = dones.bool() & (torch.arange(self.num_envs) % 2 == 0)
        return seen, rewards, terminated, dones.bool() & ~terminated, extras

    def reset(self, *, seed=None, options=None):
        mask = (options or {}).get("reset_mask", torch.ones(self.num_envs, dtype=torch.bool))
        self.level = torch.where(mask, self.level + 10, self.level)
        self.episode_length_buf = torch.where(mask, 0, self.episode_length_buf)
        self._note(mask)
        return self.state(), {}


def test_a_slot_that_was_terminated_or_truncated_was_reset_and_so_was_one_that_was_reset_by_hand(tmp_path):
    env = FiveValues(SLOTS)
    env.book = [[] for _ in range(SLOTS)]  # it is reset before its first step
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        recorded(env, tracker, attributes=levels.ATTRIBUTES, draws=False)
        env.reset()
        for step in range(30):
            env.step(torch.zeros(SLOTS, 2))
            if step == 14:
                env.reset(options={"reset_mask": torch.arange(SLOTS) < 3})
            if step == 20:
                env.reset()
    history = load(tmp_path)
    assert levels.recorded(history) == env.book
    assert sum(history.adopted.values()) == sum(map(len, env.book))
    assert history.last_step == 30 * SLOTS


class Long(levels.Terrain):
    """Without the end of an episode."""

    max_episode_length = 99


@pytest.mark.parametrize("watch", [None, 4])
def test_changes_within_an_episode_of_tensors_are_recorded_with_watch_steps_only(tmp_path, watch):
    env = Long(SLOTS)
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        recorded(env, tracker, attributes=("level", "gravity"), draws=False, watch_steps=watch)
        for step in range(12):
            env.step(torch.zeros(SLOTS, 2))
            if step == 1:
                env.level[5] = 77
            if step == 5:
                env.gravity = -1.0
    adopted = [(a.place.slot, a.record.step) for a in load(tmp_path).adoptions if a.record.step]
    assert adopted == ([(5, 4 * SLOTS), *((slot, 8 * SLOTS) for slot in range(SLOTS))] if watch else [])


class Ramped(gymnasium.Wrapper):
    """Raises the gravity within its episodes."""

    def step(self, action):
        self.unwrapped.gravity += 1
        return self.env.step(action)


def played(env, steps=24):
    env.reset(seed=1)
    for step in range(steps):
        *_, terminated, truncated, _ = env.step(step % 2)
        if terminated or truncated:
            env.reset()


@pytest.mark.parametrize("watch", [None, 6])
def test_changes_within_an_episode_are_recorded_with_watch_steps_only(tmp_path, watch):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        env = Ramped(spied.Maker(tmp_path, 0)())  # an episode has 12 steps
        played(RecordedEnv(env, tracker, attributes=("gravity",), spec=False, watch_steps=watch))
    history = load(tmp_path)
    seen = [(a.record.step, history.config(a.record.config)["gravity"] - 9.8) for a in history.adoptions]
    steps = [step for step, _ in seen]
    assert steps == ([0, 6, 12, 18, 24] if watch else [0, 12, 24])
    assert [round(gravity) for _, gravity in seen] == steps


class ResetsWithin(gymnasium.Wrapper):
    """Resets within the last step of an episode, as some libraries do, and says so in the info."""

    def step(self, action):
        seen, reward, terminated, truncated, info = self.env.step(action)
        if terminated or truncated:
            last, (seen, _) = seen, self.env.reset()
            info = {**info, "final_obs": last}
        return seen, reward, terminated, truncated, info


@pytest.mark.parametrize("around", [Autoreset, ResetsWithin])
def test_resets_by_a_wrapper_inside_are_recorded(tmp_path, around):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        env = spied.Maker(tmp_path, 0)()
        envs = RecordedEnv(around(env), tracker, attributes=spied.ATTRIBUTES)
        envs.reset(seed=1)
        for step in range(60):
            envs.step(step % 2)
            env.unwrapped.level = step // 5
    history = load(tmp_path)
    assert spied.recorded(history) == spied.truth(tmp_path, 1)
    assert len(history.adoptions) > 4


sb3 = pytest.importorskip("stable_baselines3", reason="the extra sb3")

from stable_baselines3.common.callbacks import BaseCallback  # noqa: E402
from stable_baselines3.common.evaluation import evaluate_policy  # noqa: E402
from stable_baselines3.common.vec_env import DummyVecEnv  # noqa: E402

from envcfg.adapters.sb3_callback import SB3Callback  # noqa: E402


class Resetting(BaseCallback):
    """Resets the environments of the training in each way that no `dones` shows."""

    def _on_rollout_start(self):
        self.training_env.env_method("reset", indices=[1], options={"level": 7})
        evaluate_policy(self.model, self.training_env, n_eval_episodes=2, warn=False)
        self.training_env.envs[0].reset(options={"level": 3})
        self.training_env.reset()

    def _on_step(self):
        self.training_env.envs[0].unwrapped.gravity = 9.8 + self.num_timesteps
        return True


@pytest.mark.filterwarnings("ignore")
def test_resets_by_hand_and_by_an_evaluation_on_the_training_environment_are_recorded(tmp_path):
    venv = DummyVecEnv(spied.makers(tmp_path, 2))
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        model = sb3.PPO("MlpPolicy", venv, n_steps=20, batch_size=20, n_epochs=1, seed=3, device="cpu")
        model.learn(120, callback=[SB3Callback(tracker, attributes=spied.ATTRIBUTES), Resetting()])
    history, truth = load(tmp_path), spied.truth(tmp_path, 2)
    assert spied.recorded(history) == [spied.changes(resets) for resets in truth]
    assert sum(history.adopted.values()) == sum(map(len, truth))


@pytest.mark.filterwarnings("ignore")
def test_changes_within_an_episode_are_recorded_by_the_callback_with_watch_steps(tmp_path):
    venv = DummyVecEnv([lambda: Ramped(spied.Maker(tmp_path, 0)())])
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        model = sb3.PPO("MlpPolicy", venv, n_steps=24, batch_size=24, n_epochs=1, seed=3, device="cpu")
        model.learn(24, callback=SB3Callback(tracker, attributes=("gravity",), watch_steps=1))
    history = load(tmp_path)
    seen = [round(history.config(a.record.config)["gravity"] - 9.8) for a in history.adoptions]
    assert seen == list(range(25))
