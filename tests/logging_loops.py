"""Small trainings whose loops log in many ways, with the real client of W&B: what the tests of placed rewards share."""

from typing import NamedTuple

import prepared

EPOCHS, STEPS = 12, 1000
CHANGE = EPOCHS // 2 * STEPS
"""The step from which on the environment is hard: the reward falls from 0.9 to 0.2."""
ORDERS = ("log first", "end first", "twice", "without commit", "from a thread")
MODES = ("implicit", "epoch", "env")


class Loop(NamedTuple):
    """One training, or a part of one. *how* are more arguments of `wandb.init`."""

    name: str
    order: str
    mode: str
    every: int = 1
    epochs: tuple = (0, EPOCHS)
    how: tuple = ()


PROGRAM = """
import os, signal, sys, threading, time
from pathlib import Path
import wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks
from envcfg.sources.wandb.log import read_log

IS_ON, IS_KILLED, LOOPS = sys.argv[1] == "on", sys.argv[2] == "killed", eval(sys.argv[3])
EPOCHS, STEPS = map(int, sys.argv[4:])
QUIET = {"console": "off", "silent": True, "x_disable_stats": True, "x_disable_machine_info": True}
SOON = {"x_file_stream_transmit_interval": 1, "x_transaction_log_flush_interval": 0.1}
kept = []

def train(name, order, mode, every, epochs, how):
    os.makedirs(name, exist_ok=True)
    where = {"project": "p", "id": name, "dir": name, "reinit": "create_new", **dict(how)}
    run = wandb.init(settings=wandb.Settings(**QUIET, **SOON), **where)
    if mode in ("trainer", "updates"):  # as Lightning's WandbLogger does
        run.define_metric("trainer/global_step")
        run.define_metric("*", step_metric="trainer/global_step", step_sync=True)
    if mode == "tensorboard":
        from tensorboardX import SummaryWriter
        writer = SummaryWriter("events")
    sinks = wandb_sinks(run=run, artifact_gap=1e9 if run.offline else 0.0) if IS_ON else ()
    tracker = Tracker(f"{name}/envcfg", run=name, sinks=sinks, strict=True)
    steps = []
    for epoch in range(*epochs):
        hard = epoch >= EPOCHS // 2
        for slot in range(2):
            config = {"max_steps": 200 if hard else 100}
            tracker.record(config, step=epoch * STEPS + slot, epoch=epoch, slot=slot)
        step = (epoch + 1) * STEPS - 1
        where = {"epoch": {"step": epoch + 3}, "env": {"step": step}}.get(mode, {})
        more = {"trainer": {"trainer/global_step": step}, "updates": {"trainer/global_step": epoch * 4}}.get(mode, {})
        row = {"reward": 0.2 if hard else 0.9, **more}

        def log():
            if epoch % every != every - 1:
                return
            steps.append(where.get("step", len(steps)))
            if mode == "tensorboard":
                writer.add_scalar("reward", row["reward"], step)
                writer.flush()
            elif order == "without commit":
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
    if mode == "tensorboard":
        writer.close()
    if IS_KILLED:
        kept.append((run, len(set(steps)) - ("step" in where)))  # a row with a step is open until the next one
    else:
        tracker.close()
        run.finish()

def is_written(run, rows):
    if not run.offline:
        return len(list(wandb.Api().run(run.path).scan_history())) >= rows
    (log,) = Path(run.dir).parent.glob("*.wandb")
    return len(read_log(log).rows) >= rows

for loop in LOOPS:
    train(*loop)
if IS_KILLED:
    deadline = time.monotonic() + 120
    while not all(is_written(*each) for each in kept):
        assert time.monotonic() < deadline
    os.kill(os.getpid(), signal.SIGKILL)
"""


def train(loops, folder, variables, *, switch, is_killed=False):
    """What a process says on stderr that runs *loops* in *folder*, with envcfg "on" or "off"."""
    folder.mkdir(exist_ok=True, parents=True)
    ending = "killed" if is_killed else "finished"
    arguments = [switch, ending, repr(list(map(tuple, loops))), EPOCHS, STEPS]
    done = prepared.run(["-c", PROGRAM, *arguments], cwd=folder, env=variables, imports=prepared.WANDB)
    assert done.returncode == (-9 if is_killed else 0), done.stderr
    return done.stderr


def theirs(row):
    """The values of a row that are the trainer's."""
    ours = ("env/", "env_config", "curriculum", "_timestamp", "_runtime", "_wandb")
    return {key: value for key, value in row.items() if not key.startswith(ours)}


def check_fall(steps, values, every=1):
    """The reward falls after the change and within one interval, and the rows are in order."""
    pairs = list(zip(steps, values, strict=True))
    assert CHANGE < next(step for step, value in pairs if value < 0.5) <= CHANGE + STEPS * every
    assert max((step for step, value in pairs if value > 0.5), default=0) < CHANGE
    assert list(steps) == sorted(steps)
