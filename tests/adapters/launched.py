"""What multiruns of every launcher are asked, in the tests of more than one folder."""

import os
import subprocess
import sys

from apps import ON

APP = """
import os, signal
from pathlib import Path
import hydra
import envcfg

@hydra.main(config_path="conf", config_name="config", version_base="1.3")
def main(config):
    tracker = envcfg.tracker()
    for epoch in range(4):
        tracker.record({"level": epoch, "seed": config.seed}, step=epoch * 10, epoch=epoch)
        if epoch == 2 and config.ending == "fail":
            raise RuntimeError("as asked")
        if epoch == 2 and config.ending == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if epoch == 2 and config.ending == "wait":
            Path(config.at, "there").open("w").write(".")  # a named pipe, which the test reads
            Path(config.at, "go").open().read()  # until the test lets go of this one
    return float(config.seed)

if __name__ == "__main__":
    main()
"""


def app(folder):
    (folder / "conf").mkdir()
    (folder / "conf" / "config.yaml").write_text("seed: 0\nending: well\nat: .\n")
    (folder / "train.py").write_text(APP)
    return folder / "train.py"


def command(path, *overrides):
    return [sys.executable, str(path), "-m", ON, "hydra.sweep.dir=sweep", *overrides]


def multirun(path, *overrides, check=False):
    """A multirun in the folder of the app, to its end."""
    environment = {**os.environ, "WANDB_MODE": "offline", "WANDB_DATA_DIR": str(path.parent / "data")}
    return subprocess.run(
        command(path, *overrides), cwd=path.parent, env=environment, capture_output=True, text=True, check=check
    )


def levels(history):
    return [history.config(adoption.record.config)["level"] for adoption in history.adoptions]
