"""The pages on W&B: what is sent to make them, and that the chart draws what a real run logs."""

import json
import os

import prepared
import pytest
from wandb_server.apps import TRAINER, run_python
from wandb_server.server import WandbServer

from envcfg.figures.wandb.vega import AXIS, NAME, specification

IMPORTS = (*prepared.WANDB, "wandb_workspaces.workspaces")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    with WandbServer() as server:
        run_python(server, folder, TRAINER, "run-1", 0)
        yield server, folder


def envcfg(project, *arguments):
    server, folder = project
    environment = {**os.environ, **server.environment(folder)}
    command = ["-m", "envcfg.cli.main", "workspace", *arguments]
    return prepared.run(command, cwd=folder, env=environment, imports=IMPORTS)


def panels(view):
    sections = json.loads(view["spec"])["section"]["panelBankConfig"]["sections"]
    return {section["name"]: section["panels"] for section in sections}


def test_a_workspace_is_saved_with_the_chart_it_needs(project):
    server, _ = project
    for name, said in (("First", ""), ("Second", "if W&B already has a chart of this name")):
        done = envcfg(project, "acme/p", "--name", name)
        assert (done.returncode, said in done.stderr, bool(done.stderr)) == (0, True, bool(said))
        assert done.stdout.startswith("http")
    assert list(server.charts) == [NAME]
    chart = server.charts[NAME]
    assert (chart["entity"], chart["access"], json.loads(chart["spec"])) == (
        "acme",
        "PRIVATE",
        json.loads(specification()),
    )
    assert [view["displayName"] for view in server.views] == ["First", "Second"]
    found = panels(server.views[0])
    (overlay,) = found["Parameters over the reward"]
    asked = overlay["config"]["userQuery"]["queryFields"][0]["fields"][0]
    assert asked["name"] == "historyTable"
    assert asked["args"] == [{"name": "keys", "value": [AXIS, "reward", "env/max_steps"]}]
    assert overlay["config"]["panelDefId"] == f"acme/{NAME}"
    assert overlay["config"]["fieldSettings"] == {"x": AXIS, "reward": "reward", "parameter": "env/max_steps"}
    assert [panel["config"]["metrics"] for panel in found["Environment"]] == [["reward"], ["env/max_steps"]]
    assert found["Timeline of each run"][0]["config"]["mediaKeys"] == ["env_config/timeline"]
    assert server.errors == []


def test_a_metric_and_parameters_can_be_named(project):
    server, _ = project
    done = envcfg(project, "acme/p", "--metric", "eval/reward", "--param", "env/a", "--param", "env/b")
    assert done.returncode == 0
    assert [name for name in ("env/a", "env/b") if f"have not logged {name}" not in done.stderr] == []
    asked = [
        panel["config"]["userQuery"]["queryFields"][0]["fields"][0]["args"][0]["value"]
        for panel in panels(server.views[-1])["Parameters over the reward"]
    ]
    assert asked == [[AXIS, "eval/reward", "env/a"], [AXIS, "eval/reward", "env/b"]]


def test_a_project_without_envcfg_is_refused_in_one_line(project):
    done = envcfg(project, "acme/empty")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "envcfg: acme/empty has no metric that looks like a reward: its runs have logged nothing\n"


def test_the_chart_draws_what_a_run_logs_with_a_rule_at_its_change(project):
    """The rows are those with all keys, as in `historyTable` of the service."""
    import vl_convert

    server, _ = project
    keys = [AXIS, "reward", "env/max_steps"]
    rows = [row for row in server.run("acme", "p", "run-1").rows if all(key in row for key in keys)]
    assert [row[AXIS] for row in rows] == [epoch * 10 for epoch in range(12)]
    spec = specification()
    for place, text in zip(
        ("field:x", "field:reward", "field:parameter", "string:title"), (*keys, "title"), strict=True
    ):
        spec = spec.replace(f"${{{place}}}", text)
    assert "${" not in spec
    chart = {**json.loads(spec), "data": {"values": [{**row, "name": "brisk"} for row in rows]}}
    drawn = vl_convert.vegalite_to_svg(chart)
    rules = drawn.split('aria-roledescription="rule mark"')[1:]
    assert len(rules) == 1
    assert "env/max_steps before: 100; env/max_steps: 101" in drawn
    assert drawn.count('aria-roledescription="line mark"') == 2
