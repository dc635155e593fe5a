"""A run without a record says what to type, for the library of its app."""

import re

import pytest
from command_line import envcfg
from omegaconf import OmegaConf

from envcfg import Tracker, adapters, load
from envcfg.cli.first_line import _LINES, BY_HAND, first_line


def run_without_records(folder, *, config=None, overrides=(), script=None):
    Tracker(folder / "out" / "envcfg", run="r", job={"config": config or {}, "overrides": overrides}).close()
    if script is not None:
        (folder / "train.py").write_text(script)
        (folder / "out" / ".hydra").mkdir()
        hydra = {"hydra": {"runtime": {"cwd": str(folder)}, "job": {"name": "train"}, "callbacks": {}}}
        (folder / "out" / ".hydra" / "hydra.yaml").write_text(OmegaConf.to_yaml(OmegaConf.create(hydra)))
    return folder / "out"


@pytest.mark.parametrize(
    ("how", "line"),
    [
        ({"config": {"agent": {"_target_": "stable_baselines3.PPO"}}}, "SB3Callback()"),
        ({"overrides": ("trainer._target_=torchrl.trainers.Trainer",)}, "TorchRLHook()"),
        ({"script": "import gymnasium as gym\n"}, "RecordedEnv(env)"),
        ({"script": "import gymnasium\nfrom stable_baselines3 import PPO\n"}, "SB3Callback()"),
        ({"script": "import numpy\n"}, BY_HAND),
        ({}, BY_HAND),
    ],
)
def test_the_line_is_the_one_for_the_library_that_the_app_names(tmp_path, how, line):
    assert line in first_line(load(run_without_records(tmp_path, **how)))


@pytest.mark.parametrize("command", ["analyze", "doctor"])
def test_analyze_says_it_as_doctor_does(tmp_path, command):
    done = envcfg(command, run_without_records(tmp_path, script="import gymnasium\n"))
    said = " ".join(done.stdout.split())
    assert f"ype this line into the training: {_LINES['gymnasium']} (gymnasium)" in said


def test_a_run_with_records_is_not_told_what_to_type(tmp_path):
    with Tracker(tmp_path, run="r") as tracker:
        tracker.record({"level": 1}, step=0)
    assert "Type this line" not in envcfg("analyze", tmp_path).stdout


def test_compare_prints_only_the_overrides_that_differ(tmp_path):
    for number, lr in enumerate((0.1, 0.2)):
        common = ("hydra.verbose=true", "env=ant", f"trainer.lr={lr}", f"seed={number}")
        with Tracker(tmp_path / str(number) / "envcfg", run=f"sweep/{number}", job={"overrides": common}) as tracker:
            tracker.record({"level": number}, step=0)
    said = envcfg("compare", tmp_path).stdout
    assert "env=ant" not in said
    assert "trainer.lr=0.1 seed=0" in said
    assert "trainer.lr=0.2 seed=1" in said
    assert "env=ant" in envcfg("compare", tmp_path / "0").stdout


def test_every_line_names_what_there_is():
    for line in _LINES.values():
        for name in re.findall(r"envcfg\.adapters\.(\w+)", line):
            assert name in dir(adapters)
