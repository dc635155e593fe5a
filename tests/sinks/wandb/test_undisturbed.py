"""With the real client, a trainer's rows, steps, summary, config and random numbers are the same without envcfg."""

import json
import os

import prepared
import pytest
from wandb_server.server import WandbServer

from envcfg.sources.wandb.log import read_log

TRAINER = """
import json, random, sys, wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

IS_ON, HOW, MODE = sys.argv[1] == "on", sys.argv[2], sys.argv[3]
random.seed(7)
options = {"mode": "shared", "x_primary": True, "x_label": "trainer"} if MODE == "shared" else {}
settings = wandb.Settings(console="off", **options)
run = wandb.init(project="p", id="run-1", config={"lr": 0.1, "env": {"size": 3}}, settings=settings)
run.define_metric("loss", step_metric="batch", summary="min")
tracker = Tracker("envcfg", run="r", sinks=wandb_sinks(artifact_gap=0.0) if IS_ON else (), strict=True)

def log(row, epoch):
    run.log(row, **({"step": epoch * 7} if "explicit" in HOW else {}))

for epoch in range(12):
    config = {"max_steps": 100 + epoch // 3, "mode": "dense"}
    tracker.record(config, step=epoch * 10, epoch=epoch, task=f"t{epoch // 3}")
    tracker.mix({"t0": 0.5 + epoch / 100, "t1": 0.5 - epoch / 100}, step=epoch * 10, epoch=epoch)
    rows = [{"loss": random.random(), "batch": epoch}, {"reward": epoch / 10}]
    if "two rows" in HOW:
        log(rows[0], epoch)
    if "after" in HOW:
        log(rows[1], epoch)
    tracker.end_epoch(step=epoch * 10 + 9, epoch=epoch)
    if "after" not in HOW:
        log(rows[1], epoch)
run.summary["best"] = random.random()
print(json.dumps(None if MODE == "shared" else run.step))
tracker.close()
run.finish()
"""

HOWS = [
    "implicit, before",
    "implicit, after",
    "implicit, before, two rows",
    "explicit, before",
    "explicit, after, two rows",
]
OURS = ("env/", "curriculum/", "env_config", "envcfg")
CLOCKS = ("_timestamp", "_runtime", "_wandb")


def theirs(row):
    return {key: value for key, value in row.items() if not key.startswith((*OURS, *CLOCKS))}


def trained(folder, mode, how, switch):
    """The trainer's own data in W&B, and its next step."""
    folder.mkdir()
    with WandbServer() as server:
        environment = {**os.environ, **server.environment(folder), "WANDB_MODE": mode}
        command = ["-c", TRAINER, switch, how, mode]
        done = prepared.run(command, cwd=folder, env=environment, imports=prepared.WANDB)
        assert (done.returncode, done.stderr) == (0, "")
        if mode == "offline":
            (path,) = folder.glob("wandb/offline-run-*/run-*.wandb")
            found = read_log(path)
        else:
            found = server.run("acme", "p", "run-1")
        is_published = any("env_config/epoch" in row for row in found.rows)
        rows = [theirs(row) for row in found.rows]
        summary = {key: value for key, value in theirs(found.summary).items() if key != "_step"}
        return is_published, [rows, summary, theirs(found.config), json.loads(done.stdout)]


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("mode", ["online", "offline"])
def test_a_trainer_logs_the_same_with_and_without_envcfg(tmp_path, mode, how):
    is_published, on = trained(tmp_path / "on", mode, how, "on")
    _, off = trained(tmp_path / "off", mode, how, "off")
    assert is_published
    assert len(off[0]) == (24 if how == "implicit, before, two rows" else 12)
    assert on == off


def test_in_shared_mode_a_trainer_logs_the_same_too(tmp_path):
    is_published, on = trained(tmp_path / "on", "shared", "implicit, before", "on")
    _, off = trained(tmp_path / "off", "shared", "implicit, before", "off")
    assert is_published
    assert on == off
