"""PyTorch Lightning's own W&B logger: its rows are as without envcfg, and its reward is placed where it was earned."""

import os
import subprocess
import sys

import pytest

from envcfg import load
from envcfg.sources.metrics import metric
from envcfg.sources.wandb.log import read_log

pytest.importorskip("lightning")

EPOCHS, STEPS = 12, 1000
CHANGE = EPOCHS // 2 * STEPS

APP = """
import sys
import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.loggers import WandbLogger
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

IS_ON, EPOCHS, STEPS = sys.argv[1] == "on", int(sys.argv[2]), int(sys.argv[3])
torch.manual_seed(1)
logger = WandbLogger(project="p", id="run-1", offline=True, save_dir=".")
sinks = wandb_sinks(run=logger.experiment, artifact_gap=1e9) if IS_ON else ()
tracker = Tracker("envcfg", run="r", sinks=sinks, strict=True)

class Model(LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)

    def train_dataloader(self):
        return torch.utils.data.DataLoader(torch.ones(4, 1))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def on_train_epoch_start(self):
        self.hard = self.current_epoch >= EPOCHS // 2
        tracker.record({"max_steps": 200 if self.hard else 100}, step=self.current_epoch * STEPS)

    def training_step(self, batch, index):
        self.log("loss", loss := self.layer(batch).mean(), on_step=True)
        self.log("reward", 0.2 if self.hard else 0.9, on_step=False, on_epoch=True)
        return loss

    def on_train_epoch_end(self):
        tracker.end_epoch(step=(self.current_epoch + 1) * STEPS - 1, epoch=self.current_epoch)

quiet = dict(enable_progress_bar=False, enable_model_summary=False, enable_checkpointing=False, accelerator="cpu")
Trainer(max_epochs=EPOCHS, logger=logger, log_every_n_steps=2, **quiet).fit(Model())
tracker.close()
logger.experiment.finish()
"""


def trained(folder, switch):
    folder.mkdir()
    places = {f"WANDB_{name}_DIR": str(folder / name) for name in ("DATA", "CACHE", "CONFIG")}
    env = {**os.environ, "OMP_NUM_THREADS": "1", "WANDB_SILENT": "true", "WANDB_MODE": "offline", **places}
    command = [sys.executable, "-c", APP, switch, str(EPOCHS), str(STEPS)]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (path,) = folder.glob("wandb/offline-run-*/run-*.wandb")
    ours = ("env/", "env_config", "curriculum", "_timestamp", "_runtime", "_wandb")
    rows = [{key: value for key, value in row.items() if not key.startswith(ours)} for row in read_log(path).rows]
    return rows, done.stderr


def test_the_rows_of_its_logger_stay_its_own_and_its_reward_is_placed(tmp_path):
    rows, said = trained(tmp_path / "on", "on")
    without, _ = trained(tmp_path / "off", "off")
    assert rows == without
    assert any("trainer/global_step" in row for row in rows)
    assert said.count("a row that your program logs says trainer/global_step=") == 1  # it counts updates
    series = metric(load(tmp_path / "on"), "reward")
    found = list(zip(series.steps, series.values, strict=True))
    assert len(found) == EPOCHS
    assert CHANGE <= next(step for step, value in found if value < 0.5) <= CHANGE + STEPS
    assert max(step for step, value in found if value > 0.5) < CHANGE
