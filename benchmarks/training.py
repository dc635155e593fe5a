"""The share of the time of a training that the recorder takes: demo, Stable-Baselines3, and 4,096 slots.

    python benchmarks/training.py

Each line is the time inside of envcfg's calls, divided by the time of the whole training, in one process and one run.
The line below the demo is for calls that do nothing, timed in the same way. With W&B, live metrics and artifacts are
included. The two lines below show the time inside of W&B's client, and the time of the trainer's own row.
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
"""Steps in an episode. Episodes are short, so that many slots are reset in each step."""
ROLLOUT: Final = 24
LEVELS: Final = 20
OBSERVATION: Final = 48


class Timed:
    """Measures how long the calls of an object take, such as a tracker."""

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


class NullLogbook:
    """A logbook that writes nothing."""

    def epoch(self, *_: Any) -> None: ...
    def summary(self, **_: Any) -> None: ...


def demo_config(env: str) -> DictConfig:
    with initialize_config_dir(str(demo.CONF), version_base="1.3"):
        return compose("train", overrides=[f"env={env}", "preset=short"])


def the_demo(tracker: Any, *, env: str) -> None:
    demo.train(demo_config(env), tracker, NullLogbook())  # type: ignore[arg-type]  # the training calls only these


def sb3(tracker: Any) -> None:
    make = [lambda: gymnasium.make("CartPole-v1")] * 8
    venv = DummyVecEnv(recorded(make, tracker, attributes=("gravity", "length", "force_mag")))
    model = stable_baselines3.PPO("MlpPolicy", venv, n_steps=256, seed=0, device="cpu")
    model.learn(20_000, callback=SB3Callback(tracker))


def many_slots(tracker: Any, *, together: bool = False, new_frictions: bool = False) -> None:
    """Train like legged_gym with rsl-rl, without the physics. The parameters are in tensors and change at each reset.

    This is one iteration of its default: 24 steps of 4,096 slots, five passes of four minibatches. With *together*, all
    slots are reset in one step. With *new_frictions*, each slot gets a new friction at each reset.
    """
    rng = np.random.default_rng(0)
    levels, frictions = np.zeros(SLOTS, dtype=np.int64), np.full(SLOTS, 0.5)
    ages = np.full(SLOTS, EPISODE - ROLLOUT // 2) if together else rng.integers(EPISODE, size=SLOTS)
    columns = {"level": levels, "friction": frictions} if new_frictions else {"level": levels}
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
    """A network of the default size of rsl-rl."""
    widths = (OBSERVATION, 512, 256, 128)
    layers = [layer for one, two in pairwise(widths) for layer in (torch.nn.Linear(one, two), torch.nn.ELU())]
    return torch.nn.Sequential(*layers, torch.nn.Linear(widths[-1], outputs))


def report(name: str, training: Callable[[Any], None], at_most: float) -> None:
    with tempfile.TemporaryDirectory() as folder, Tracker(Path(folder) / "envcfg", run="r") as tracker:
        timed = Timed(tracker)
        start = time.perf_counter()
        training(timed)
        print_share(name, timed.seconds, time.perf_counter() - start, at_most)


def report_nothing(training: Callable[[Any], None]) -> None:
    """Print the share of the same calls to a tracker that records nothing. It is the cost of calling and timing."""
    timed = Timed(NullTracker())
    start = time.perf_counter()
    training(timed)
    print(f"{'  calls that do nothing':<44} {timed.seconds / (time.perf_counter() - start):>8.3%}")


def report_with_wandb(env: str, at_most: float) -> None:
    """Print the share of the recorder in `envcfg demo` with W&B offline: metrics, and a version at each change.

    envcfg logs one row for each epoch with W&B's client. The time of these calls is printed on a line of its own.
    """
    config = demo_config(env)
    with tempfile.TemporaryDirectory() as folder, Logbook(config, Path(folder)) as logbook:
        run = logbook._run  # noqa: SLF001  # there is no public way
        logged, client = Timed(run), Timed(run)
        logbook._run = logged  # noqa: SLF001
        run.log({"begun": 1.0}, commit=False)  # the first row loads parts of W&B: do not measure it
        with Tracker(Path(folder) / "envcfg", run="r", sinks=wandb_sinks(run=client, artifact_gap=0.0)) as tracker:
            timed, client.seconds = Timed(tracker), 0.0
            start = time.perf_counter()
            demo.train(config, timed, logbook)  # type: ignore[arg-type]  # it has the methods of a tracker
            whole = time.perf_counter() - start
        print_share(f"the demo on {env}, W&B offline", timed.seconds, whole, at_most)
        print(f"{'  of this, inside of W&B':<44} {client.seconds / whole:>8.3%}")
        print(f"{'  the run.log of the trainer':<44} {logged.seconds / whole:>8.3%}")


def print_share(name: str, seconds: float, whole: float, at_most: float) -> None:
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
    report(f"{SLOTS:,} slots, another level at each reset", many_slots, 0.01)
    report("... all of them reset in the same step", partial(many_slots, together=True), 0.01)
    report("... and a new friction at each reset", partial(many_slots, new_frictions=True), 0.01)
