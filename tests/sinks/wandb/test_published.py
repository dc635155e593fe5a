"""The names of our series, without W&B: each one is defined by itself, and those of the trainer stay its own."""

from dataclasses import dataclass, field

import pytest

from envcfg.sinks.wandb.backlog import MOST, Backlog
from envcfg.sinks.wandb.namespace import RECORDER, own_key
from envcfg.sinks.wandb.published import PublishedNames, names_of_trainer

POINTS = {"env_config/epoch": 1.0, "env/size": 3.0}


@dataclass
class Run:
    defined: dict = field(default_factory=dict)

    def define_metric(self, name, **options):
        self.defined[name] = options


def test_each_series_is_defined_by_its_exact_name_and_once():
    run = Run()
    names = PublishedNames(run)
    names.define_axes()
    assert run.defined == {"env_config/epoch": {"hidden": True}, "env_config/step": {"hidden": True}}
    names.row(POINTS)
    assert run.defined.pop("env/size") == {"step_metric": "env_config/epoch"}
    names.row(POINTS)
    assert "env/size" not in run.defined
    assert names.series == ["env/size", "env_config/epoch", "env_config/step"]


def test_a_metric_of_the_trainer_keeps_its_name_and_ours_gets_a_suffix(capsys):
    names = PublishedNames(Run())
    row = names.merged(POINTS, {"env/size": 7, "env/other": 1, "reward": 0.5})
    assert row == {"env/size": 7, "env/other": 1, "reward": 0.5, "env_config/epoch": 1.0, "env/size_envcfg": 3.0}
    assert names.row(POINTS)["env/size_envcfg"] == 3.0
    assert names.renamed == {"env/size_envcfg": "env/size"}
    names.merged({"env/b": 1.0}, {"env/b": 2.0})
    said = "envcfg: your program logs env/size itself, so the series of envcfg is called env/size_envcfg (shown once)"
    assert capsys.readouterr().err.splitlines() == [said]


def test_the_keys_of_nested_dicts_are_names_too():
    names = PublishedNames(Run())
    assert "env/agent.speed_envcfg" in names.merged({"env/agent.speed": 1.0}, {"env/agent": {"speed": 2.0}})


def test_if_the_trainer_logs_the_axis_every_series_gets_ours():
    run = Run()
    names = PublishedNames(run)
    names.row(POINTS)
    names.merged(POINTS, {"env_config/epoch": 5})
    assert run.defined["env/size"] == {"step_metric": "env_config/epoch_envcfg"}


def test_in_a_run_to_which_we_published_nothing_all_names_like_ours_are_the_trainers():
    summary = ["reward", "env/mine"]
    assert names_of_trainer(summary) == {"env/mine"}
    assert "env/mine_envcfg" in PublishedNames(Run(), {"env/mine"}).row({"env/mine": 1.0})


@pytest.mark.parametrize(
    ("held", "key"),
    [
        ({}, "envcfg"),
        ({"env_config": {"corridor": 5}}, "envcfg"),
        ({"envcfg": "mine"}, "envcfg_2"),
        ({"envcfg": {**RECORDER, "names": {}}}, "envcfg"),
        ({"envcfg": {"names": {}}, "envcfg_2": 1}, "envcfg_3"),
    ],
)
def test_a_key_of_somebody_else_is_never_taken(held, key):
    assert own_key(held) == key


def test_a_long_backlog_is_thinned_and_keeps_the_last_value_of_each_series():
    backlog = Backlog()
    for epoch in range(3 * MOST):
        backlog.add({"epoch": epoch, **({"rare": 1} if epoch == 5 else {})})
    assert MOST / 2 <= len(backlog.rows) <= MOST
    assert backlog.rows[-1]["epoch"] == 3 * MOST - 1
    assert [row["epoch"] for row in backlog.rows] == sorted(row["epoch"] for row in backlog.rows)
    assert sum("rare" in row for row in backlog.rows) == 1
