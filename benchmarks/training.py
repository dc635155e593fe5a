"""What share of a training's time the recorder takes: in the demo, with Stable-Baselines3, and with 4,096 slots.

    python benchmarks/training.py

Each line is the time inside of our calls over the time of the whole training, in one process and one run. Below the
demo stands what calls that do nothing take, timed in the same way. With W&B it has what the live metrics and the
artifacts cost, too; below it stand what of that is inside of W&B's client, and what the trainer's own row takes.
"""

import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import gymnasium
import numpy as np
import stable_baselines3
import torch
from hydra import compose, initialize_config_dir
from omegaconf import DictConfig
from stable_baselines3.common.vec_env import DummyVecEnv

from envcfg import Tracker
from envcfg.adapters.gymnasium_env import recorded
from envcfg.adapters.sb3_callback import SB3Callback
from envcfg.demo import train as demo
from envcfg.demo.logbook import Logbook
from envcfg.sinks.wandb.sink import wandb_sinks
from envcfg.tracking.ambient import NullTracker

SLOTS: Final = 4096
EPISODE: Final = 100
"""Steps: short ones, so that many slots are reset in each step."""
ROLLOUT: Final = 24
LEVELS: Final = 20
OBSERVATION: Final = 48


class Timed:
    """A tracker, or whatever else is called in a training, and how long its calls took."""

    def __init__(self, called: Any) -> None:
        self._called = called
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._called, name)
        if not callable(method):
            return method

        def timed(*arguments: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return method(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - start

        return timed


class Silent:
    """A logbook that writes nothing."""

    def epoch(self, *_: Any) -> None: ...
    def summary(self, **_: Any) -> None: ...


def demo_config(env: str) -> DictConfig:
    with initialize_config_dir(str(demo.CONF), version_base="1.3"):
        return compose("train", overrides=[f"env={env}", "preset=short"])


def the_demo(tracker: Any, *, env: str) -> None:
    demo.train(demo_config(env), tracker, Silent())  # type: ignore[arg-type]  # it is asked for no more


def sb3(tracker: Any) -> None:
    make = [lambda: gymnasium.make("CartPole-v1")] * 8
    venv = DummyVecEnv(recorded(make, tracker, attributes=("gravity", "length", "force_mag")))
    model = stable_baselines3.PPO("MlpPolicy", venv, n_steps=256, seed=0, device="cpu")
    model.learn(20_000, callback=SB3Callback(tracker))


def hostile(tracker: Any, *, together: bool = False, drawn: bool = False) -> None:
    """As legged_gym with rsl-rl, without the physics: what each slot runs is in tensors, and other at each reset.

    One iteration of its default: 24 steps of 4,096 slots, five passes of four minibatches. *together*, all slots are
    reset in one step; *drawn*, each gets a friction at its reset that no slot ever had.
    """
    rng = np.random.default_rng(0)
    levels, frictions = np.zeros(SLOTS, dtype=np.int64), np.full(SLOTS, 0.5)
    ages = np.full(SLOTS, EPISODE - ROLLOUT // 2) if together else rng.integers(EPISODE, size=SLOTS)
    columns = {"level": levels, "friction": frictions} if drawn else {"level": levels}
    actor, critic = network(12), network(1)
    optimizer = torch.optim.Adam([*actor.parameters(), *critic.parameters()])
    seen, batch = torch.zeros(SLOTS, OBSERVATION), []
    tracker.record_slots(columns, step=0)
    for step in range(1, ROLLOUT + 1):
        with torch.no_grad():
            seen[:, :12] = actor(seen).tanh()
        batch.append(seen.clone())
        ages += 1
        resets = ages >= EPISODE
        ages[resets] = 0
        levels[resets] = (levels[resets] + 1) % LEVELS
        frictions[resets] = rng.random(int(resets.sum()))
        tracker.record_slots(columns, step=step * SLOTS, resets=resets)
    for part in torch.cat(batch).chunk(4) * 5:
        loss = actor(part).square().mean() + critic(part).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    tracker.end_epoch(step=ROLLOUT * SLOTS, epoch=0)


def network(outputs: int) -> torch.nn.Module:
    """Of the size of rsl-rl's default."""
    widths = (OBSERVATION, 512, 256, 128)
    layers = [layer for one, two in pairwise(widths) for layer in (torch.nn.Linear(one, two), torch.nn.ELU())]
    return torch.nn.Sequential(*layers, torch.nn.Linear(widths[-1], outputs))


def report(name: str, training: Callable[[Any], None], at_most: float) -> None:
    with tempfile.TemporaryDirectory() as folder, Tracker(Path(folder) / "envcfg", run="r") as tracker:
        timed = Timed(tracker)
        start = time.perf_counter()
        training(timed)
        tell(name, timed.seconds, time.perf_counter() - start, at_most)


def report_nothing(training: Callable[[Any], None]) -> None:
    """The same calls of a tracker that records nothing: what it takes to call and to look at the clock."""
    timed = Timed(NullTracker())
    start = time.perf_counter()
    training(timed)
    print(f"{'  calls that do nothing':<44} {timed.seconds / (time.perf_counter() - start):>8.3%}")


def report_with_wandb(env: str, at_most: float) -> None:
    """As `envcfg demo` runs it: metrics, and a version at each change, to an offline run that the trainer logs to, too.

    Our row of each epoch makes the charts, and takes a call of W&B's client, whose time is told by itself.
    """
    config = demo_config(env)
    with tempfile.TemporaryDirectory() as folder, Logbook(config, Path(folder)) as logbook:
        run = logbook._run  # noqa: SLF001  # it has no other way in
        logged, client = Timed(run), Timed(run)
        logbook._run = logged  # noqa: SLF001
        run.log({"begun": 1.0}, commit=False)  # what W&B loads at the first row is the cost of neither
        with Tracker(Path(folder) / "envcfg", run="r", sinks=wandb_sinks(run=client, artifact_gap=0.0)) as tracker:
            timed, client.seconds = Timed(tracker), 0.0
            start = time.perf_counter()
            demo.train(config, timed, logbook)  # type: ignore[arg-type]  # it does what a tracker does
            whole = time.perf_counter() - start
        tell(f"the demo on {env}, W&B offline", timed.seconds, whole, at_most)
        print(f"{'  of it in calls of its run':<44} {client.seconds / whole:>8.3%}")
        print(f"{'  the run.log of the trainer, beside it':<44} {logged.seconds / whole:>8.3%}")


def tell(name: str, seconds: float, whole: float, at_most: float) -> None:
    share = seconds / whole
    verdict = "" if share <= at_most else "missed"
    print(f"{name:<44} {share:>8.3%} of {whole:5.1f} s   target {at_most:.1%}   {verdict}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    for world in ("cartpole", "mettagrid"):
        report(f"the demo on {world}", partial(the_demo, env=world), 0.001)
        report_nothing(partial(the_demo, env=world))
        report_with_wandb(world, 0.001)
    report("Stable-Baselines3, PPO, 8 CartPoles", sb3, 0.01)
    report(f"{SLOTS:,} slots, another level at each reset", hostile, 0.01)
    report("... all of them reset in the same step", partial(hostile, together=True), 0.01)
    report("... and a friction that no slot ever had", partial(hostile, drawn=True), 0.01)
