"""Does the method find changes without an effect, and changes with a known effect, in real training?

    python benchmarks/planted.py [runs] [mettagrid | cartpole]

A schedule changes the task of a learning agent in the middle of a run. In the null runs, only the name of the task
changes. Each run has one card. There are three tests:

- null: does the card report an effect although nothing happened?
- planted: a step of known size is added to the metric of the null runs from the second task on. So the true effect is
  known, and the noise is real.
- harder: the same runs with the same seeds, and a second task with more walls and the same rewards. The true effect is
  the difference of each pair: the run minus the null run, which was the same until the change.

The training is PPO on mettagrid, recorded with a tracker. A run takes 5 to 20 seconds on one core.
"""

import math
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hydra import compose, initialize_config_dir

import envcfg
from envcfg.demo.slots import Episodes
from envcfg.demo.train import CONF, environment, train
from envcfg.sources.series import Series

EPOCHS: Final = 120
CHANGE: Final = 60
TASKS: Final = {
    "mettagrid": "width: 12, height: 12, berries: 10, walls: 6, max_steps: 32, reward: 1.0",
    "cartpole": "gravity: 9.8, length: 0.5, force: 10.0, max_steps: 200, reward: 1.0",
}
HARDER: Final = {
    "mettagrid": "width: 12, height: 12, berries: 10, walls: 14, max_steps: 32, reward: 1.0",
    "cartpole": "gravity: 9.8, length: 1.5, force: 10.0, max_steps: 200, reward: 1.0",
}
"""A harder second task with the same rewards."""
STEPS: Final = (-0.05, -0.1, -0.2)
"""The planted steps, as shares of the attainable reward."""


Recorded = tuple[envcfg.History, Series]


class RewardLog:
    """A logbook for the demo that keeps the mean reward of each epoch."""

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.rewards: list[float] = []

    def epoch(self, _epoch: int, step: int, episodes: Episodes, _losses: Mapping[str, float]) -> None:
        if episodes.rewards:
            self.steps.append(float(step))
            self.rewards.append(sum(episodes.rewards) / len(episodes.rewards))

    def summary(self, **_values: Any) -> None:
        """Ignore the summary."""


def trained(
    folder: Path,
    seed: int,
    *,
    env: str | None = None,
    epochs: int = EPOCHS,
    change: int = CHANGE,
    second: Mapping[str, str] = TASKS,
) -> Recorded:
    """A recorded run that begins a *second* task at epoch *change*, and its metric."""
    kind = env or environment()
    overrides = [
        *(f"env={kind}", "env.slots=8", "curriculum=schedule", f"seed={seed}"),
        *("preset=dense", "ppo.rollout=32", "ppo.minibatches=4"),
        *(f"trainer.epochs={epochs}", f"trainer.schedule=[{change}]"),
        *("~env.tasks", f"+env.tasks={{first: {{{TASKS[kind]}}}, second: {{{second[kind]}}}}}"),
    ]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("train", overrides)
    log = RewardLog()
    with envcfg.Tracker(folder, run=f"seed-{seed}") as tracker:
        train(config, tracker, log)  # type: ignore[arg-type]  # the training calls only these methods
    steps, values = tuple(log.steps), tuple(log.rewards)
    return envcfg.load(folder), Series("success", "step", steps, values, (None,) * len(steps))


def planted(history: envcfg.History, metric: Series, size: float) -> Any:
    """The effect of the change of the run, with a step of *size* added to the metric after the change."""
    over = history.changes[-1].last_step
    values = tuple(value + size * (step > over) for step, value in zip(metric.steps, metric.values, strict=True))
    (effect,) = envcfg.effects(history, metric.__class__("success", "step", metric.steps, values, metric.epochs))
    return effect


def true_effect(null: Recorded, harder: Recorded) -> float:
    """The difference of the metric in a window after the change, in two runs that were the same until then."""
    (effect,) = envcfg.effects(*harder)
    assert effect.estimate is not None
    start, end = harder[0].changes[-1].last_step, effect.estimate.points[1]
    means = []
    for _, metric in (null, harder):
        values = [value for step, value in zip(metric.steps, metric.values, strict=True) if step > start][:end]
        means.append(sum(values) / len(values))
    return means[1] - means[0]


def row(name: str, size: float, cards: Sequence[Any]) -> str:
    """A line of the table: how often cards find an effect, and how often their intervals contain its true *size*."""
    found = [card.estimate for card in cards if card.estimate is not None]
    rejected = sum(card.q is not None and card.q < 0.05 for card in cards) / len(cards)
    covered = sum(one.low <= size <= one.high for one in found) / len(found)
    mean = sum(one.value for one in found) / len(found)
    spread = math.sqrt(sum((one.value - mean) ** 2 for one in found) / len(found))
    return f"{name:>8} {size:>+8.3f} {rejected:>9.3f} {covered:>8.3f} {mean:>+12.3f} {spread:>6.3f}"


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    env = sys.argv[2] if len(sys.argv) > 2 else environment()
    with tempfile.TemporaryDirectory() as folder:
        runs = [trained(Path(folder) / str(seed), seed, env=env) for seed in range(count)]
        harder = [
            trained(Path(folder) / f"harder-{seed}", seed, env=env, second=HARDER) for seed in range(max(2, count // 4))
        ]
    print(f"{count} runs of {EPOCHS} epochs on {env}, {len(harder)} of them also with a harder second task")
    print(f"{'':>8} {'truth':>8} {'q < 0.05':>9} {'covered':>8} {'mean effect':>12} {'sd':>6}")
    for size in (0.0, *STEPS):
        print(row("planted" if size else "null", size, [planted(*run, size) for run in runs]))
    truths = [true_effect(*pair) for pair in zip(runs, harder, strict=False)]
    truth = sum(truths) / len(truths)
    error = math.sqrt(sum((one - truth) ** 2 for one in truths) / (len(truths) - 1) / len(truths))
    print(row("harder", truth, [planted(*run, 0.0) for run in harder]))
    print(f"the true effect of the harder task, from {len(truths)} pairs: {truth:+.3f}, standard error {error:.3f}")


if __name__ == "__main__":
    main()
