"""Seeded series and runs for the tests of effects."""

import math
import random
from pathlib import Path

import envcfg
from envcfg import Cause, Tracker
from envcfg.history.metrics import Series

BIN = 100
"""Steps from one value of a metric to the next."""


def autoregressive(count: int, *, rho: float = 0.0, seed: int = 0) -> list[float]:
    """AR(1) of variance one."""
    draw = random.Random(seed)
    values = [draw.gauss(0, 1)]
    while len(values) < count:
        values.append(rho * values[-1] + math.sqrt(1 - rho * rho) * draw.gauss(0, 1))
    return values


def series(values, name: str = "score") -> Series:
    """A metric that was logged every `BIN` steps."""
    steps = tuple(float((index + 1) * BIN) for index in range(len(values)))
    return Series(name, "step", steps, tuple(map(float, values)), (None,) * len(steps))


def run(folder: Path, changes: dict[int, dict], *, cause: Cause | None = None, slots: int = 1) -> envcfg.History:
    """A recorded run that adopts *changes*, bin -> config; the first is what it begins with."""
    with Tracker(folder, run="made") as tracker:
        for index, config in changes.items():
            for slot in range(slots):
                tracker.record(config, step=index * BIN, slot=slot, task="t", cause=cause if index else None)
    return envcfg.load(folder)
