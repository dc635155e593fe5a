"""Effects planted in the demo's training, found again; and runs in which nothing was planted.

    python benchmarks/planted.py [runs]

A schedule takes the agent from one task to another in mid-run. In the null runs the two tasks differ in their name
only; in the planted runs the second one has heavier gravity, under which the same policy falls sooner. What that is
worth is known from the same seed trained once more without the change. Real PPO on CartPole, recorded with a real
tracker; a run takes about four seconds of one core.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from hydra import compose, initialize_config_dir

import envcfg
from envcfg.demo.slots import Episodes
from envcfg.demo.train import CONF, train
from envcfg.history.metrics import Series

EPOCHS: Final = 80
CHANGE: Final = 40
TASK: Final = "gravity: {gravity}, length: 0.5, force: 10.0, max_steps: 200, reward: 1.0"


class Rows:
    """Takes the place of the demo's W&B run."""

    def __init__(self) -> None:
        self.steps: list[float] = []
        self.rewards: list[float] = []

    def epoch(self, _epoch: int, step: int, episodes: Episodes, _losses: Mapping[str, float]) -> None:
        if episodes.rewards:
            self.steps.append(float(step))
            self.rewards.append(sum(episodes.rewards) / len(episodes.rewards))

    def summary(self, **_values: Any) -> None:
        """What a whole run comes to is not asked for here."""

    @property
    def series(self) -> Series:
        return Series("success", "step", tuple(self.steps), tuple(self.rewards), (None,) * len(self.steps))


def trained(folder: Path, seed: int, *, gravity: float, rate: float, change: int = CHANGE) -> tuple[Any, Series]:
    """A recorded run of a seed that comes to another *gravity* at epoch *change*, at so large a learning rate."""
    overrides = [
        *("env=cartpole", "curriculum=schedule", f"seed={seed}", f"ppo.learning_rate={rate}"),
        *(f"trainer.epochs={EPOCHS}", f"trainer.schedule=[{change}]"),
        "~env.tasks",
        f"+env.tasks={{first: {{{TASK.format(gravity=9.8)}}}, second: {{{TASK.format(gravity=gravity)}}}}}",
    ]
    with initialize_config_dir(str(CONF), version_base="1.3"):
        config = compose("train", overrides)
    rows = Rows()
    with envcfg.Tracker(folder, run=f"seed-{seed}") as tracker:
        train(config, tracker, rows)  # type: ignore[arg-type]  # all of a logbook that training touches
    return envcfg.load(folder), rows.series
