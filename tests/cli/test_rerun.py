"""`envcfg replay` and `envcfg ablate`."""

import json
import os
import shlex

import prepared
import pytest
from command_line import envcfg, envcfg_process
from hydra.core.override_parser.overrides_parser import OverridesParser
from noise import autoregressive, log, run, series

CONFIGS = {0: {"wall": 1}, 60: {"wall": 2}, 120: {"wall": 3}}


@pytest.fixture
def recorded(tmp_path):
    run(tmp_path / "run" / "envcfg", CONFIGS, slots=2)
    log(tmp_path / "run", series(autoregressive(180), "reward"))
    return tmp_path / "run"


def test_it_prints_how_to_replay_a_run(recorded):
    shown = envcfg("replay", recorded).stdout
    assert shown.startswith("6 adoptions of 2 slots can be replayed:\n  by step\n  not by epoch: ")
    *_, chosen, run = shlex.split(next(line for line in shown.splitlines() if line.startswith("In the demo: ")))
    assert chosen == "curriculum=replay"
    assert OverridesParser.create().parse_override(run).value() == str(recorded)  # quoted if it has a blank
    assert json.loads(envcfg("replay", recorded, "--format", "json").stdout)["refusals"]["step"] is None


def test_values_that_the_recording_left_out_are_listed(tmp_path):
    run(tmp_path / "envcfg", {0: {"wall": 1, "server": {"password": "x", "port": 80}}})
    assert "so you must supply them: server.password\n" in envcfg("replay", tmp_path).stdout


def test_a_rerun_that_did_the_same_has_no_divergence(recorded, tmp_path):
    run(tmp_path / "again" / "envcfg", CONFIGS, slots=2)
    log(tmp_path / "again", series(autoregressive(180), "reward"))
    shown = envcfg("replay", recorded, tmp_path / "again", "--exit-code")
    assert shown.returncode == 0
    assert shown.stdout == (
        "no divergence: 6 adoptions of 2 slots have the same step, task and config\n"
        "reward is identical, bit for bit, at 180 points\n"
    )


def test_the_divergences_of_a_rerun_are_printed(recorded, tmp_path):
    run(tmp_path / "again" / "envcfg", {**CONFIGS, 60: {"wall": 7}}, slots=2)
    values = autoregressive(180)
    log(tmp_path / "again", series([*values[:70], 9.0, *values[71:]], "reward"))
    shown = envcfg("replay", recorded, tmp_path / "again", "--exit-code")
    assert shown.returncode == 1
    assert shown.stdout.splitlines() == [
        "2 slots diverged; first divergence of each:",
        "  slot 0, step 6,000: wall: recorded 2, found 7",
        "  slot 1, step 6,000: wall: recorded 2, found 7",
        "reward differs from step 7,100 on",
    ]
    answer = json.loads(envcfg("replay", recorded, tmp_path / "again", "--format", "json").stdout)
    assert answer["rewards"] == {"metric": "reward", "points": 180, "same": 70, "differs_from_step": 7100.0}
    assert [each["slot"] for each in answer["divergences"]] == [0, 1]


def test_a_rerun_without_metrics_is_compared_by_its_configs(recorded, tmp_path):
    run(tmp_path / "again" / "envcfg", CONFIGS, slots=2)
    assert "no rewards to compare: no metrics of run made" in envcfg("replay", recorded, tmp_path / "again").stdout


def test_an_ablation_is_planned_without_starting_anything(recorded, tmp_path):
    shown = envcfg("ablate", recorded, "hydra/launcher=joblib", "--change", 1, "--seeds", 3, cwd=tmp_path).stdout
    assert shown.startswith("6 jobs: 3 seeds, each once as recorded and once with drop:1\n")
    plan = json.loads((tmp_path / "ablations" / "made" / "drop-1" / "ablation.json").read_text())
    assert plan["seeds"] == [0, 1, 2]
    assert plan["command"] == shlex.split(shown.splitlines()[1])
    assert plan["command"][-1] == "hydra/launcher=joblib"
    assert not (tmp_path / "ablations" / "made" / "drop-1" / "runs").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--change", 9], "run made has no change 9: its initial config has number 0, and it has 2 changes after it"),
        (["--change", 0], "drop:0: number 0 is the initial config of run made"),
        (["--change", 1, "--shift", 99999], "is too far: slot 0 adopted another config after the change"),
        (["--change", 1, "--set", "wal=3"], "has no key wal; it has wall"),
        (["--change", 1, "--set", "wall"], "invalid intervention 'set:1:wall'"),
        (
            ["--change", 1, "--shift", 5, "--revert", "wall"],
            "expected one intervention, got revert:1:wall and shift:1:+5",
        ),
        (["--change", 1, "--seeds", "many"], "--seeds many: expected a number of seeds (5), or a list"),
        (["--change", 1, "--read"], "has no ablation.json: plan the runs first, without --read"),
    ],
)
def test_what_cannot_be_ablated_is_refused_before_anything_is_written(recorded, tmp_path, arguments, said):
    shown = envcfg("ablate", recorded, *arguments, cwd=tmp_path)
    assert shown.returncode == 2
    assert said in shown.stderr
    assert not (tmp_path / "ablations").exists()


def test_seeds_can_be_given_as_a_list(recorded, tmp_path):
    envcfg("ablate", recorded, "--change", 1, "--seeds", "7,3,7", "-o", "plan", cwd=tmp_path)
    assert json.loads((tmp_path / "plan" / "ablation.json").read_text())["seeds"] == [7, 3]


@pytest.mark.slow
def test_a_training_that_fails_says_so(recorded, tmp_path):
    app = "python -c 'raise SystemExit(3)'"
    shown = envcfg_process("ablate", recorded, "--change", 1, "--app", app, "--run", cwd=tmp_path)
    assert shown.returncode == 2
    assert "the multirun ended with status 3" in shown.stderr


@pytest.mark.slow
def test_the_demo_is_started_in_pairs_through_a_launcher_and_read(tmp_path):
    demo = ["preset=tiny", "env=cartpole", "curriculum=schedule", "hydra/callbacks=env_config", "hydra.run.dir=run"]
    offline = {**os.environ, "WANDB_MODE": "offline"}
    trained = prepared.run(["-m", "envcfg.demo.train", *demo], cwd=tmp_path, env=offline, imports=prepared.DEMO)
    assert trained.returncode == 0, trained.stderr
    asked = ["ablate", "run", "--change", 1, "--seeds", 2, "--invariant"]
    launcher = ["hydra/launcher=joblib", "hydra.launcher.n_jobs=1"]  # more jobs at once each import torch anew
    shown = envcfg_process(*asked, "--run", *launcher, cwd=tmp_path, WANDB_MODE="offline")
    assert shown.returncode == 0, shown.stderr
    assert "runs as recorded minus runs with drop:1: 2 pairs, seeds 0, 1" in shown.stdout
    assert "until change 2 (steps " in shown.stdout
    assert "the least p of the sign-flip test is 0.5" in shown.stdout
    answer = json.loads(envcfg(*asked, "--read", "--format", "json", cwd=tmp_path).stdout)
    assert [effect["effect"]["pairs"] for effect in answer["effects"]] == [2, 2]
    (unedited,) = tmp_path.glob("ablations/*/drop-1/runs/0")
    again = envcfg("replay", "run", unedited, cwd=tmp_path)
    assert again.stdout.startswith("no divergence: ")
    assert "identical, bit for bit" in again.stdout
