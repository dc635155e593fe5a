"""Checks of multiruns with any launcher, for the tests of several folders."""

import contextlib
import os
import subprocess
import sys

import prepared
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
        seen = Path(config.at, f"seen-{config.seed}")
        if epoch != 2 or seen.exists() or config.ending == "well":
            continue
        seen.touch()  # its first start only
        if config.ending.startswith("SIG"):
            os.kill(os.getpid(), signal.Signals[config.ending])
        if config.ending in ("wait", "kill"):
            Path(config.at, "there").open("w").write(".")  # a named pipe, which the test reads
            os.read(os.open(Path(config.at, "go"), os.O_RDONLY), 1)  # until the test lets one job continue
        if config.ending == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
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


def demo(*launcher):
    """A multirun of the demo."""
    sized = ["env=cartpole", "preset=tiny", "trainer.epochs=4", "seed=0,1"]
    return [sys.executable, "-m", "envcfg.demo.train", "-m", *sized, ON, "hydra.sweep.dir=sweep", *launcher]


def is_whole(sweep):
    """Whether every job of the sweep has the history of the demo."""
    found = [(run.seed, run.history.status, run.history.last_epoch, len(run.history.adoptions.rows)) for run in sweep]
    return found == [(seed, "completed", 3, 16) for seed in (0, 1)] and not any(
        [sweep.losses, *(run.history.losses for run in sweep)]
    )


def multirun(path, *overrides, check=False):
    """Run a multirun in the folder of the app to its end."""
    return run(path.parent, command(path, *overrides), check=check)


@contextlib.contextmanager
def both_waiting(path, ending, *launcher):
    """Pause while two jobs of the app wait at the same point; then run the multirun to its end."""
    folder = path.parent
    for name in ("there", "go"):
        os.mkfifo(folder / name)
    there, go = (os.open(folder / name, os.O_RDWR) for name in ("there", "go"))  # both ends: nobody blocks in open
    jobs = command(path, "seed=0,1", f"ending={ending}", f"at={folder}", *launcher)
    quiet = {"stderr": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
    with subprocess.Popen(jobs, cwd=folder, env=offline(folder), **quiet) as running:
        assert os.read(there, 1) + os.read(there, 1) == b".."
        yield running
        os.write(go, b"..")


def run(folder, command, check=False):
    done = prepared.run(command[1:], cwd=folder, env=offline(folder), imports=prepared.DEMO)
    if check:
        done.check_returncode()
    return done


def offline(folder):
    return {**os.environ, "WANDB_MODE": "offline", "WANDB_DATA_DIR": str(folder / "data")}


def levels(history):
    return [history.config(adoption.record.config)["level"] for adoption in history.adoptions]
