"""Runs to draw: a sweep with many runs, and a run with hostile names."""

import random

import pytest
from hostile_run import record_hostile
from wandb_logs import write_log

from envcfg import Cause, Tracker, load, load_sweep


@pytest.fixture
def sweep(tmp_path):
    """Makes a sweep of runs that differ in when their level rises, and in how well they end."""

    def made(count, *, changes=3, groups=2):
        for number in range(count):
            folder = tmp_path / "sweep" / f"run-{number}"
            with Tracker(folder / "envcfg", run=f"sweep/run-{number}", curriculum=f"plan-{number % groups}") as tracker:
                for change in range(changes):
                    step = 100 * change + number % 7
                    tracker.record(
                        {"level": change, "mode": f"m{change % 3}"}, step=step, epoch=change, cause=Cause("schedule")
                    )
                tracker.end_epoch(step=100 * changes, epoch=changes)
            random_ = random.Random(number)
            write_log(
                folder,
                [{"step": step, "reward": number / count + random_.random()} for step in range(0, 100 * changes, 10)],
            )
        return load_sweep(tmp_path / "sweep" / f"run-{number}" for number in range(count))

    return made


@pytest.fixture
def hostile(tmp_path):
    return load(record_hostile(tmp_path))
