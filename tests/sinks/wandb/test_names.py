"""With the real client: names, keys and artifacts that the trainer has already are left alone."""

import json

import pytest
from wandb_server.apps import run_python
from wandb_server.server import WandbServer

from envcfg.core.artifact_name import ARTIFACT_TYPE, artifact_name, second_artifact_name

ID = "size=3 + a@b " + "x" * 100
EPOCHS = 4

PROGRAM = """
import sys, wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

ID, EPOCHS, TAKEN = sys.argv[1], int(sys.argv[2]), sys.argv[3]
config = {"env_config": {"corridor": 5}, "envcfg": "mine"}
run = wandb.init(project="p", id=ID, config=config, settings=wandb.Settings(console="off"))
run.log_artifact(wandb.Artifact(TAKEN, type="dataset")).wait()
tracker = Tracker("envcfg", run="r", sinks=wandb_sinks(artifact_gap=0.0), strict=True)
for epoch in range(EPOCHS):
    tracker.record({"max_steps": 100 + epoch}, step=epoch * 10, epoch=epoch)
    tracker.end_epoch(step=epoch * 10 + 9, epoch=epoch)
    run.log({"env/reward": epoch / 10, "env/max_steps": 7})
    run.config["env_config"]["corridor"]
tracker.close()
run.finish()
"""
READER = """
import json, sys
from envcfg import load
from envcfg.sources.metrics import metric, metric_names
history = load("wandb:acme/p/" + sys.argv[1])
print(json.dumps([metric_names(history), metric(history).name, len(history.adoptions), history.status]))
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """What one program left on the server, and what a reader finds there."""
    folder = tmp_path_factory.mktemp("names")
    with WandbServer() as server:
        said = "your program logs env/max_steps itself, so the series of envcfg is called env/max_steps_envcfg"
        run_python(server, folder, PROGRAM, ID, str(EPOCHS), artifact_name(ID), stderr=said)
        run = server.run("acme", "p", ID)
        run.found = json.loads(run_python(server, folder, READER, ID))
        run.collections = [(one.name, one.type) for one in server.artifacts.collections.values()]
        assert (server.errors, dict(server.unknown)) == ([], {})
    return run


def test_the_trainers_metrics_and_config_are_as_without_envcfg(run):
    assert [row["env/max_steps"] for row in run.rows] == [7] * EPOCHS
    assert [row["env/max_steps_envcfg"] for row in run.rows] == [100 + epoch for epoch in range(EPOCHS)]
    assert run.config["env_config"]["value"] == {"corridor": 5}
    assert run.config["envcfg"]["value"] == "mine"
    assert run.config["envcfg_2"]["value"]["names"] == {"env/max_steps_envcfg": "env/max_steps"}


def test_an_artifact_of_another_type_and_an_id_of_any_characters_stop_no_version(run):
    assert (artifact_name(ID), "dataset") in run.collections
    assert (second_artifact_name(ID), ARTIFACT_TYPE) in run.collections


def test_such_a_run_is_read_with_the_trainers_own_metrics(run):
    names, reward, records, status = run.found
    assert sorted(names) == ["env/max_steps", "env/reward"]
    assert (reward, records, status) == ("env/reward", EPOCHS, "completed")
