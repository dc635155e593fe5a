"""May these values be compared?"""

import pytest
from noise import autoregressive, run, series

import envcfg
from envcfg import Cause, Tracker
from envcfg.analysis.effects import gate
from envcfg.core.diff import Edit

REWARDS = Edit(("rewards", "heart"), 1.0, 0.5)


def test_a_metric_that_the_app_declared_invariant_is_tested_under_every_config(journal):
    job = {"overrides": ("seed=1", "hydra.callbacks.env_config.invariant=[score,other]")}
    with Tracker(journal, job=job) as tracker:
        tracker.record({"rewards": 1.0}, step=0)
        tracker.record({"rewards": 2.0}, step=6000)
    history = envcfg.load(journal)
    assert envcfg.effects(history, series(autoregressive(120)))[0].refusal is None
    assert "not invariant" in envcfg.effects(history, series(autoregressive(120), "return"))[0].refusal
    assert envcfg.effects(history, series(autoregressive(120), "return"), invariant=True)[0].refusal is None


@pytest.mark.parametrize("metric", ["success_rate", "win_rate"])
def test_a_share_means_the_same_under_every_config(metric):
    assert not gate.meaning(metric, invariant=False, histories=[])([REWARDS])
    assert gate.meaning("return", invariant=False, histories=[])([REWARDS]) == ("rewards.heart",)
    assert not gate.meaning("return", invariant=True, histories=[])([REWARDS])


def test_an_adaptive_cause_is_one_by_a_curriculum():
    assert gate.adaptive([None, Cause("schedule"), Cause("manual")]) is None
    assert gate.adaptive([Cause("schedule"), Cause("curriculum")]).kind == "adaptive trigger"


def test_three_runs_are_enough_for_a_test_over_runs():
    assert gate.few_runs(2).text == "2 runs, 3 are needed for a test"
    assert gate.few_runs(3) is None


def test_ends_may_differ_by_two_per_cent():
    assert gate.unequal_end({"a": 100.0}) is None
    assert gate.unequal_end({"a": 98.0, "b": 100.0}) is None
    assert "from 97 (a) to 100" in gate.unequal_end({"a": 97.0, "b": 100.0}).text


def test_parameters_that_move_the_metric_by_definition_or_because_of_it_have_no_correlation(tmp_path):
    values = autoregressive(120)
    weights = {index: {"rewards": {"heart": index % 7}, "wall": 1} for index in range(0, 120, 10)}
    (refused,) = envcfg.correlations(run(tmp_path / "weights", weights), series(values))
    assert (refused.differences, refused.refusal[:20]) == (None, "metric not invariant")
    (allowed,) = envcfg.correlations(envcfg.load(tmp_path / "weights"), series(values), invariant=True)
    assert allowed.differences is not None
    walls = {index: {"wall": index % 7} for index in range(0, 120, 10)}
    moved = run(tmp_path / "walls", walls, cause=Cause("curriculum", metric="score", value=1.0, threshold=0.5))
    assert "the outcome may be the cause" in envcfg.correlations(moved, series(values))[0].refusal
