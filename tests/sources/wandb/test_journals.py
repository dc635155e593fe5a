"""Several journals of one W&B run, and artifacts that the server has no longer, with the real client."""

import json

import pytest
from wandb_server.apps import TRAINER, run_python
from wandb_server.server import WandbServer

READER = """
import json, sys
from envcfg import load_sweep
from envcfg.core.errors import EnvcfgError

for run in load_sweep(sys.argv[1:]):
    history = run.history
    print(json.dumps({
        "name": run.name, "id": history.id, "status": history.status, "records": len(history.adoptions),
        "roles": sorted({config["role"] for config in history.configs.values() if "role" in config}),
        "losses": list(history.losses), "notes": list(history.notes), "others": len(history.others),
    }))
"""
BOTH = """
import wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

run = wandb.init(project="p", id="both", settings=wandb.Settings(console="off"))
train, evaluation = (Tracker(f"{role}/envcfg", run="r", sinks=wandb_sinks(run=run, artifact_gap=0.0))
                     for role in ("train", "eval"))
for epoch in range(6):
    for role, tracker in (("train", train), ("eval", evaluation)):
        if role == "train" or epoch % 2:
            tracker.record({"role": role, "level": epoch}, step=epoch * 10, epoch=epoch)
            tracker.end_epoch(step=epoch * 10 + 9, epoch=epoch)
train.close()
evaluation.close()
wandb.finish()
"""
SHARED = """
import sys, wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

role = sys.argv[1]
settings = wandb.Settings(console="off", mode="shared", x_primary=role == "a", x_label=role)
run = wandb.init(project="p", id="both", settings=settings)
with Tracker(f"{role}/envcfg", run="r", sinks=wandb_sinks(run=run, artifact_gap=0.0)) as tracker:
    for epoch in range(4):
        tracker.record({"role": role, "level": epoch}, step=epoch * 10, epoch=epoch)
        tracker.end_epoch(step=epoch * 10 + 9, epoch=epoch)
wandb.finish()
"""


@pytest.fixture
def server():
    with WandbServer() as server:
        yield server


def read(server, folder, *where):
    return [json.loads(line) for line in run_python(server, folder, READER, *where).splitlines()]


def test_a_training_and_its_evaluation_in_one_wandb_run_are_two_rows(server, tmp_path):
    run_python(server, tmp_path, BOTH)
    found = read(server, tmp_path, "wandb:acme/p")
    assert [(row["roles"], row["records"], row["status"]) for row in found] == [
        (["train"], 6, "completed"),
        (["eval"], 3, "completed"),
    ]
    assert len({row["name"] for row in found}) == len({row["id"] for row in found}) == 2
    assert [row["others"] for row in found] == [1, 1]


def test_the_processes_of_a_shared_run_are_all_read(server, tmp_path):
    for role in "ab":
        run_python(server, tmp_path, SHARED, role)
    found = read(server, tmp_path, "wandb:acme/p")
    assert [(row["roles"], row["records"]) for row in found] == [(["a"], 4), (["b"], 4)]


def test_two_runs_of_a_project_with_one_name_are_two_rows(server, tmp_path):
    for name in ("run-1", "run-2"):
        run_python(server, tmp_path, TRAINER.replace('"brisk-" + name', '"brisk"'), name, 0)
    found = read(server, tmp_path, "wandb:acme/p")
    assert [row["name"] for row in found] == ["brisk (run-1)", "brisk (run-2)"]
    assert len({row["id"] for row in found}) == 2


def test_without_its_last_version_a_run_is_incomplete_and_the_records_are_counted(server, tmp_path):
    run_python(server, tmp_path, TRAINER, "run-1", 0)
    ((_, collection),) = server.artifacts.collections.items()
    keep_only(server, collection, 1)
    server.run("acme", "p", "run-1").files.clear()
    (row,) = read(server, tmp_path, "wandb:acme/p")
    assert row["losses"][0] == "1 of 2 records could be read: the last version of the artifact is missing"
    assert row["status"] == "incomplete"


@pytest.mark.parametrize("left", [0, 1])
def test_an_artifact_that_was_deleted_leaves_the_cache_alone_and_is_told(server, tmp_path, left):
    run_python(server, tmp_path, TRAINER, "run-1", 0)
    (before,) = read(server, tmp_path, "wandb:acme/p")
    ((_, collection),) = server.artifacts.collections.items()
    keep_only(server, collection, left)
    server.run("acme", "p", "run-1").files.clear()
    (after,) = read(server, tmp_path, "wandb:acme/p")
    assert (after["records"], after["status"], after["losses"]) == (before["records"], "completed", [])
    (note,) = after["notes"]
    assert note.startswith("the server has no version 1 of acme/p/env_configs-run-1 any more")


def keep_only(server, collection, count):
    """Delete all but the first versions, as the server does when they expire."""
    for version in collection.committed[count:]:
        del server.artifacts.by_id[version.id]
        collection.versions.remove(version)
    collection.aliases = {"latest": collection.committed[-1]} if collection.committed else {}
    if not collection.versions:
        server.artifacts.collections.clear()
