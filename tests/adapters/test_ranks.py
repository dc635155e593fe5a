"""Distributed trainings with torchrun and gloo, and ranks that are killed."""

import os

import prepared
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
    dist.init_process_group("gloo", timeout=timedelta(minutes=10))
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


LAUNCH = """
import runpy, sys
from torch.distributed.launcher.api import LaunchConfig, elastic_launch
workers = {"nproc_per_node": int(sys.argv.pop(1)), "max_restarts": 0, "start_method": "fork"}
standalone = {"min_nodes": 1, "max_nodes": 1, "rdzv_backend": "c10d", "rdzv_endpoint": "localhost:0", "run_id": "r"}
sys.argv.pop(0)

def train():
    runpy.run_path("train.py", run_name="__main__")

elastic_launch(LaunchConfig(**workers, **standalone), train)()
"""
"""What `torchrun --standalone` does; but its workers are forked from one process that has imported torch."""
IMPORTS = (*prepared.HYDRA, *prepared.WANDB, "torch.distributed.run")


def torchrun(folder, *overrides):
    """Two ranks, as everybody starts them."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    return started(folder, *launcher, "train.py", *overrides)


def forked(folder, *overrides, processes=2, **environment):
    return started(folder, "-c", LAUNCH, processes, "train.py", NO_WANDB, *overrides, **environment)


def started(folder, *arguments, **environment):
    (folder / "train.py").write_text(APP)
    wandb = {"WANDB_DIR": str(folder), "WANDB_DATA_DIR": str(folder / "data")} if NO_WANDB not in arguments else {}
    command = [*arguments, "hydra.run.dir=out", ON]
    return prepared.run(command, cwd=folder, env={**os.environ, **wandb, **environment}, imports=IMPORTS)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """A training of two ranks, which tests only read."""
    folder = tmp_path_factory.mktemp("two")
    done = torchrun(folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    folder = tmp_path_factory.mktemp("four")
    done = forked(folder, processes=4)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(("name", "processes"), [("two", 2), ("four", 4)])
def test_every_rank_writes_a_shard_and_all_are_one_history(name, processes, request):
    history = load(request.getfixturevalue(name) / "out")
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


def test_the_run_of_one_rank_has_the_artifact_of_all(two):
    (run,) = (two / "wandb").glob("offline-run-*")
    names = {path.name.partition("-0")[0] for path in (run / "files" / "envcfg").iterdir()}
    assert names == {"r0-w0", "r1-w0", "manifest.json"}
    (log,) = run.glob("*.wandb")
    (name,) = {artifact.name for artifact in read_log(log).artifacts}
    assert name == f"env_configs-{run.name.rpartition('-')[2]}"
    ours, theirs = load(two / "out"), load(run)
    assert theirs.adoptions.rows.keys() == ours.adoptions.rows.keys()
    assert theirs.mixes == ours.mixes


def test_only_the_main_rank_records_if_the_settings_say_so(tmp_path):
    done = forked(tmp_path, "hydra.callbacks.env_config.ranks=main")
    assert done.returncode == 0, done.stderr
    assert {place.rank for place in load(tmp_path / "out").adoptions.rows} == {0}


def test_killing_a_rank_loses_no_record(tmp_path):
    done = forked(tmp_path, DIES_AT="2")
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
