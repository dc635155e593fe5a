"""Seeded series and runs for the tests of effects."""

import json
import math
import random
from pathlib import Path

import envcfg
from envcfg import Cause, Tracker
from envcfg.sources.series import Series
from envcfg.sources.wandb.log import packed, record_type

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


def log(folder: Path, *metrics: Series) -> None:
    """Metrics as the rows of an offline W&B run in *folder*, beside a journal there."""
    rows: dict[float, dict[str, float]] = {}
    for metric in metrics:
        for step, value in zip(metric.steps, metric.values, strict=True):
            rows.setdefault(step, {"step": step})[metric.name] = value
    records = []
    for number, row in enumerate(rows.values()):
        record = record_type()()
        record.history.step.num = number
        for name, value in row.items():
            record.history.item.add(key=name, value_json=json.dumps(value))
        records.append(record.SerializeToString())
    place = folder / "wandb" / "offline-run-1"
    place.mkdir(parents=True)
    (place / "run-1.wandb").write_bytes(packed(records))
