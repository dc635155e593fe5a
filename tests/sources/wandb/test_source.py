"""Reading from the server, with the real client and a stand-in for the service on the loopback interface."""

import json
import shutil

import pytest
from wandb_server.apps import TRAINER, run_python
from wandb_server.server import WandbServer

from envcfg import load
from envcfg.core.errors import EnvcfgError
from envcfg.sources.metrics import metric
from envcfg.sources.wandb.metric_rows import without_duplicates

READER = """
import json, sys
from envcfg import load
from envcfg.core.errors import EnvcfgError
from envcfg.sources.metrics import metric, metric_names

for where in sys.argv[1:]:
    try:
        history = load(where)
    except EnvcfgError as error:
        print(json.dumps({"error": str(error)}))
        continue
    curve = {name: list(metric(history, name).values) for name in metric_names(history)}
    print(json.dumps({
        "run": history.run, "status": history.status, "names": [link.name for link in history.links],
        "overrides": list(history.jobs[-1].overrides) if history.jobs else None,
        "folder": str(history.folder), "changes": len(history.changes), **curve,
        "recorded": history.ending is None or abs(history.ending.time - history.adoptions[-1].record.time) < 60,
    }))
"""


def read(server, folder, *where, script=READER, **variables):
    server.operations.clear()
    return [json.loads(line) for line in run_python(server, folder, script, *where, **variables).splitlines()]


@pytest.fixture
def server():
    with WandbServer() as server:
        yield server


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    """One training, its server and its folder."""
    folder = tmp_path_factory.mktemp("training")
    with WandbServer() as server:
        run_python(server, folder, TRAINER, "run-1", 0)
        yield server, folder


@pytest.fixture
def trained(training, server, tmp_path):
    """A run on its own server after the training. Its files are in *tmp_path*."""
    trainer, folder = training
    server.take(trainer)
    shutil.copytree(folder, tmp_path, symlinks=True, dirs_exist_ok=True)
    return server.run("acme", "p", "run-1")


def test_a_run_is_read_by_its_path_and_by_its_page_with_every_row_of_its_metrics(server, trained, tmp_path):
    addresses = ("acme/p/run-1", "wandb:acme/p/run-1", f"{server.url}/acme/p/runs/run-1/overview?nw=x")
    found = read(server, tmp_path, *addresses)
    assert found[0] == found[1] == found[2]
    assert (found[0]["run"], found[0]["status"], found[0]["names"]) == ("r", "completed", ["brisk-run-1"])
    assert found[0]["overrides"] == ["lr=0.1"]
    assert found[0]["reward"] == [epoch / 10 for epoch in range(12)]
    assert found[0]["eval/reward"] == [0.0, 0.8, 1.6]
    assert (server.errors, dict(server.unknown)) == ([], {})
    assert not (tmp_path / "acme").exists()
    local = load(tmp_path / "envcfg-run-1")
    assert load(found[0]["folder"]).changes == local.changes
    assert metric(load(tmp_path / "cache/wandb/127.0.0.1/acme/p/runs/run-1")).values == tuple(found[0]["reward"])


def test_exported_and_live_rows_are_read_once(server, trained, tmp_path):
    trained.export()
    run_python(server, tmp_path, TRAINER, "run-1", 12)
    (found,) = read(server, tmp_path, "acme/p/run-1")
    assert found["reward"] == [epoch / 10 for epoch in range(24)]
    assert len(found["eval/reward"]) == 6


def test_a_row_that_comes_twice_counts_once_and_rows_that_differ_are_both_kept():
    rows = [{"_step": 0, "a": 1.0, "b": None}, {"_step": 1, "a": 2}, {"_step": 0, "b": 3}, {"_step": 0, "a": 9}]
    assert without_duplicates(rows) == [{"_step": 0, "a": 1.0, "b": 3}, {"_step": 0, "a": 9}, {"_step": 1, "a": 2}]


def test_rows_over_millions_of_steps_are_read_in_a_few_requests(server, trained, tmp_path):
    read(server, tmp_path, "acme/p/run-1")
    assert server.operations["HistoryPage"] == 1


def test_unchanged_files_come_from_the_cache_and_new_ones_are_fetched(server, trained, tmp_path):
    (first,) = read(server, tmp_path, "acme/p/run-1")
    (again,) = read(server, tmp_path, "acme/p/run-1")
    assert again == first
    assert not {"HistoryPage", "RunParquetHistory", "FetchArtifactManifest"} & set(server.operations)
    run_python(server, tmp_path, TRAINER, "run-1", 12)
    (longer,) = read(server, tmp_path, "acme/p/run-1")
    assert (longer["changes"], len(longer["reward"])) == (first["changes"] + 2, 24)


def test_a_run_that_ended_after_its_last_version_has_the_ending_of_the_service(server, tmp_path):
    first = TRAINER.replace("tracker.close()\nwandb.finish()", "wandb.finish()\ntracker.close()")
    run_python(server, tmp_path, first, "run-1", 0)
    run = server.run("acme", "p", "run-1")
    for state, status in (("finished", "completed"), ("killed", "interrupted"), ("crashed", "cut off")):
        run.state = state
        (found,) = read(server, tmp_path, "acme/p/run-1")
        assert (found["status"], found["recorded"]) == (status, True)


def test_an_artifact_version_is_read_by_its_name_and_alias(server, trained, tmp_path):
    found = read(server, tmp_path, "acme/p/env_configs-run-1:epoch-0", "acme/p/env_configs-run-1:final")
    assert [history["changes"] for history in found] == [0, 1]


REPLAY = """
import json, sys
from envcfg import load, replay
from envcfg.rerun.divergence import divergences

for where in sys.argv[1:]:
    again = replay(where, by="epoch", strict=True)
    turns = [again.adopt(at=epoch) for epoch in range(12)]
    checked = [again.check(planned, {"max_steps": 100 + epoch // 6}) for epoch, planned in enumerate(turns)]
    print(json.dumps({
        "tasks": [planned.task for planned in turns], "checked": checked,
        "without": [replay(where, intervention="drop:1").adopt(at=step).config["max_steps"] for step in (0, 119)],
        "diverged": [str(each) for each in divergences(load("envcfg-run-1"), again.history)],
    }))
"""


def test_a_run_is_replayed_from_its_artifact_as_from_its_folder(server, trained, tmp_path):
    places = ("acme/p/run-1", "acme/p/env_configs-run-1:latest", "envcfg-run-1")
    found = read(server, tmp_path, *places, script=REPLAY)
    assert found[0] == found[1] == found[2]
    assert found[0]["tasks"] == [*["t0"] * 6, *["t1"] * 6]
    assert (found[0]["checked"], found[0]["without"], found[0]["diverged"]) == ([None] * 12, [100, 100], [])


def test_an_unreadable_run_raises_a_clear_error(server, trained, tmp_path):
    script = 'import wandb\nwith wandb.init(project="p", id="bare") as run:\n    run.log({"reward": 1})'
    run_python(server, tmp_path, script)
    where = {
        "acme/p/nobody": "has no run acme/p/nobody, or you may not see it",
        "acme/p/bare": "has no artifact of type environment_configs",
        "acme/p/other:latest": "has no artifact acme/p/other:latest",
        "wandb:acme/p": "is a project with many runs",
        "wandb:acme/p/sweeps/s1": "is a sweep with many runs",
        "wandb:nothing": "expected wandb:entity/project/run_id",
        "https://elsewhere.example/acme/p/runs/run-1": "is on elsewhere.example, but W&B is set to 127.0.0.1",
    }
    for found, sentence in zip(read(server, tmp_path, *where), where.values(), strict=True):
        assert sentence in found["error"]
        assert "\n" not in found["error"]


def test_without_a_login_the_error_says_how_to_log_in(server, trained, tmp_path):
    (found,) = read(server, tmp_path, "acme/p/run-1", WANDB_API_KEY="")
    assert "run `wandb login`" in found["error"]


def test_the_error_for_an_unreachable_server_does_not_blame_the_login(tmp_path):
    with WandbServer() as server:
        pass
    script = "from envcfg.sources.wandb import client\nclient._PATIENCE['x_graphql_retry_max'] = 1\n" + READER
    (found,) = read(server, tmp_path, "acme/p/run-1", script=script)
    assert "refused" in found["error"]
    assert "login" not in found["error"]


def test_a_request_is_repeated_after_a_server_error(server, trained, tmp_path):
    failed = []

    def fail_once_each(handler, operation):
        kind = operation.split("/")[0] if operation.startswith("GET") else operation
        if kind in failed:
            return False
        failed.append(kind)
        handler.answer(503, {"errors": [{"message": "try later"}]})
        return True

    server.faults.append(fail_once_each)
    (found,) = read(server, tmp_path, "acme/p/run-1")
    assert found["reward"] == [epoch / 10 for epoch in range(12)]
    assert {"Runs", "ArtifactMembershipByName", "HistoryPage", "GET "} <= set(failed)


@pytest.mark.parametrize("is_reference", [True, False])
def test_a_manipulated_artifact_is_refused(server, trained, tmp_path, is_reference):
    ((_, collection),) = server.artifacts.collections.items()
    version = collection.committed[-1]
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    manifest = json.loads(version.manifest)
    segment = next(name for name in manifest["contents"] if name.startswith("r0"))
    if is_reference:
        manifest["contents"][segment]["ref"] = secret.as_uri()
    else:
        collection.files[manifest["contents"][segment]["digest"]] = b"something else"
    version.manifest = json.dumps(manifest).encode()
    (found,) = read(server, tmp_path, "acme/p/run-1", WANDB_CACHE_DIR=str(tmp_path / "empty"))
    assert ("is a reference to" if is_reference else "checksum mismatch for") in found["error"]
    assert {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()} == set()


def test_a_file_name_that_leads_elsewhere_is_left_out(server, trained, tmp_path):
    ((_, collection),) = server.artifacts.collections.items()
    manifest = json.loads(collection.committed[-1].manifest)
    for name in ("../../../r0-w0-000009.jsonl", str(tmp_path / "r0-w0-000008.jsonl"), "a/r0-w0-000007.jsonl"):
        manifest["contents"][name] = manifest["contents"]["manifest.json"]
    collection.committed[-1].manifest = json.dumps(manifest).encode()
    (found,) = read(server, tmp_path, "acme/p/run-1")
    assert found["changes"] == 1
    names = {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()}
    assert names == {"metrics.jsonl.gz", "server.json", "r0-w0-000001.json.gz"}


@pytest.mark.parametrize("has_versions", [True, False])
def test_later_records_of_a_killed_run_are_read_from_its_files(server, tmp_path, has_versions):
    """`wandb sync` uploads the open segment of a killed offline run as a file of the run."""
    killed = TRAINER.replace("tracker.close()", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    waiting = killed.replace(
        "step=epoch * 250_000)", "step=epoch * 250_000)\n    tracker._out.sinks[0]._uploads.wait(60.0)"
    )
    run_python(server, tmp_path, waiting if has_versions else killed, "run-1", 0, status=-9)
    collections = server.artifacts.collections
    if has_versions:
        ((_, collection),) = collections.items()
        collection.aliases["latest"] = collection.committed[0]
    else:
        collections.clear()
    (segment,) = (tmp_path / "envcfg-run-1").glob("*.jsonl")
    for name in (segment.name, "../" + segment.name, "notes.txt"):
        server.run("acme", "p", "run-1").files[f"envcfg/{name}"] = segment.read_bytes()
    for _ in range(2):
        (found,) = read(server, tmp_path, "acme/p/run-1")
        assert (found["changes"], found["status"]) == (1, "cut off")
    names = {path.name for path in (tmp_path / "cache").rglob("*") if path.is_file()}
    assert names == {"metrics.jsonl.gz", "server.json", segment.name}


def test_a_folder_that_an_artifact_was_downloaded_to_is_a_run(server, trained, tmp_path):
    script = "import wandb\nwandb.Api().artifact('acme/p/env_configs-run-1:final').download('down')"
    run_python(server, tmp_path, script)
    assert load(tmp_path / "down").changes == load(tmp_path / "envcfg-run-1").changes


def test_the_legacy_json_in_an_artifact_is_read(server, tmp_path):
    script = """
import json, wandb
entries = [{"epoch": e, "agent_step": e * 9, "task_name": "nav", "config": {"max_steps": 100 + e}} for e in range(3)]
with wandb.init(project="p", id="old") as run:
    run.log({"reward": 1.0, "eval/reward": 2.0})
    document = {"history": entries, "task_counts": {"nav": 3}, "curriculum_stats": {}}
    with open("env_config_history.json", "w") as file:
        json.dump(document, file)
    artifact = wandb.Artifact("history-of-old", type="environment_configs")
    artifact.add_file("env_config_history.json")
    run.log_artifact(artifact).wait()
    artifact.download("down")
"""
    run_python(server, tmp_path, script)
    (found,) = read(server, tmp_path, "acme/p/old")
    assert (found["run"], found["changes"], found["status"], found["reward"]) == ("acme/p/old", 2, "completed", [1.0])
    assert len(load(tmp_path / "down").changes) == 2


def test_a_folder_with_the_name_of_the_entity_makes_a_bare_path_local(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "acme").mkdir()
    with pytest.raises(
        EnvcfgError, match=r"no such folder \(the working folder is .*; a run on W&B is wandb:acme/p/run-1"
    ):
        load("acme/p/run-1")


RESUMED = """
import sys, wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

folder, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
run = wandb.init(project="p", id="moved", resume="allow", settings=wandb.Settings(console="off"))
with Tracker(folder, run=f"outputs/{folder}", sinks=wandb_sinks(artifact_gap=0.0)) as tracker:
    for epoch in range(first, last):
        tracker.record({"level": epoch, "folder": folder}, step=epoch * 10, epoch=epoch, task=f"t{epoch}")
        tracker.end_epoch(step=epoch * 10 + 9, epoch=epoch)
wandb.finish()
"""
MOVED = """
import json
from envcfg import load
history = load("acme/p/moved")
print(json.dumps({
    "steps": [adoption.record.step for adoption in history.adoptions],
    "folders": [history.at(step)["folder"] for step in (0, 20, 30, 50)],
    "sessions": history.sessions, "abandoned": len(history.abandoned), "run": history.run,
}))
"""


def test_a_run_that_was_resumed_in_another_folder_is_one_history(server, tmp_path):
    run_python(server, tmp_path, RESUMED, "first", 0, 5)
    run_python(server, tmp_path, RESUMED, "second", 3, 8)
    (found,) = read(server, tmp_path, script=MOVED)
    assert found["steps"] == [0, 10, 20, 30, 40, 50, 60, 70]
    assert found["folders"] == ["first", "first", "second", "second"]
    assert (found["sessions"], found["abandoned"], found["run"]) == (2, 2, "outputs/second")
    assert read(server, tmp_path, script=MOVED) == [found]
