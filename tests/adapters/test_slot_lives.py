"""Programs of which envcfg once told something else than what ran, each with a book of its own."""

import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import EvalCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, SubprocVecEnv

from envcfg import Tracker, load
from envcfg.adapters import RecordedEnv, RecordedVectorEnv, SB3Callback, recorded
from envcfg.core.code import Code

SLOTS = 2


class Level(gymnasium.Env):
    """An environment with a level. It writes each reset into a book, if it has one."""

    observation_space = gymnasium.spaces.Box(-1, 1, (2,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, level=1, book=None, length=7, name=""):
        self.level, self.book, self.length, self.name, self.steps = level, book, length, name, 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.steps = 0
        if self.book is not None:
            with Path(self.book).open("a") as file:
                file.write(f"{self.name} {self.level}\n")
        return np.zeros(2, np.float32), {}

    def step(self, action):
        self.steps += 1
        return np.zeros(2, np.float32), 1.0, self.steps >= self.length, False, {}


def model(venv):
    return PPO("MlpPolicy", venv, n_steps=8, batch_size=8, n_epochs=1, device="cpu", seed=1)


def in_force(history):
    held = history.in_force("last")
    return history.config(held.config)["level"], len(held.places), held.of


@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.parametrize("kind", [DummyVecEnv, partial(SubprocVecEnv, start_method="fork")], ids=["dummy", "subproc"])
def test_a_vector_environment_for_each_stage_leaves_the_last_one_in_force(kind, closes, tmp_path):
    with Tracker(tmp_path / "envcfg") as tracker:
        trained, kept = None, []
        for level in (1, 1, 1, 2):
            venv = kind(recorded([partial(Level, level)] * SLOTS, tracker, attributes=["level"]))
            if trained is None:
                trained = model(venv)
            else:
                before = trained.get_env()
                trained.set_env(venv)
                if closes:
                    before.close()
                kept.append(before)
            trained.learn(32, callback=SB3Callback(tracker, attributes=["level"]), reset_num_timesteps=False)
        venv.close()
    for left in () if closes else kept:
        left.close()  # its processes would outlive the test
    history = load(tmp_path)
    assert in_force(history) == (2, SLOTS, SLOTS)
    assert sorted({place.slot for place in history.adoptions.places}) == [0, 1]
    assert len(history.lives) == 4 * SLOTS
    assert not history.failures


def test_environments_that_the_callback_reads_live_as_long_as_their_vector_environment(tmp_path):
    with Tracker(tmp_path / "envcfg") as tracker:
        for level in (1, 2):
            venv = DummyVecEnv([partial(Level, level)] * (SLOTS if level == 1 else 1))
            trained = model(venv)
            for _ in range(2):  # a second `learn` goes on with the same environments
                trained.learn(16, callback=SB3Callback(tracker, attributes=["level"]), reset_num_timesteps=False)
            venv.close()
    history = load(tmp_path)
    assert in_force(history) == (2, 1, 1)
    assert [(life.place.slot, life.reason) for life in history.lives] == [(0, "closed"), (1, "closed"), (0, "closed")]


def test_evaluation_environments_of_the_same_helper_are_not_the_training(tmp_path):
    book = tmp_path / "book"

    def make(role, levels):
        return [
            lambda slot=slot, level=level: Monitor(
                RecordedEnv(Level(level, book, name=role), tracker, slot=slot, role=role, attributes=["level"])
            )
            for slot, level in enumerate(levels)
        ]

    with Tracker(tmp_path / "envcfg") as tracker:
        evaluate = EvalCallback(DummyVecEnv(make("eval", [7])), eval_freq=8, n_eval_episodes=2, verbose=0)
        venv = DummyVecEnv(make("train", [0] * SLOTS))
        model(venv).learn(64, callback=[SB3Callback(tracker, attributes=["level"]), evaluate])
        venv.close()
    history, written = load(tmp_path), book.read_text().split("\n")
    assert history.adopted == {"": written.count("train 0")}
    assert {history.config(a.record.config)["level"] for a in history.adoptions} == {0}
    assert in_force(history) == (0, SLOTS, SLOTS)
    assert in_force(history.of_role("eval")) == (7, 1, 1)
    assert written.count("eval 7") > 2
    assert history.last_step == 64
    assert not history.failures


def test_an_evaluation_environment_without_its_role_is_reported_once(tmp_path, capsys):
    with Tracker(tmp_path / "envcfg") as tracker:
        train, evaluate = (RecordedEnv(Level(level), tracker, slot=0, attributes=["level"]) for level in (0, 7))
        for _ in range(4):
            train.reset()
            evaluate.reset()
    told = capsys.readouterr().err
    assert told.count("two environments record as slot 0 at the same time") == 1
    assert "role='eval'" in told
    assert {failure.code for failure in load(tmp_path).failures} == {Code.TWO_ENVIRONMENTS}


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_make_vec_with_a_wrapper_numbers_each_environment(kind, tmp_path):
    if "Level-v0" not in gymnasium.registry:
        gymnasium.register("Level-v0", entry_point=Level)
    with Tracker(tmp_path / "envcfg") as tracker:
        wrapper = partial(RecordedEnv, recorder=tracker, attributes=["level"])
        envs = RecordedVectorEnv(gymnasium.make_vec("Level-v0", 3, kind, wrappers=[wrapper]), tracker)
        envs.reset(seed=1)
        for _ in range(20):
            envs.step(np.zeros(3, int))
        envs.close()
    history = load(tmp_path)
    assert {place.slot for place in history.adoptions.places} == {0, 1, 2}
    assert [life.reason for life in history.lives] == ["closed"] * 3
    assert history.last_step == 3 * 18  # the steps that only reset do not count
    assert not history.failures


@pytest.mark.parametrize("kind", [DummyVecEnv, SubprocVecEnv])
def test_make_vec_env_with_a_wrapper_class_numbers_each_environment(kind, tmp_path):
    with Tracker(tmp_path / "envcfg") as tracker:
        options = {"recorder": tracker, "attributes": ["level"]}
        more = {"start_method": "fork"} if kind is SubprocVecEnv else None
        venv = make_vec_env(
            Level, 3, wrapper_class=RecordedEnv, wrapper_kwargs=options, vec_env_cls=kind, vec_env_kwargs=more
        )
        model(venv).learn(48, callback=SB3Callback(tracker, attributes=["level"]))
        venv.close()
    history = load(tmp_path)
    assert {place.slot for place in history.adoptions.places} == {0, 1, 2}
    assert history.last_step == 48
    assert not history.failures


def test_an_environment_that_is_collected_gives_its_number_back(tmp_path):
    with Tracker(tmp_path / "envcfg") as tracker:
        for level in range(3):
            envs = [RecordedEnv(Level(level), tracker, attributes=["level"]) for _ in range(2)]
            for env in envs:
                env.reset()
                env.step(0)
            del env, envs
    history = load(tmp_path)
    assert {place.slot for place in history.adoptions.places} == {0, 1}
    assert in_force(history) == (2, 2, 2)


def test_a_request_reaches_the_slot_of_the_environment_that_it_names(tmp_path):
    with Tracker(tmp_path / "envcfg") as tracker:
        first = RecordedEnv(Level(), tracker, attributes=["level"])
        first.reset()
        fns = [partial(RecordedEnv, Level(), tracker, attributes=["level"])] * 2
        envs = RecordedVectorEnv(gymnasium.vector.SyncVectorEnv(fns), tracker, attributes=["level"])
        envs.reset()
        envs.set_attr("level", [1, 5])
    assert [asked.request.slots for asked in load(tmp_path).requests] == [(1,), (2,)]


CLEANRL = """
import argparse
import gymnasium as gym

parser = argparse.ArgumentParser()
parser.add_argument("--env-id")
parser.add_argument("--num-envs", type=int)
args = parser.parse_args()
envs = gym.vector.SyncVectorEnv([lambda: gym.make(args.env_id) for _ in range(args.num_envs)])
envs.reset(seed=1)
for iteration in range(4):
    envs.call("set_wrapper_attr", "gravity", 10.0 + iteration)
    for step in range(60):
        envs.step(envs.action_space.sample() * 0)
envs.close()
"""


def test_the_recipe_for_an_unchanged_script_needs_no_number_of_environments(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "adapters.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"```python\n# recorded.py\n(.*?)```", page, re.DOTALL)
    (tmp_path / "recorded.py").write_text(recipe)
    (tmp_path / "ppo.py").write_text(CLEANRL)
    command = [sys.executable, "ppo.py", "--env-id", "recorded:Recorded-v0", "--num-envs", "8"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    history = load(tmp_path / "runs" / "7")
    assert {place.slot for place in history.adoptions.places} == set(range(8))
    seen = {}
    for adoption in history.adoptions:
        seen.setdefault(adoption.place.slot, []).append(history.config(adoption.record.config)["gravity"])
    assert seen == {slot: [9.8, 10.0, 11.0, 12.0, 13.0] for slot in range(8)}  # 32 changes of a slot
