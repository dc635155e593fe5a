import subprocess
import sys

import pytest
from omegaconf import OmegaConf

from envcfg.demo.logbook import Logbook
from envcfg.demo.slots import Episodes
from envcfg.sources.wandb.log import read_log


def settings(mode):
    return OmegaConf.create({"trainer": {"epochs": 2}, "wandb": {"mode": mode, "project": "demo"}})


TRAINING = """
import sys
from pathlib import Path
from omegaconf import OmegaConf
from envcfg.demo.logbook import Logbook
from envcfg.demo.slots import Episodes

settings = OmegaConf.create({"trainer": {"epochs": 2}, "wandb": {"mode": "offline", "project": "demo"}})
with Logbook(settings, Path(sys.argv[1])) as logbook:
    logbook.epoch(0, 100, Episodes({"a": [1.0, 0.0], "b": [0.5, 0.7]}, [10.0, 20.0]), {"loss/value": 0.25})
    logbook.epoch(1, 200, Episodes(), {"loss/value": 0.125})
"""
"""A separate process, because the log of W&B is complete only after its process has ended."""


def test_an_epoch_is_one_row_with_the_reward_overall_and_of_each_task_that_ended(tmp_path):
    pytest.importorskip("wandb")
    subprocess.run([sys.executable, "-c", TRAINING, str(tmp_path)], check=True, capture_output=True)
    (log,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    first, second = read_log(log).rows
    said = {key: value for key, value in first.items() if not key.startswith("_")}
    assert said == {
        "epoch": 0,
        "step": 100,
        "reward": 0.55,
        "return": 15,
        "reward/a": 0.5,
        "reward/b": 0.6,
        "loss/value": 0.25,
    }
    assert not [key for key in second if key.startswith("re")]


def test_disabled_means_no_files(tmp_path):
    with Logbook(settings("disabled"), tmp_path) as logbook:
        logbook.epoch(0, 1, Episodes({"a": [1.0]}, [1.0]), {})
        logbook.summary(final=1)
    assert not list(tmp_path.iterdir())


def test_training_goes_on_where_wandb_is_not_installed_but_a_folder_of_that_name_lies_about(tmp_path, monkeypatch):
    (tmp_path / "wandb").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "wandb", raising=False)
    with Logbook(settings("offline"), tmp_path) as logbook:
        logbook.epoch(0, 1, Episodes(), {})
    assert not list((tmp_path / "wandb").iterdir())


def test_the_progress_bar_keeps_quiet_where_nobody_looks(tmp_path, capfd):
    with Logbook(settings("disabled"), tmp_path) as logbook:
        logbook.epoch(0, 1, Episodes({"a": [1.0]}, [1.0]), {})
    assert capfd.readouterr() == ("", "")
