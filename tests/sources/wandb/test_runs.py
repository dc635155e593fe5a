"""Reading many runs of the server, with the real client and a stand-in for the service."""

import json
import os
import pty
import subprocess
import sys
from collections import Counter

import pytest
from wandb_server.apps import TRAINER, run_python
from wandb_server.runs import Run
from wandb_server.server import WandbServer

from envcfg.core.errors import SourceError
from envcfg.sources.wandb.runs import wandb_runs

READER = """
import json, sys
from envcfg.core.errors import EnvcfgError
from envcfg.history.history import History
from envcfg.sources.metrics import metric
from envcfg.sources.wandb.runs import read_runs, wandb_runs

try:
    runs = wandb_runs(sys.argv[1], json.loads(sys.argv[2]))
except EnvcfgError as error:
    sys.exit(print(json.dumps(str(error))))
for run, found in read_runs(runs):
    said = [len(found.changes), len(metric(found, "reward").steps)] if isinstance(found, History) else str(found)
    print(json.dumps([str(run), run.name, said]))
"""
MANY = 60


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A sweep of many copies of one real run, and one run without envcfg."""
    folder = tmp_path_factory.mktemp("project")
    with WandbServer() as server:
        run_python(server, folder, TRAINER, "run-0", 0)
        first = server.run("acme", "p", "run-0")
        first.sweep, first.config["seed"] = "s1", {"value": 0}
        ((_, collection),) = server.artifacts.collections.items()
        for number in range(1, MANY):
            name = f"run-{number}"
            copy = Run(name, "acme", "p", f"brisk-{name}", "finished", history=first.history, sweep="s1")
            copy.config["seed"] = {"value": number}
            server.runs["acme", "p", name] = copy
            server.artifacts.collections["acme", "p", f"env_configs-{name}"] = collection
        server.runs["acme", "p", "bare"] = Run("bare", "acme", "p", "bare", "crashed")
        yield server, folder


def read(project, where, filters=None):
    server, folder = project
    server.operations.clear()
    return [json.loads(line) for line in run_python(server, folder, READER, where, json.dumps(filters)).splitlines()]


def test_every_run_of_a_sweep_is_read_and_read_again_with_two_requests_each(project):
    server, _ = project
    found = read(project, "wandb:acme/p/sweeps/s1")
    assert sorted(found) == sorted([f"acme/p/run-{n}", f"brisk-run-{n}", [1, 12]] for n in range(MANY))
    assert server.errors == []
    assert sorted(read(project, f"{server.url}/acme/p/sweeps/s1")) == sorted(found)
    asked = Counter(server.operations)
    assert (asked["Runs"], asked["ArtifactMembershipByName"], asked["HistoryPage"]) == (1, MANY, 0)
    assert asked["Run"] == MANY  # for its summary, which names its journals and counts their records
    assert sum(asked.values()) < 2 * MANY + 6


def test_a_run_without_an_artifact_is_reported_and_only_it_is_left_out(project):
    found = {name: said for name, _, said in read(project, "wandb:acme/p", {"config.seed": {"$ne": 1}})}
    assert len(found) == MANY
    assert "acme/p/run-1" not in found
    assert "(bare, crashed) has no artifact of type environment_configs" in found["acme/p/bare"]


def test_filters_choose_among_the_runs(project):
    assert [name for _, name, _ in read(project, "wandb:acme/p", {"config.seed": 7})] == ["brisk-run-7"]
    (said,) = read(project, "wandb:acme/p", {"config.seed": -1})
    assert "has no runs in acme/p among those that pass {'config.seed': -1}" in said


def test_a_sweep_on_the_server_loads_like_any_other(project):
    server, folder = project
    script = """
from envcfg import load_sweep
seen = []
sweep = load_sweep(["wandb:acme/p", "acme/p/run-0"], progress=lambda count, total: seen.append((count, total)))
print(len(sweep), len(sweep.losses), sweep[0].name, sweep[0].overrides, seen[-1])
"""
    said = run_python(server, folder, script)
    assert said == f"{MANY + 1} 1 brisk-run-0 ('lr=0.1',) ({MANY + 2}, {MANY + 2})\n"


def test_a_terminal_shows_a_progress_bar(project):
    server, folder = project
    ours, theirs = pty.openpty()
    places = {"ENVCFG_CACHE_DIR": str(folder / "cache"), "TERM": "xterm"}
    environment = {**os.environ, **server.environment(folder), **places}
    command = [sys.executable, "-c", READER, "wandb:acme/p/sweeps/s1", "null"]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=theirs):
        os.close(theirs)
        shown = bytearray()
        while chunk := _more(ours):
            shown += chunk
    assert b"Reading runs" in shown
    assert b"100%" in shown


def _more(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # the other side is gone
        return b""


def test_a_single_run_is_not_a_project():
    with pytest.raises(SourceError, match="expected wandb:entity/project"):
        wandb_runs("acme/p/run-1")
