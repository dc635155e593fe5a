"""Stable-Baselines3 with W&B's own callback: its rows are as without envcfg, and its reward is placed as earned."""

import os
import subprocess
import sys

import pytest

from envcfg import load
from envcfg.sources.metrics import metric, metric_names
from envcfg.sources.wandb.log import read_log

for library in ("stable_baselines3", "tensorboard", "wandb"):
    pytest.importorskip(library)

STEPS, EPOCHS = 256, 12
CHANGE = EPOCHS // 2 * STEPS

PROGRAM = """
import sys
import gymnasium, wandb
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env
from wandb.integration.sb3 import WandbCallback

IS_ON, STEPS, EPOCHS = sys.argv[1] == "on", int(sys.argv[2]), int(sys.argv[3])

class Hard(gymnasium.Wrapper):
    bonus = 1.0

    def step(self, action):
        found, reward, *rest = self.env.step(action)
        return found, reward * self.get_wrapper_attr("bonus"), *rest

class Curriculum(BaseCallback):
    def _on_step(self):
        return True

    def _on_rollout_start(self):
        if self.num_timesteps == EPOCHS // 2 * STEPS:
            self.training_env.env_method("set_wrapper_attr", "bonus", 0.01)
            self.training_env.reset()

run = wandb.init(project="sb3", id="run-1", config={"policy": "MlpPolicy"}, sync_tensorboard=True)
envs = make_vec_env(lambda: Hard(gymnasium.make("CartPole-v1", max_episode_steps=20)), n_envs=2, seed=1)
model = PPO("MlpPolicy", envs, n_steps=STEPS // 2, batch_size=64, n_epochs=1, seed=1, tensorboard_log=f"runs/{run.id}")
callbacks = [Curriculum(), WandbCallback(gradient_save_freq=0, verbose=0)]
if IS_ON:
    from envcfg import Tracker
    from envcfg.adapters import SB3Callback
    from envcfg.sinks import wandb_sinks
    tracker = Tracker("envcfg", run="r", sinks=wandb_sinks(artifact_gap=1e9), strict=True)
    callbacks.append(SB3Callback(tracker, attributes=("bonus",)))
model.learn(STEPS * EPOCHS, callback=callbacks)
if IS_ON:
    tracker.close()
run.finish()
"""


def trained(folder, switch):
    folder.mkdir()
    places = {f"WANDB_{name}_DIR": str(folder / name) for name in ("DATA", "CACHE", "CONFIG")}
    env = {**os.environ, "OMP_NUM_THREADS": "1", "WANDB_SILENT": "true", "WANDB_MODE": "offline", **places}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, switch, str(STEPS), str(EPOCHS)]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("wandb/offline-run-*/run-*.wandb")
    return read_log(path), done.stderr


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sb3")
    return folder / "on", *trained(folder / "on", "on"), trained(folder / "off", "off")[0]


def of_board(log):
    drawn = ("_step", "_timestamp", "_runtime", "time/fps", "time/time_elapsed")
    return [{k: v for k, v in row.items() if not k.startswith(drawn)} for row in log.rows if "global_step" in row]


def check_fall(series):
    points = list(zip(series.steps, series.values, strict=True))
    assert CHANGE < next(step for step, value in points if value < 0.9 * max(series.values)) <= CHANGE + 2 * STEPS


def test_its_rows_and_its_config_are_as_without_envcfg(runs):
    _, log, said, without = runs
    assert of_board(log) == of_board(without)
    assert "envcfg" not in said
    one, other = ({k: v for k, v in config.items() if k != "_wandb"} for config in (log.config, without.config))
    assert one.keys() - {"envcfg"} == other.keys()
    assert [one[name] for name in ("policy", "seed", "n_steps")] == [
        other[name] for name in ("policy", "seed", "n_steps")
    ]


def test_each_rollout_has_the_points_of_envcfg_in_w_and_b(runs):
    rows = [row for row in runs[1].rows if "env_config/step" in row]
    assert [row["env_config/step"] for row in rows] == [STEPS * (epoch + 1) for epoch in range(EPOCHS)]


@pytest.mark.parametrize("place", [None, "runs"])
def test_the_reward_of_the_same_run_is_placed_in_w_and_b_and_in_tensorboard(runs, place):
    history = load(runs[0], metrics=str(runs[0] / place) if place else ())
    name = next(name for name in metric_names(history) if name.endswith("rollout/ep_rew_mean"))
    series = metric(history, name)
    assert series.is_checked
    assert series.steps == tuple(float(STEPS * (epoch + 1)) for epoch in range(EPOCHS))
    check_fall(series)
