"""A recorded app as a process: its output, its exit status and its files are those of the app without envcfg."""

import re

import pytest
from apps import CALLBACK, KEY, NO_WANDB, ON, hydra_yaml, run
from omegaconf import OmegaConf

from envcfg import load_sweep

APP = """
import json, logging
import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.utils import instantiate
import envcfg

@hydra.main(config_path="conf", config_name="config", version_base="1.3")
def main(config):
    trainer = instantiate(config.trainer)
    envcfg.tracker().record({"lr": trainer.lr}, step=0)
    logging.getLogger("app").warning("trained with %s", trainer.lr)
    print(json.dumps([list(config), trainer.lr, HydraConfig.get().job.override_dirname]))
    if trainer.lr > 1:
        raise ValueError("lr")

if __name__ == "__main__":
    main()
"""
CONFIG = "seed: 1\ntrainer:\n  _target_: trainers.Trainer\n  lr: 0.1\nlast: 2\n"
TRAINERS = """
class Trainer:
    def __init__(self, lr, epochs=2):
        self.lr, self.epochs = lr, epochs
"""
QUIET = [ON, NO_WANDB]
RERUN = "+hydra.callbacks.pickled._target_=hydra.experimental.callbacks.PickleJobInfoCallback"


@pytest.fixture
def train(tmp_path):
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "config.yaml").write_text(CONFIG)
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "trainers.py").write_text(TRAINERS)
    return tmp_path / "app.py"


def written(folder):
    """Each file that the app wrote, without the journals and what Hydra says of its own options."""
    found = {path.relative_to(folder): path for path in folder.rglob("*") if path.is_file()}
    return {
        str(name): re.sub(rb"^\[[-0-9 :,]+\]", b"", path.read_bytes(), flags=re.MULTILINE)
        for name, path in found.items()
        if "envcfg" not in name.parts and name.name not in ("hydra.yaml", "multirun.yaml")
    }


@pytest.mark.parametrize("lr", ["0.1", "2"])
def test_output_exit_status_and_files_are_the_same(train, lr):
    asked = [f"trainer.lr={lr}", "hydra.run.dir=out", "hydra.job_logging.formatters.simple.format='%(message)s'"]
    without = run(train, *asked)
    (train.parent / "out").rename(train.parent / "without")
    recorded = run(train, *QUIET, f"{CALLBACK}.save_interval=500", *asked)
    assert (recorded.stdout, recorded.stderr) == (without.stdout, without.stderr)
    assert recorded.returncode == without.returncode == (lr == "2")
    assert written(train.parent / "out") == written(train.parent / "without")
    assert hydra_yaml(train.parent / "out/.hydra/hydra.yaml") == hydra_yaml(train.parent / "without/.hydra/hydra.yaml")


@pytest.mark.parametrize("launcher", ["basic", "joblib", "submitit_local", "ray"])
@pytest.mark.parametrize("key", [f"{CALLBACK}.save_interval=500", f"{KEY}=500"])
def test_every_job_of_a_sweep_gets_and_writes_the_same_under_every_launcher(train, launcher, key):
    if launcher != "basic":
        pytest.importorskip(f"hydra_plugins.hydra_{launcher.partition('_')[0]}_launcher")
    asked = [f"hydra/launcher={launcher}", "trainer.lr=0.1,0.2", "hydra.sweep.dir=out"]
    asked += ["hydra.launcher.timeout_min=5"] if launcher == "submitit_local" else []
    asked += (
        ["hydra.sweep.subdir=lr-${trainer.lr}"]
        if key.startswith(KEY)
        else ["hydra.sweep.subdir=${hydra.job.override_dirname}"]
    )
    without = run(train, "-m", *asked)
    (train.parent / "out").rename(train.parent / "without")
    recorded = run(train, "-m", *QUIET, key, *asked)
    assert recorded.returncode == without.returncode == 0, recorded.stderr
    one, other = written(train.parent / "out"), written(train.parent / "without")
    differ = (".submitit",) if key.startswith("hydra.") else ("overrides.yaml", ".submitit")
    assert {name: text for name, text in one.items() if not any(part in name for part in differ)} == {
        name: text for name, text in other.items() if not any(part in name for part in differ)
    }
    assert len(load_sweep(train.parent / "out")) == 2


def test_a_job_that_was_pickled_can_be_run_again(train):
    done = run(train, *QUIET, f"{KEY}=500", RERUN, "hydra.run.dir=out")
    if "Error locating target" in done.stderr:
        pytest.skip("this Hydra pickles no jobs")
    again = run(train, "--experimental-rerun", "out/.hydra/config.pickle")
    assert (again.returncode, '[["seed", "trainer", "last"], 0.1' in again.stdout) == (0, True), again.stderr


def test_a_saved_config_can_be_loaded_and_instantiated(train):
    assert run(train, *QUIET, f"{KEY}=500", "hydra.run.dir=out").returncode == 0
    assert OmegaConf.load(train.parent / "out/.hydra/config.yaml") == OmegaConf.create(CONFIG)


def test_the_first_example_of_the_documentation_changes_no_folder_name(train):
    asked = ["trainer.lr=0.1,0.2", "hydra.sweep.dir=out", "hydra.sweep.subdir=${hydra.job.override_dirname}"]
    run(train, "-m", *QUIET, f"{CALLBACK}.save_interval=500", *asked)
    names = sorted(path.name for path in (train.parent / "out").iterdir() if path.is_dir())
    assert names == ["trainer.lr=0.1", "trainer.lr=0.2"]
