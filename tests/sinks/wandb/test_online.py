"""The real client, online, with a stand-in for the service on the loopback interface."""

import os
import shutil

import prepared
import pytest
from wandb_server.server import WandbServer

from envcfg import load
from envcfg.sources.wandb.bundle import bundle

TRAINER = """
import sys, wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

run = wandb.init(project="p", id="run-1", settings=wandb.Settings(console="off"))
tracker = Tracker("envcfg", run="r", sinks=wandb_sinks(save_interval=5, artifact_gap=0.0), curriculum="staged")
for epoch in range(12):
    config = {"max_steps": 100 if epoch < 3 else 200, "rewards": {"heart": 1.0}}
    tracker.record(config, step=epoch * 10, epoch=epoch, task="easy" if epoch < 3 else "hard")
    tracker.end_epoch(step=epoch * 10 + 9, epoch=epoch)
    run.log({"reward": epoch / 10})
    tracker._out.sinks[0]._uploads.wait(60.0)
tracker.close()
wandb.finish()
"""


@pytest.fixture
def server():
    with WandbServer() as server:
        yield server


def trained(server, folder, script=TRAINER, **variables):
    environment = {**os.environ, **server.environment(folder), **variables}
    return prepared.run(["-c", script], cwd=folder, env=environment, imports=prepared.WANDB)


def synced(server, folder, run):
    environment = {**os.environ, **server.environment(folder)}
    done = prepared.run(["-m", "wandb", "sync", run], cwd=folder, env=environment, imports=prepared.WANDB)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    """A server, the folder of one training, and its result. Tests only read them."""
    folder = tmp_path_factory.mktemp("training")
    with WandbServer() as server:
        yield server, folder, trained(server, folder)


def test_each_occasion_uploads_a_version_with_its_files_and_metadata(training):
    server, _, done = training
    assert (done.returncode, done.stderr) == (0, "")
    assert server.errors == []
    ((_, collection),) = server.artifacts.collections.items()
    assert (collection.name, collection.type) == ("env_configs-run-1", "environment_configs")
    assert [sorted(version.aliases) for version in collection.committed] == [
        ["epoch-0", "v0"],
        ["epoch-3", "v1"],
        ["epoch-8", "v2"],
        ["final", "latest", "v3"],
    ]
    assert sorted(collection.committed[-1].contents) == ["manifest.json", "r0-w0-000001.json.gz"]


def test_every_epoch_is_one_row_on_the_server(training):
    server, _, _ = training
    run = server.run("acme", "p", "run-1")
    assert run.state == "finished"
    assert [row["env_config/step"] for row in run.rows] == [epoch * 10 + 9 for epoch in range(12)]
    assert [row["reward"] for row in run.rows] == [epoch / 10 for epoch in range(12)]


def test_a_refusal_of_the_server_is_counted_and_the_next_epoch_tries_again(server, tmp_path):
    refused = []

    def refuse_three_times(handler, operation):
        if operation != "CreateArtifact" or len(refused) == 3:
            return False
        refused.append(operation)
        handler.answer(400, {"errors": [{"message": "quota exceeded"}]})
        return True

    server.faults.append(refuse_three_times)
    done = trained(server, tmp_path)
    assert done.returncode == 0
    shown, at_the_end = done.stderr.splitlines()
    assert shown.startswith("envcfg: WandbSink: ")
    assert at_the_end.startswith("envcfg: not everything was recorded: WandbSink 3 times (wandb_refused); ")
    ((_, collection),) = server.artifacts.collections.items()
    assert sorted(collection.committed[-1].aliases)[:2] == ["final", "latest"]
    history = load(tmp_path)
    assert [failure.where for failure in history.failures][-1] == "WandbSink"
    assert len(history.adoptions) == 2


def test_a_version_uploads_only_what_is_new(server, tmp_path):
    """Sealed segments are uploaded once. Uploading the whole history at each change would take six times as much."""
    noise = '"rewards": {"heart": 1.0}, "noise": os.urandom(40_000).hex()}'
    script = "import os\n" + TRAINER.replace('"rewards": {"heart": 1.0}}', noise)
    assert trained(server, tmp_path, script).returncode == 0
    ((_, collection),) = server.artifacts.collections.items()
    assert len(collection.committed) == 13
    history = sum(entry["size"] for entry in collection.committed[-1].contents.values())
    assert history > 12 * 40_000
    assert sum(server.uploads) < 1.15 * history  # the rest are W&B's manifests, and tables of changes


def test_versions_have_the_requested_lifetime(server, tmp_path):
    assert (
        trained(server, tmp_path, TRAINER.replace("artifact_gap=0.0", "artifact_gap=0.0, artifact_ttl=90")).stderr == ""
    )
    ((_, collection),) = server.artifacts.collections.items()
    assert {version.ttl for version in collection.committed} == {90 * 86_400}


def test_the_service_returns_the_recorded_journal(training):
    server, folder, _ = training
    script = (
        "import wandb\n"
        "artifact = wandb.Api().artifact('acme/p/env_configs-run-1:final')\n"
        "print(artifact.metadata['records'], artifact.download(root='downloaded'))\n"
    )
    done = trained(server, folder, script)
    assert done.stdout.startswith("2 "), done.stderr
    assert load(folder / "downloaded").changes == load(folder / "envcfg").changes


def test_an_offline_run_that_is_synced_gives_the_same_versions_and_rows_as_an_online_one(tmp_path):
    found = {}
    for mode in ("online", "offline"):
        folder = tmp_path / mode
        folder.mkdir()
        with WandbServer() as another:
            assert trained(another, folder, WANDB_MODE=mode).returncode == 0
            if mode == "offline":
                (run,) = folder.glob("wandb/offline-run-*")
                synced(another, folder, run)
            ((_, collection),) = another.artifacts.collections.items()
            versions = [(sorted(version.aliases), sorted(version.contents)) for version in collection.committed]
            rows = [
                {k: v for k, v in row.items() if not k.startswith("_")}
                for row in another.run("acme", "p", "run-1").rows
            ]
            found[mode] = versions, rows
    assert len(found["online"][0]) == 4
    assert found["offline"] == found["online"]


@pytest.mark.parametrize("is_bundled", [True, False])
def test_a_bundled_run_is_synced_completely_from_another_place(server, tmp_path, is_bundled):
    assert trained(server, tmp_path, WANDB_MODE="offline").returncode == 0
    (run,) = tmp_path.glob("wandb/offline-run-*")
    if is_bundled:
        assert bundle(run).lost == ()
    moved = tmp_path / "elsewhere" / run.name
    moved.parent.mkdir()
    run.rename(moved)
    shutil.rmtree(tmp_path / "data_dir")  # where W&B had staged the files of its artifacts
    made = bundle(moved)
    synced(server, tmp_path, moved)
    assert len(server.run("acme", "p", "run-1").rows) == 12
    if is_bundled:
        ((_, collection),) = server.artifacts.collections.items()
        assert [version.aliases[0] for version in collection.committed] == ["epoch-0", "epoch-3", "epoch-8", "latest"]
    else:
        assert "manifest.json" in made.lost
    assert load(moved).status == "completed"


RESUMED = """
import os, signal, sys, wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

run = wandb.init(project="p", id="run-1", resume="allow", settings=wandb.Settings(console="off"))
tracker = Tracker("envcfg", run="r", sinks=wandb_sinks(artifact_gap=0.0))
for epoch in range(FIRST, LAST):
    tracker.record({"max_steps": 100 + epoch // 3}, step=epoch * 10, epoch=epoch, task=f"t{epoch // 3}")
    tracker.end_epoch(step=epoch * 10 + 9, epoch=epoch)
    run.log({"reward": epoch / 10})
    tracker._out.sinks[0]._uploads.wait(60.0)
if LAST < 12:
    os.kill(os.getpid(), signal.SIGKILL)
tracker.close()
wandb.finish()
"""


def test_a_killed_run_that_resumes_from_a_checkpoint_is_one_history_in_one_collection(server, tmp_path):
    for first, last, status in ((0, 7, -9), (5, 12, 0)):
        script = RESUMED.replace("FIRST", str(first)).replace("LAST", str(last))
        assert trained(server, tmp_path, script).returncode == status
    ((_, collection),) = server.artifacts.collections.items()
    assert set(collection.committed[-1].contents) == {"manifest.json", "r0-w0-000001.jsonl", "r0-w0-000002.json.gz"}
    history = load(tmp_path / "envcfg")
    assert [adoption.record.step for adoption in history.adoptions] == [0, 30, 50, 60, 90]
    assert [adoption.record.step for adoption in history.abandoned] == [60]
    assert sum(history.adopted.values()) == 12
    assert history.status == "completed"
