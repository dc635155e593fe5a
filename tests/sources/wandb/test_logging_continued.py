"""A run that is resumed or rewound, or whose rows another library writes: rewards are placed where they were earned.

Each program runs with the real client against a server on the loopback interface, once with envcfg and once without.
"""

import json

import pytest
from wandb_server.apps import run_python
from wandb_server.server import WandbServer

from envcfg import load
from envcfg.sources.metrics import metric

EPOCHS, STEPS = 12, 1000
CHANGE = EPOCHS // 2 * STEPS

PROGRAM = """
import sys, wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

IS_ON, RUN, MODE = sys.argv[1] == "on", eval(sys.argv[2]), sys.argv[3]
FIRST, LAST, EPOCHS, STEPS = map(int, sys.argv[4:])
settings = wandb.Settings(console="off", x_disable_stats=True, x_disable_machine_info=True)
run = wandb.init(project="p", settings=settings, **RUN)
if MODE == "tensorboard":
    from tensorboardX import SummaryWriter
    writer = SummaryWriter("board")
if MODE.startswith("lightning"):  # as its WandbLogger does
    run.define_metric("trainer/global_step")
    run.define_metric("*", step_metric="trainer/global_step", step_sync=True)
sinks = wandb_sinks(run=run, artifact_gap=0.0) if IS_ON else ()
tracker = Tracker("envcfg", run="r", sinks=sinks, strict=True)
for epoch in range(FIRST, LAST):
    hard = epoch >= EPOCHS // 2
    for slot in range(2):
        tracker.record({"max_steps": 200 if hard else 100}, step=epoch * STEPS + slot, epoch=epoch, slot=slot)
    step = (epoch + 1) * STEPS - 1
    row = {"reward": 0.2 if hard else 0.9}
    before, after = MODE.endswith("first"), not MODE.endswith("first")

    def log():
        if MODE == "tensorboard":
            writer.add_scalar("reward", row["reward"], step)
            writer.flush()
        elif MODE == "lightning, updates":
            run.log({**row, "trainer/global_step": epoch * 4})
        elif MODE.startswith("lightning"):
            run.log({**row, "trainer/global_step": step})
        elif MODE.startswith("explicit"):
            run.log(row, step=step)
        else:
            run.log(row)

    if before:
        log()
    tracker.end_epoch(step=step, epoch=epoch)
    if after:
        log()
if MODE == "tensorboard":
    writer.close()
tracker.close()
run.finish()
"""
READER = """
import json
from envcfg import load
from envcfg.sources.metrics import metric
series = metric(load("acme/p/run-1"), NAME)
print(json.dumps([series.axis, series.steps, series.values]))
"""
MODES = ["implicit, log first", "implicit", "explicit, log first", "explicit"]
RESUMES = [{"resume": "must"}, {"resume": "allow"}]
UPDATES = "lightning, updates"
LOGGERS = ["tensorboard", "lightning, log first", "lightning", UPDATES]
"""Who writes the rows, and when."""
DISAGREES = "a row that your program logs says trainer/global_step=16, but the run is at step 4,999"


def program(server, folder, switch, epochs, *, mode, **how):
    arguments = [switch, repr({"id": "run-1", **how}), mode, epochs.start, epochs.stop, EPOCHS, STEPS]
    said = DISAGREES if (switch, mode) == ("on", UPDATES) else ""
    run_python(server, folder, PROGRAM, *map(str, arguments), stderr=said)


def trained(folder, switch, mode, again=None, at=0):
    """The trainer's rows, and its reward as the folder and as the server have it."""
    folder.mkdir()
    how = {"sync_tensorboard": True} if mode == "tensorboard" else {}
    with WandbServer() as server:
        program(server, folder, switch, range(8 if again else EPOCHS), mode=mode, **how)
        if again:
            program(server, folder, switch, range(at, EPOCHS), mode=mode, **how, **again)
        run = server.run("acme", "p", "run-1")
        rows = [theirs(row) for row in run.rows]
        assert (server.errors, dict(server.unknown)) == ([], {})
        if switch == "off":
            return rows, None
        name = next(name for name in run.rows[-1] if name.endswith("reward"))
        return rows, json.loads(run_python(server, folder, READER.replace("NAME", repr(name))))


def theirs(row):
    ours = ("env/", "env_config", "curriculum", "_timestamp", "_runtime", "_wandb")
    return {key: value for key, value in row.items() if not key.startswith(ours)}


def checked(found):
    """The reward falls within one epoch after the change, and none of it before."""
    axis, steps, values = found
    assert len(steps) >= EPOCHS - 1
    assert CHANGE < next(step for step, value in zip(steps, values, strict=True) if value < 0.5) <= CHANGE + STEPS
    assert max(step for step, value in zip(steps, values, strict=True) if value > 0.5) < CHANGE
    assert list(steps) == sorted(steps)
    return axis


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("again", RESUMES, ids=lambda again: again["resume"])
def test_a_run_that_was_resumed_keeps_its_rows_and_the_place_of_its_reward(tmp_path, again, mode):
    rows, found = trained(tmp_path / "on", "on", mode, again, at=8)
    without, _ = trained(tmp_path / "off", "off", mode, again, at=8)
    assert rows == without
    assert checked(found) == "env_config/step"


@pytest.mark.parametrize("mode", MODES)
def test_a_run_that_was_rewound_keeps_its_rows_and_the_place_of_its_reward(tmp_path, mode):
    last = 4 if mode.startswith("implicit") else 5 * STEPS - 1
    again = {"id": None, "resume_from": f"run-1?_step={last}"}
    rows, found = trained(tmp_path / "on", "on", mode, again, at=5)
    without, _ = trained(tmp_path / "off", "off", mode, again, at=5)
    assert rows == without
    assert checked(found) == "env_config/step"


@pytest.mark.parametrize("mode", LOGGERS)
def test_rows_that_another_library_writes_stay_its_own_and_are_placed(tmp_path, mode):
    if mode == "tensorboard":
        pytest.importorskip("tensorboard", reason="W&B's client needs it for sync_tensorboard")
    rows, found = trained(tmp_path / "on", "on", mode)
    without, _ = trained(tmp_path / "off", "off", mode)
    assert rows == without
    assert checked(found) == ("global_step" if mode == "tensorboard" else "env_config/step")
    assert metric(load(tmp_path / "on")).steps == tuple(found[1])
