"""Wherever and however a loop logs, its reward is placed where it was earned, and its rows are as without envcfg.

All loops of one ending run side by side in one process, with the real client offline.
"""

import itertools
import os
import subprocess
import sys
import time

import pytest

from envcfg import load
from envcfg.sources.metrics import metric
from envcfg.sources.wandb.log import read_log

ORDERS = ("log first", "end first", "twice", "without commit", "from a thread")
MODES = ("implicit", "epoch", "env")
EVERY = (1, 4)
CELLS = list(itertools.product(ORDERS, MODES, EVERY))
EPOCHS, STEPS = 12, 1000
CHANGE = EPOCHS // 2 * STEPS

LOOPS = """
import sys, threading
import wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

IS_ON, ENDING, CELLS = sys.argv[1] == "on", sys.argv[2], eval(sys.argv[3])
EPOCHS, STEPS = map(int, sys.argv[4:])

def loop(number, order, mode, every):
    settings = wandb.Settings(console="off", silent=True, x_disable_stats=True, x_disable_machine_info=True)
    run = wandb.init(project="p", id=f"cell-{number}", dir=f"cell-{number}", settings=settings, reinit="create_new")
    sinks = wandb_sinks(run=run, artifact_gap=1e9) if IS_ON else ()
    tracker = Tracker(f"cell-{number}/envcfg", run=f"cell-{number}", sinks=sinks, strict=True)
    for epoch in range(EPOCHS):
        hard = epoch >= EPOCHS // 2
        for slot in range(2):
            config = {"max_steps": 200 if hard else 100}
            tracker.record(config, step=epoch * STEPS + slot, epoch=epoch, slot=slot)
        step = (epoch + 1) * STEPS - 1
        where = {"implicit": {}, "epoch": {"step": epoch + 3}, "env": {"step": step}}[mode]
        row = {"reward": 0.2 if hard else 0.9}

        def log():
            if epoch % every != every - 1:
                return
            if order == "without commit":
                run.log({"loss": 1.0}, commit=False, **where)
                run.log(row, **where)
            elif order == "from a thread":
                thread = threading.Thread(target=run.log, args=(row,), kwargs=where)
                thread.start()
                thread.join()
            else:
                run.log(row, **where)

        if order in ("log first", "twice", "without commit"):
            log()
        tracker.end_epoch(step=step, epoch=epoch)
        if order in ("end first", "twice", "from a thread"):
            log()
    if ENDING == "finished":
        tracker.close()
        run.finish()

for number, cell in enumerate(CELLS):
    loop(number, *cell)
print("ready", flush=True)
if ENDING == "killed":
    sys.stdin.read()
"""


def started(folder, switch, ending):
    folder.mkdir()
    for number in range(len(CELLS)):
        (folder / f"cell-{number}").mkdir()
    environment = {**os.environ, "WANDB_MODE": "offline", "WANDB_X_TRANSACTION_LOG_FLUSH_INTERVAL": "0.1"}
    environment |= {name: str(folder / name) for name in ("WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR")}
    arguments = [switch, ending, repr(CELLS), str(EPOCHS), str(STEPS)]
    return subprocess.Popen(
        [sys.executable, "-c", LOOPS, *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def log_of(folder, number):
    (path,) = (folder / f"cell-{number}").glob("wandb/offline-run-*/run-*.wandb")
    return read_log(path)


def ended(folder, switch):
    with started(folder, switch, "finished") as program:
        assert program.wait() == 0
    return folder


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    return ended(tmp_path_factory.mktemp("loops") / "on", "on")


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    return ended(tmp_path_factory.mktemp("loops") / "off", "off")


@pytest.fixture(scope="module")
def killed(tmp_path_factory, without):
    """The program is killed as soon as its rows are on the disk. An open row is lost, as without envcfg."""
    folder = tmp_path_factory.mktemp("loops") / "killed"
    wanted = [len(log_of(without, number).rows) - 1 for number in range(len(CELLS))]
    with started(folder, "on", "killed") as program:
        assert program.stdout.readline() == "ready\n"
        deadline = time.monotonic() + 120
        while any(len(log_of(folder, number).rows) < rows for number, rows in enumerate(wanted)):
            assert time.monotonic() < deadline
        program.kill()
    return folder


def theirs(row):
    clocks = ("_timestamp", "_runtime", "_wandb")
    return {
        key: value for key, value in row.items() if not key.startswith(("env/", "env_config", "curriculum", *clocks))
    }


@pytest.mark.parametrize("number", range(len(CELLS)), ids=[" ".join(map(str, cell)) for cell in CELLS])
@pytest.mark.parametrize("ending", ["finished", "killed"])
def test_the_reward_falls_after_the_change_and_within_one_interval(request, ending, number):
    folder = request.getfixturevalue(ending) / f"cell-{number}"
    series = metric(load(folder), "reward")
    fall = next((step for step, value in zip(series.steps, series.values, strict=True) if value < 0.5), None)
    before = [step for step, value in zip(series.steps, series.values, strict=True) if value > 0.5]
    if fall is not None or ending == "finished":
        assert CHANGE < fall <= CHANGE + STEPS * CELLS[number][2]
    assert max(before, default=0) < CHANGE
    assert series.axis == "env_config/step"


@pytest.mark.parametrize("number", range(len(CELLS)), ids=[" ".join(map(str, cell)) for cell in CELLS])
def test_every_row_of_the_trainer_is_as_without_envcfg_and_there_is_no_other(finished, without, number):
    on, off = (list(map(theirs, log_of(folder, number).rows)) for folder in (finished, without))
    assert off
    assert on == off
