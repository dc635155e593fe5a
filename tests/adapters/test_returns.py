"""The returns of real episodes are kept by epoch and task, and are the metric of a run that logs nothing."""

import os

import gymnasium
import numpy as np
import prepared
import pytest
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv
from gymnasium.wrappers import RecordEpisodeStatistics

from envcfg import Tracker, effects, load
from envcfg.adapters.gymnasium_env import RecordedEnv, recorded
from envcfg.adapters.gymnasium_vector import RecordedVectorEnv
from envcfg.sources.metrics import metric
from envcfg.sources.returns import returns

sb3 = pytest.importorskip("stable_baselines3", reason="the extra sb3")

from stable_baselines3.common.monitor import Monitor  # noqa: E402
from stable_baselines3.common.vec_env import DummyVecEnv  # noqa: E402

from envcfg.adapters.sb3_callback import SB3Callback  # noqa: E402

SLOTS = 2


class Booked(gymnasium.Wrapper):
    """A cart-pole that writes the return and the length of each episode into a file of its own."""

    def __init__(self, path):
        super().__init__(gymnasium.make("CartPole-v1", max_episode_steps=20))
        self.path, self.rewards = path, []

    def reset(self, **options):
        self.rewards = []
        return self.env.reset(**options)

    def step(self, action):
        taken = self.env.step(action)
        self.rewards.append(float(taken[1]))
        if taken[2] or taken[3]:
            with self.path.open("a") as file:
                file.write(f"{sum(self.rewards)} {len(self.rewards)}\n")
        return taken


def makers(folder):
    return [lambda slot=slot: Booked(folder / f"book-{slot}") for slot in range(SLOTS)]


def booked(folder):
    lines = [line.split() for path in folder.glob("book-*") for line in path.read_text().splitlines()]
    return np.array([float(line[0]) for line in lines]), np.array([int(line[1]) for line in lines])


def is_what_was_booked(folder, found):
    values, lengths = booked(folder)
    assert found.episodes == len(values) > 4
    assert found.mean == pytest.approx(values.mean())
    assert found.squares == pytest.approx(((values - values.mean()) ** 2).sum())
    assert found.length == pytest.approx(lengths.mean())


def whole(history):
    from envcfg.core.returns import pooled

    return pooled(part for _, _, part in returns(history))


@pytest.mark.parametrize("kind", [SyncVectorEnv, AsyncVectorEnv])
def test_the_returns_of_vector_environments_are_those_of_every_episode(tmp_path, kind):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        envs = RecordedVectorEnv.make(makers(tmp_path), tracker, using=kind, task="pole")
        envs.reset(seed=1)
        for epoch in range(3):
            for step in range(60):
                envs.step(np.full(SLOTS, step // 2 % 2))
            tracker.end_epoch()
            assert tracker.next_epoch == epoch + 1
        envs.close()
    history = load(tmp_path)
    is_what_was_booked(tmp_path, whole(history))
    assert {task for mix in history.mixes for task in mix.rewards or {}} == {"pole"}
    assert metric(history).name == "returns"


def test_returns_of_workers_are_those_of_the_epoch_in_which_the_episodes_ended(tmp_path):
    found = {}
    for kind in (SyncVectorEnv, AsyncVectorEnv):
        with Tracker(tmp_path / kind.__name__ / "envcfg", run="r", strict=True) as tracker:
            fns = [lambda: gymnasium.make("CartPole-v1", max_episode_steps=20)] * SLOTS
            envs = kind(recorded(fns, tracker, attributes=["gravity"], task="pole"))
            envs.reset(seed=1)
            for epoch in range(3):
                for step in range(60):
                    envs.step(np.full(SLOTS, step // 2 % 2))
                tracker.end_epoch(step=120 * (epoch + 1), epoch=epoch)
            envs.close()
        history = load(tmp_path / kind.__name__)
        found[kind] = [(step, epoch, part.episodes, part.mean) for step, epoch, part in returns(history)]
        assert {(mix.step, mix.epoch) for mix in history.mixes} == {(120, 0), (240, 1), (360, 2)}
    assert found[SyncVectorEnv] == found[AsyncVectorEnv]
    assert [(step, epoch) for step, epoch, *_ in found[SyncVectorEnv]] == [(120, 0), (240, 1), (360, 2)]


def test_a_run_without_epochs_has_a_curve_too(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        env = RecordedEnv(RecordEpisodeStatistics(makers(tmp_path)[0]()), tracker, attributes=["gravity"])
        for episode in range(250):
            env.reset(seed=episode)
            over = False
            while not over:
                *_, terminated, truncated, _ = env.step(0)
                over = terminated or truncated
    history = load(tmp_path)
    is_what_was_booked(tmp_path, whole(history))
    curve = metric(history)
    assert len(curve.steps) == 3
    assert curve.steps == tuple(sorted(set(curve.steps)))
    assert curve.axis == "end of epoch"


def test_the_returns_of_stable_baselines_are_those_of_its_monitors(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        venv = DummyVecEnv([lambda make=make: Monitor(make()) for make in makers(tmp_path)])
        model = sb3.PPO("MlpPolicy", venv, n_steps=64, batch_size=64, n_epochs=1, seed=1, device="cpu")
        model.learn(256, callback=SB3Callback(tracker, task="pole"))
    history = load(tmp_path)
    is_what_was_booked(tmp_path, whole(history))
    assert len(metric(history).steps) == 2


def test_returns_that_the_trainer_passes_count_instead_of_those_that_adapters_saw(tmp_path):
    with Tracker(tmp_path / "envcfg", run="r", strict=True) as tracker:
        envs = RecordedVectorEnv.make(makers(tmp_path), tracker, using=AsyncVectorEnv)
        envs.reset(seed=1)
        for epoch in range(2):
            for _ in range(40):
                envs.step(np.zeros(SLOTS, int))
            tracker.end_epoch(epoch=epoch, rewards={"own": [0.25, 0.75]})
        envs.close()
    assert [(epoch, part.episodes, part.mean) for _, epoch, part in returns(load(tmp_path))] == [
        (0, 2, 0.5),
        (1, 2, 0.5),
    ]


TRAINING = """
import sys
from envcfg import Tracker

def train(folder, log, sinks=()):
    with Tracker(folder, run="r", sinks=sinks, strict=True) as tracker:
        for epoch in range(60):
            tracker.record({"level": epoch // 30}, step=100 * epoch, epoch=epoch, task="a")
            for episode in range(6):
                reward = 1.0 - epoch // 30 + episode / 100 + epoch % 3 / 50
                tracker.end_episode(reward=reward, length=20, task="ab"[episode < 2 + epoch // 20])
            tracker.end_epoch(step=100 * epoch + 99, epoch=epoch)
            log({"reward": 3.0 * epoch})

train("plain/envcfg", lambda row: None)
import wandb
from envcfg.sinks.wandb.sink import wandb_sinks
settings = wandb.Settings(mode="offline", console="off", silent=True, x_disable_stats=True, x_disable_machine_info=True)
run = wandb.init(project="p", dir="logged", settings=settings)
train("logged/envcfg", run.log, wandb_sinks(run=run))
run.finish()
"""


def test_the_same_program_with_and_without_a_logger_has_the_same_marks_effects_and_splits(tmp_path):
    from envcfg.analysis.run.timeline import timeline
    from envcfg.analysis.tasks.mix_and_skill import by_epoch

    (tmp_path / "logged").mkdir()
    done = prepared.run(["-c", TRAINING], cwd=tmp_path, env=os.environ, imports=prepared.WANDB)
    assert (done.returncode, done.stderr) == (0, "")
    found = []
    for name in ("logged", "plain"):
        history = load(tmp_path / name)
        series = metric(history)
        drawn = timeline(history, metric=series)
        marks = [(mark.step, mark.edits) for mark in drawn.marks]
        estimates = [(effect.numbers, effect.estimate and effect.estimate.value) for effect in effects(history)]
        found.append((series, marks, drawn.curve, estimates, by_epoch(history)))
    assert found[0] == found[1]
    series, _, _, estimates, splits = found[0]
    assert (series.name, len(series.steps), len(splits) > 40) == ("returns", 60, True)
    assert [value for _, value in estimates] == [pytest.approx(-1.0, abs=0.1)]
    assert metric(load(tmp_path / "logged"), "reward").values == tuple(3.0 * epoch for epoch in range(60))
