"""One training logs its reward to W&B, TensorBoard, MLflow, Trackio and CSV: each of them gives the same curve."""

import json
import os
import subprocess
import sys

import pytest

for library in ("wandb", "tensorboard", "mlflow", "trackio"):
    pytest.importorskip(library)

EPOCHS, STEPS = 12, 1000
CHANGE = EPOCHS // 2 * STEPS

PROGRAM = """
import csv, sys, time
import mlflow, trackio, wandb
from torch.utils.tensorboard import SummaryWriter
from envcfg import Tracker
from envcfg.sinks import wandb_sinks

EPOCHS, STEPS = map(int, sys.argv[1:])
run = wandb.init(project="p", id="run-1", settings=wandb.Settings(console="off", silent=True))
board = SummaryWriter("board")
mlflow.set_tracking_uri("sqlite:///mlflow.db")
mlflow.start_run()
of_trackio = trackio.init("p", "one", embed=False, auto_log_gpu=False, auto_log_cpu=False)
file = open("progress.csv", "w", newline="")
table = csv.DictWriter(file, ["global_step", "reward"])
table.writeheader()
with Tracker("envcfg", run="r", sinks=wandb_sinks(run=run, artifact_gap=1e9), strict=True) as tracker:
    for epoch in range(EPOCHS):
        hard = epoch >= EPOCHS // 2
        tracker.record({"max_steps": 200 if hard else 100}, step=epoch * STEPS, epoch=epoch)
        step, reward = (epoch + 1) * STEPS, 0.25 if hard else 0.75
        time.sleep(0.02)
        tracker.end_epoch(step=step, epoch=epoch)
        run.log({"reward": reward})
        board.add_scalar("reward", reward, step)
        mlflow.log_metric("reward", reward, step=step)
        of_trackio.log({"reward": reward}, step=step)
        table.writerow({"global_step": step, "reward": reward})
board.close()
file.close()
of_trackio.finish()
mlflow.end_run()
run.finish()
"""
READER = """
import json, sys
from envcfg import load
from envcfg.sources.metrics import metric
found = {}
for place in sys.argv[1:]:
    series = metric(load(".", metrics=[place] if place != "W&B" else ()), "reward")
    found[place] = [series.axis, series.is_checked, series.steps, series.values]
print(json.dumps(found))
"""
PLACES = ["W&B", "board", "mlflow:sqlite:///mlflow.db", "trackio:p/one", "progress.csv"]


@pytest.fixture(scope="module")
def curves(tmp_path_factory):
    folder = tmp_path_factory.mktemp("curves")
    places = {f"WANDB_{name}_DIR": str(folder / name) for name in ("DATA", "CACHE", "CONFIG")}
    env = {**os.environ, **places, "WANDB_MODE": "offline", "TRACKIO_DIR": str(folder / "trackio")}
    env |= {"OMP_NUM_THREADS": "1", "HOME": str(folder)}
    train = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(EPOCHS), str(STEPS)]
    subprocess.run(train, cwd=folder, env=env, check=True, capture_output=True, text=True)
    read = [sys.executable, "-W", "ignore", "-c", READER, *PLACES]
    return json.loads(subprocess.run(read, cwd=folder, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout)


@pytest.mark.parametrize("place", PLACES)
def test_the_same_run_gives_the_same_curve_wherever_it_is_read(curves, place):
    axis, is_checked, steps, values = curves[place]
    assert steps == [(epoch + 1) * STEPS for epoch in range(EPOCHS)], axis
    assert values == [0.75] * (EPOCHS // 2) + [0.25] * (EPOCHS // 2)
    assert is_checked
