"""Where TensorBoard writes the rows of a W&B run, rows of our own change neither its rows nor those of the program."""

import itertools
import os
from concurrent.futures import ThreadPoolExecutor

import prepared
import pytest
from logging_loops import theirs

from envcfg.sinks.wandb.rows import HELD
from envcfg.sources.wandb.log import read_log

EPOCHS = HELD + 4
SAYS = {
    "nothing": (),
    "one row, uncommitted": (9,),
    "a row at last": (EPOCHS - 1,),
}
"""The epochs in which the program calls `log` itself."""

PROGRAM = """
import sys, wandb
from tensorboardX import SummaryWriter
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

IS_ON, EPOCHS, says, is_committed = sys.argv[1] == "on", int(sys.argv[2]), eval(sys.argv[3]), sys.argv[4] == "True"
settings = wandb.Settings(console="off", silent=True, x_disable_stats=True, x_disable_machine_info=True)
run = wandb.init(project="p", mode="offline", sync_tensorboard=True, settings=settings)
writer = SummaryWriter("events")
tracker = Tracker("envcfg", run="r", sinks=wandb_sinks(artifact_gap=1e9) if IS_ON else (), strict=True)
for epoch in range(EPOCHS):
    tracker.record({"max_steps": 100 + epoch // 3}, step=epoch * 10, epoch=epoch)
    writer.add_scalar("reward", epoch / 100, epoch * 10 + 9)
    writer.flush()
    if epoch in says:
        run.log({"loss": epoch}, **({} if is_committed else {"commit": False}))
    tracker.end_epoch(step=epoch * 10 + 9, epoch=epoch)
writer.close()
tracker.close()
run.finish()
"""


def trained(folder, name, switch):
    places = {f"WANDB_{place}DIR": str(folder / place) for place in ("", "DATA_", "CACHE_", "CONFIG_")}
    says = list(SAYS[name])
    arguments = ["-c", PROGRAM, switch, EPOCHS, repr(says), "uncommitted" not in name]
    done = prepared.run(list(map(str, arguments)), cwd=folder, env=os.environ | places, imports=prepared.WANDB)
    assert (done.returncode, done.stderr) == (0, "")
    (path,) = folder.rglob("run-*.wandb")
    return read_log(path).rows


def of(rows, key):
    """The rows with *key*, without what is ours and without their number, which counts all rows."""
    return [{name: value for name, value in theirs(row).items() if name != "_step"} for row in rows if key in row]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """The rows of each program, with envcfg and without it. The client waits for long, so all run at the same time."""
    cases = list(itertools.product(SAYS, ("on", "off")))
    with ThreadPoolExecutor(len(cases)) as threads:
        found = threads.map(lambda case: trained(tmp_path_factory.mktemp("run"), *case), cases)
        return dict(zip(cases, found, strict=True))


@pytest.mark.parametrize("name", SAYS)
def test_the_rows_of_tensorboard_and_of_the_program_are_the_same_with_and_without_envcfg(rows, name):
    on, off = rows[name, "on"], rows[name, "off"]
    assert len(of(off, "global_step")) == EPOCHS
    assert of(on, "reward") == of(off, "reward")
    assert [row["loss"] for row in on if "loss" in row] == [row["loss"] for row in off if "loss" in row]
    assert [row["_step"] for row in on] == [*range(len(on))]
    own = [row["env_config/epoch"] for row in on if theirs(row).keys() == {"_step"}]
    is_late = name == "a row at last"
    assert own == ([*range(EPOCHS - is_late)] if is_late or not SAYS[name] else [])
    assert len(on) == len(off) + len(own)
