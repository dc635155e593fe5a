"""Distributed trainings with torchrun and gloo, and ranks that are killed."""

import os
import subprocess
import sys

import pytest
from apps import NO_WANDB, ON

from envcfg import load
from envcfg.adapters.ranks import rank
from envcfg.sources.wandb.log import read_log

APP = """
import os, signal
from datetime import timedelta
import hydra, torch
import torch.distributed as dist
import envcfg

@hydra.main(config_path=None, version_base="1.3")
def main(config):
    dist.init_process_group("gloo", timeout=timedelta(seconds=20))
    rank, tracker = dist.get_rank(), envcfg.tracker()
    if rank == 0 and "WANDB_DIR" in os.environ:
        import wandb
        wandb.init(project="p", mode="offline")
    for epoch in range(4):
        tracker.mix({f"task/{rank}": 0.75, "task/common": 0.25}, step=epoch * 100, epoch=epoch)
        for slot in range(2):
            config, step = {"level": epoch, "rank": rank}, epoch * 100 + slot
            tracker.record(config, step=step, epoch=epoch, slot=slot, task=f"task/{rank}")
        if rank == 1 and epoch == int(os.environ.get("DIES_AT", -1)):
            os.kill(os.getpid(), signal.SIGKILL)
        gradient = torch.ones(3) * rank
        dist.all_reduce(gradient)
        assert gradient.tolist() == [sum(range(dist.get_world_size()))] * 3
        tracker.end_epoch(step=epoch * 100 + 99, epoch=epoch)
    dist.destroy_process_group()

main()
"""


def torchrun(folder, *overrides, processes=2, **environment):
    (folder / "train.py").write_text(APP)
    launcher = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    where = [] if "WANDB_DIR" in environment else [NO_WANDB]
    command = [sys.executable, *launcher, "train.py", "hydra.run.dir=out", ON, *where, *overrides]
    return subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("processes", [2, 4])
def test_every_rank_writes_a_shard_and_all_are_one_history(processes, tmp_path):
    done = torchrun(tmp_path, processes=processes)
    assert done.returncode == 0, done.stderr
    history = load(tmp_path / "out")
    assert {(place.rank, place.slot) for place in history.adoptions.rows} == {
        (rank, slot) for rank in range(processes) for slot in range(2)
    }
    assert (history.status, history.sessions, history.losses) == ("completed", 1, ())
    assert all(len(rows) == 4 for rows in history.adoptions.rows.values())
    share = 0.75 / processes
    expected = {f"task/{rank}": pytest.approx(share) for rank in range(processes)} | {
        "task/common": pytest.approx(0.25)
    }
    assert [mix.epoch for mix in history.mixes] == [0, 1, 2, 3]
    assert history.mixes[0].stated == expected
    assert history.adopted == {f"task/{rank}": 8 for rank in range(processes)}


def test_the_run_of_one_rank_has_the_artifact_of_all(tmp_path):
    done = torchrun(tmp_path, WANDB_DIR=str(tmp_path), WANDB_DATA_DIR=str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    (run,) = (tmp_path / "wandb").glob("offline-run-*")
    names = {path.name.partition("-0")[0] for path in (run / "files" / "envcfg").iterdir()}
    assert names == {"r0-w0", "r1-w0", "manifest.json"}
    (log,) = run.glob("*.wandb")
    (name,) = {artifact.name for artifact in read_log(log).artifacts}
    assert name == f"env_configs-{run.name.rpartition('-')[2]}"
    ours, theirs = load(tmp_path / "out"), load(run)
    assert theirs.adoptions.rows.keys() == ours.adoptions.rows.keys()
    assert theirs.mixes == ours.mixes


def test_only_the_main_rank_records_if_the_settings_say_so(tmp_path):
    done = torchrun(tmp_path, "hydra.callbacks.env_config.ranks=main")
    assert done.returncode == 0, done.stderr
    assert {place.rank for place in load(tmp_path / "out").adoptions.rows} == {0}


def test_killing_a_rank_loses_no_record(tmp_path):
    done = torchrun(tmp_path, DIES_AT="2")
    assert done.returncode != 0
    rows = load(tmp_path / "out").adoptions.rows
    assert {place: len(found) for place, found in rows.items() if place.rank == 1} == {
        place: 3 for place in rows if place.rank == 1
    }
    assert min(map(len, rows.values())) >= 2


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, 0),
        ({"RANK": "3"}, 3),
        ({"RANK": "", "SLURM_PROCID": "2"}, 2),
        ({"OMPI_COMM_WORLD_RANK": "5", "LOCAL_RANK": "1"}, 5),
        ({"LOCAL_RANK": "1"}, 1),
        ({"RANK": "-1"}, 0),
        ({"RANK": "first"}, 0),
    ],
)
def test_the_rank_comes_from_the_launchers_variables(environment, expected):
    assert rank(environment) == expected
