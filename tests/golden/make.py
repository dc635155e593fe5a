"""Makes a golden folder. Each one was made once, by the envcfg that wrote that version of the format."""

import itertools
import os
import sys
from pathlib import Path

import numpy as np
from omegaconf import OmegaConf

from envcfg import Cause, Tracker, Uniform
from envcfg.core.record import Concurrent, Link, SlotEvent
from envcfg.sinks import BaseSink

ROWS = [["wall"] * 12 for _ in range(4)]


class Service(BaseSink):
    """A tracking service that has a row for each epoch, and does not know the second one."""

    def __init__(self):
        self.row = 10

    def epoch_ended(self, *, step, epoch):
        self.row = None if epoch == 1 else 10 + 2 * epoch


def draw(tracker, *, branch=None, **when):
    """300 resets of a randomised environment."""
    rng = np.random.default_rng(when["step"])
    offset = np.where(rng.random((300, 2)) < 0.01, np.nan, rng.normal(size=(300, 2)))
    columns = {
        "friction": rng.uniform(0.5, 1.5, 300).astype(np.float32),
        "offset": offset,
        "lanes": rng.integers(2, 5, 300),
    }
    tracker.record_draws({**columns, "surface": rng.choice(["ice", "mud"], 300)}, task="drawn", branch=branch, **when)


def main(folder: Path) -> None:
    ticks = itertools.count(1_790_000_000)
    env = {"max_steps": 100, "rows": ROWS, "noise": float("nan"), "k": "${seed}", "bad": "${nowhere}"}
    config = OmegaConf.create({"seed": 7, "env": env})
    job = {"name": "golden", "overrides": ["seed=7"], "config": config}
    tracker = Tracker(
        folder, run="golden", job=job, curriculum="staged", clock=lambda: next(ticks) + 0.25, sinks=(Service(),)
    )
    tracker._out.journal.append(Link(next(ticks), "wandb", "abc123", "project", mode="offline"), time=next(ticks))
    tracker._out.journal.append(Concurrent("0" * 12, next(ticks)), time=next(ticks))
    for slot in range(2):
        tracker.record(config.env, step=slot, epoch=0, task="easy", slot=slot, requested_at=0, cause=Cause("initial"))
    tracker.mix({"easy": 0.75, "hard": 0.25}, step=8, epoch=0)
    tracker.end_episode(reward=1.5, length=8, task="easy")
    tracker.end_episode(reward=0.5, length=4, task="easy")
    tracker.end_epoch(step=9, epoch=0)
    tracker._out.journal.rotate_at = 1  # the segment is sealed after the next record
    config.env.max_steps = 200
    cause = Cause("curriculum", metric="success", value=0.8125, threshold=0.8, note="a note")
    tracker.record(config.env, step=64, epoch=1, episode=3, task="hard", slot=1, requested_at=60, cause=cause)
    tracker._out.journal.rotate_at = 1 << 20
    tracker.record({"$dollar": None, "a/b": {"c.d": [1, 1.0, True, -0.0]}, "fn": print}, step=70, epoch=1, slot=0)
    tracker.record({"$dollar": None, "a/b": {"c.d": [1, 1.0, True, 0.5]}, "fn": print}, step=80, epoch=1, slot=0)
    for level in range(70):  # from version 3 on: a sealed segment that continues the first
        tracker.record({"rows": ROWS, "level": level % 67, "wind": level / 8}, step=90 + level, epoch=2, slot=level % 3)
    tracker.state_draws({"friction": Uniform(0.5, 1.5)}, step=161, epoch=2, cause=Cause("schedule", note="wider"))
    draw(tracker, step=163, epoch=2)  # from version 4 on
    tracker.end_epoch(step=165, epoch=2, rewards={"hard": [0.25]})
    tracker._out.append(SlotEvent(165, next(ticks), "closed", (2,)))
    tracker._out.journal.rotate_at = 1
    tracker.request({"level": 3}, step=170, epoch=2, slot=1)
    tracker._out.journal.rotate_at = 1 << 20
    tracker.begin_phase("second stage")  # from version 4 on: the program counts anew
    tracker.record({"rows": ROWS, "level": 3, "wind": 0.375}, step=0, epoch=0, slot=1, task="again")
    draw(tracker, step=7, epoch=0, branch="replay")
    tracker.end_epoch(step=10, epoch=0)
    tracker.record({"rows": ROWS, "level": 4, "wind": 0.375}, step=5, epoch=1, slot=0)  # late, and in epoch 1
    tracker.record({"rows": ROWS, "level": 9, "wind": 0.5}, step=10, epoch=1, slot=tracker.begin_slot(3, role="eval"))
    tracker._out.append(SlotEvent(176, next(ticks), "died", worker=4))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)  # so that the last segment stays open, as after a kill
