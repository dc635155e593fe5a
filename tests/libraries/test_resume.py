"""sheeprl is interrupted with Ctrl-C and resumed from a checkpoint: everything that ran stays in the history."""

import json
import os
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest
from apps import NO_WANDB, ON
from rising_pole import SLOTS

from envcfg import load

pytest.importorskip("sheeprl")

TRAIN = ["-m", "sheeprl", "exp=ppo", "env=gym", "env.id=CartPole-v1", f"env.num_envs={SLOTS}", "env.sync_env=true"]
TRAIN += ["env.wrapper._target_=rising_pole.make", "+env.wrapper.rank=0", "env.capture_video=false"]
TRAIN += ["fabric.accelerator=cpu", "algo.mlp_keys.encoder=[state]", "algo.rollout_steps=32", "algo.run_test=false"]
TRAIN += ["checkpoint.every=64", "log_root=out", "run_name=r", "hydra.run.dir=out/hydra", "algo.total_steps=384"]


def train(folder, *asked):
    paths = os.pathsep.join([str(Path(__file__).parent)])
    env = {**os.environ, "OMP_NUM_THREADS": "1", "BOOK": str(folder), "PYTHONPATH": paths}
    command = [sys.executable, *TRAIN, ON, NO_WANDB, *asked]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def booked(folder, slot):
    """The gravities that the environment of *slot* truly ran, each as often as it changed."""
    lines = (folder / f"book-{slot}").read_text().splitlines()
    return [gravity for gravity, _ in groupby(map(json.loads, lines))]


def adopted(history, slot):
    rows = [adoption.record for adoption in history.adoptions if adoption.place.slot == slot]
    assert [row.step for row in rows] == sorted(row.step for row in rows)
    gravities = [history.config(row.config)["gravity"] for row in rows]
    return [gravity for gravity, _ in groupby(gravities)]  # a resumed session states again what it begins with


def test_nothing_that_ran_before_a_ctrl_c_is_abandoned_after_a_resume(tmp_path):
    (tmp_path / "interrupt").touch()
    first = train(tmp_path)
    assert first.returncode != 0, first.stderr
    before = load(tmp_path / "out" / "hydra")
    assert before.status == "interrupted"
    assert [adopted(before, slot) for slot in range(SLOTS)] == [booked(tmp_path, slot) for slot in range(SLOTS)]
    (checkpoint,) = tmp_path.rglob("ckpt_128_0.ckpt")
    again = train(tmp_path, f"checkpoint.resume_from={checkpoint}")
    assert again.returncode == 0, again.stderr
    history = load(tmp_path / "out" / "hydra")
    assert (history.sessions, history.status, len(history.abandoned)) == (2, "completed", 0)
    assert [adopted(history, slot) for slot in range(SLOTS)] == [booked(tmp_path, slot) for slot in range(SLOTS)]
    assert min(len(booked(tmp_path, slot)) for slot in range(SLOTS)) > 4
    assert history.last_step > before.last_step
