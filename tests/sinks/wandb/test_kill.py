"""Real jobs with the real W&B client are killed with SIGKILL at random moments: acknowledged records arrive."""

import json
import os

import prepared
import pytest
from wandb_server.server import WandbServer

from envcfg import load

MOMENTS = 20
FLUSHED = {"WANDB_X_TRANSACTION_LOG_FLUSH_INTERVAL": "0.1"}

SUPERVISOR = """
import json, os, random, signal, sys
from pathlib import Path
import wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

MODE, MOMENTS = sys.argv[1], int(sys.argv[2])
IS_CHAIN = MODE == "online"  # online, one run is killed and resumed; offline, each job is a separate run

def train(job, first, acknowledge):
    settings = wandb.Settings(console="off", x_disable_meta=True, x_disable_stats=True)
    run = wandb.init(project="p", id="run" if IS_CHAIN else f"run-{job}", resume="allow", settings=settings)
    log = next(Path(run.dir).parent.glob("run-*.wandb"), None)
    folder = "envcfg" if IS_CHAIN else f"envcfg-{job}"
    tracker = Tracker(folder, run=folder, sinks=wandb_sinks(artifact_gap=0.0), strict=True, segment_bytes=8_000)
    while not IS_CHAIN and b"envcfg/r0-w0-000001.jsonl" not in log.read_bytes():
        pass  # W&B writes its log half a second late; a run that dies before has only the journal
    step = first
    while True:
        tracker.record({"level": step, "rows": [[0] * 5] * 5}, step=step, epoch=step // 5, task=f"t{step % 7}")
        os.write(acknowledge, f"{step} ".encode())
        if step % 5 == 4:
            tracker.end_epoch(step=step, epoch=step // 5)
            run.log({"reward": step})
        step += 1

draw, first = random.Random(20), 0
for job in range(MOMENTS):
    output, acknowledge = os.pipe()
    child = os.fork()
    if child == 0:
        train(job, first, acknowledge)
    os.close(acknowledge)
    heard = b""
    while heard.count(b" ") < draw.randint(1, 120):
        if not (more := os.read(output, 64)):
            sys.exit(f"job {job} died by itself")
        heard += more
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    while more := os.read(output, 4096):
        heard += more
    steps = [int(step) for step in heard.split()]
    print(json.dumps([status, steps]), flush=True)
    first = steps[-1] + 1 if IS_CHAIN else 0
"""

RESUMED = """
import sys, wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks
run = wandb.init(project="p", id="run", resume="allow", settings=wandb.Settings(console="off"))
with Tracker("envcfg", run="envcfg", sinks=wandb_sinks(artifact_gap=0.0)) as tracker:
    tracker.record({"level": -1}, step=int(sys.argv[1]), epoch=0)
run.finish()
"""


@pytest.fixture
def server():
    with WandbServer() as server:
        yield server


def started(server, folder, *command, **variables):
    environment = {**os.environ, **server.environment(folder), "WANDB_SILENT": "true", **FLUSHED, **variables}
    done = prepared.run(command, cwd=folder, env=environment, imports=prepared.WANDB)
    assert done.returncode == 0, done.stderr
    return done.stdout


def killed(server, folder, mode):
    """The steps that each job had acknowledged when it was killed."""
    said = started(server, folder, "-c", SUPERVISOR, mode, str(MOMENTS), WANDB_MODE=mode)
    jobs = [json.loads(line) for line in said.splitlines()]
    assert [status for status, _ in jobs] == [9] * MOMENTS
    return [steps for _, steps in jobs]


def kept(folder, files):
    """The journal that the server received."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return load(folder)


def test_a_run_killed_and_resumed_twenty_times_misses_no_record(server, tmp_path):
    steps = [step for job in killed(server, tmp_path, "online") for step in job]
    started(server, tmp_path, "-c", RESUMED, str(steps[-1] + 1))
    (collection,) = server.artifacts.collections.values()
    last = collection.find("final")
    history = kept(tmp_path / "arrived", {n: collection.files[e["digest"]] for n, e in last.contents.items()})
    assert set(steps) <= {adoption.record.step for adoption in history.adoptions}
    assert all(history.at(step)["level"] == step for step in steps)
    assert history.sessions == MOMENTS + 1
    assert last.contents.keys() == {path.name for path in (tmp_path / "envcfg").iterdir()} | {"manifest.json"}


def test_a_sync_uploads_every_record_of_twenty_killed_offline_runs(server, tmp_path):
    jobs = killed(server, tmp_path, "offline")
    folders = sorted(str(path) for path in tmp_path.glob("wandb/offline-run-*"))
    started(server, tmp_path, "-m", "wandb", "sync", *folders)
    for job, steps in enumerate(jobs):
        files = server.run("acme", "p", f"run-{job}").files
        ours = {name.removeprefix("envcfg/"): files[name] for name in files if name.startswith("envcfg/")}
        history = kept(tmp_path / f"arrived-{job}", ours)
        assert {adoption.record.step for adoption in history.adoptions} >= set(steps)
