"""PyTorch Lightning: its signal handlers, also those for Slurm, do what they do without envcfg."""

import itertools
import os
import stat

import pytest
from side_by_side import both, differences

from envcfg import load

pytest.importorskip("lightning")

APP = """
import os, signal
import hydra, torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.plugins.environments import SLURMEnvironment
import envcfg

class Model(LightningModule):
    def __init__(self, number):
        super().__init__()
        self.layer, self.number = torch.nn.Linear(1, 1), number

    def train_dataloader(self):
        return torch.utils.data.DataLoader(torch.ones(6, 1))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)

    def training_step(self, batch, index):
        envcfg.tracker().record({"level": index}, step=self.global_step)
        print("batch", index, flush=True)
        if index == 2:
            os.kill(os.getpid(), signal.Signals[self.number])
        return self.layer(batch).mean()

@hydra.main(config_path=None, version_base="1.3")
def main(config):
    if config.own:
        signal.signal(signal.SIGTERM, lambda *_: print("theirs", flush=True))
    torch.manual_seed(1)
    plugins = [SLURMEnvironment(auto_requeue=True)] if config.slurm else []
    quiet = dict(logger=False, enable_progress_bar=False, enable_model_summary=False, accelerator="cpu")
    trainer = Trainer(max_epochs=2, plugins=plugins, default_root_dir="out", **quiet)
    try:
        trainer.fit(Model(config.number))
    finally:
        print("ended", trainer.global_step, trainer.received_sigterm, signal.getsignal(signal.SIGTERM).__class__)

if __name__ == "__main__":
    main()
"""
SLURM = {"SLURM_JOB_ID": "7", "SLURM_JOB_NAME": "train", "SLURM_NTASKS": "1"}
SLURM |= dict.fromkeys(("SLURM_PROCID", "SLURM_LOCALID", "SLURM_NODEID"), "0")
REQUEUE = '#!/bin/sh\necho "scontrol $*"\n'


CASES = [("SIGTERM", *case) for case in itertools.product(("false", "true"), repeat=2)]
CASES += [("SIGUSR1", "false", "false"), ("SIGUSR1", "true", "true")]


@pytest.mark.parametrize(("number", "slurm", "own"), CASES)
def test_a_signal_does_what_it_does_without_envcfg(tmp_path, number, slurm, own, compared):
    (tmp_path / "train.py").write_text(APP)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "scontrol").write_text(REQUEUE)
    (tmp_path / "bin" / "scontrol").chmod(stat.S_IRWXU)
    env = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}", **(SLURM if slurm == "true" else {})}
    asked = [f"+number={number}", f"+slurm={slurm}", f"+own={own}", "hydra.run.dir=out"]
    without, recorded = both(tmp_path, [str(tmp_path / "train.py"), *asked], env=env)
    found = compared(f"Lightning, {number}, slurm={slurm}, own={own}", "lightning", differences(without, recorded))
    assert not any(found.values()), (found, without, recorded)
    assert b"batch 2" in without.stdout
    assert (b"scontrol requeue 7" in without.stdout) == (slurm == "true" and number == "SIGUSR1")
    assert len(load(tmp_path / "run" / "out").adoptions) >= 3
