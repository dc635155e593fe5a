import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noise import autoregressive, run, series

from envcfg.analysis.effects.fdr import q_values
from envcfg.analysis.effects.pooling import pool, pooled_effects, sign_test, survivors
from envcfg.core.errors import SourceError

TRIALS = [
    *((4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761)),
    *((180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232), (17, 1699, 65, 1600)),
    *((186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825)),
]
"""Thirteen trials of BCG against tuberculosis (Colditz et al. 1994): cases and others, vaccinated and not."""


def risk_ratios():
    values, errors = [], []
    for ill, well, other_ill, other_well in TRIALS:
        treated, control = ill + well, other_ill + other_well
        values.append(math.log(ill / treated) - math.log(other_ill / control))
        errors.append(math.sqrt(1 / ill - 1 / treated + 1 / other_ill - 1 / control))
    return values, errors


def test_the_bcg_trials_give_metafors_numbers():
    found = pool(*risk_ratios())
    assert f"{found.value:.4f}" == "-0.7141"
    assert [f"{found.value + side * 1.959964 * found.se:.4f}" for side in (-1, 1)] == ["-1.0644", "-0.3638"]
    assert (round(found.q_statistic, 3), round(found.tau_squared, 4)) == (152.233, 0.3088)
    assert round(found.i_squared, 1) == 92.1
    assert (found.runs, found.positive) == (13, 2)


def test_hartung_and_knapps_interval_is_wider_than_the_plain_one():
    found = pool(*risk_ratios())
    assert found.low < -1.0644
    assert found.high > -0.3638


@given(st.floats(-5, 5), st.floats(0.1, 3), st.integers(2, 9))
def test_runs_that_agree_have_no_variance_between_them(value, error, count):
    found = pool([value] * count, [error] * count)
    assert (found.value, found.tau_squared, found.i_squared) == (pytest.approx(value), 0.0, 0.0)
    assert found.se == pytest.approx(error / math.sqrt(count))


def test_five_signs_of_five_are_not_yet_significant_and_six_are():
    assert sign_test(5, 5) == 0.0625
    assert sign_test(0, 6) == 0.03125
    assert sign_test(3, 6) == 1.0


def test_a_planted_step_is_pooled_over_the_seeds_that_had_it(tmp_path):
    histories, metrics = [], []
    for seed in range(4):
        at = 50 + seed
        histories.append(run(tmp_path / str(seed), {0: {"wall": 1}, at: {"wall": 2}, 90: {"door": seed}}))
        metrics.append(series([v + 2 * (i >= at) for i, v in enumerate(autoregressive(140, seed=seed))]))
    by_run = dict(zip(map(id, histories), metrics, strict=True))
    (found,) = pooled_effects(histories, lambda history: by_run[id(history)])
    assert found.changed == ("wall 1 → 2",)
    assert found.pooled.runs == found.pooled.positive == 4
    assert found.pooled.low < 2 < found.pooled.high
    assert [caution.kind for caution in found.cautions] == ["few seeds"]


def seeds(tmp_path, count, *, cause=None, changes=None):
    changes = changes or {0: {"wall": 1}, 60: {"wall": 2}, 120: {"wall": 3}, 180: {"wall": 4}}
    return [run(tmp_path / str(seed), changes, cause=cause) for seed in range(count)]


def score(histories, size=0.0, *, at=60, count=240):
    """The same step in every run, each with noise of its own."""
    noise = {id(history): autoregressive(count, seed=seed) for seed, history in enumerate(histories)}
    return lambda history: series([v + size * (i >= at) for i, v in enumerate(noise[id(history)])])


def test_pooled_changes_are_many_tests_and_have_a_false_discovery_rate(tmp_path):
    histories = seeds(tmp_path, 5)
    found = pooled_effects(histories, score(histories, 2.0))
    assert [effect.q < 0.05 for effect in found] == [True, False, False]
    assert [effect.q for effect in found] == list(q_values([effect.pooled.p for effect in found]))


def test_a_change_that_gives_the_metric_another_meaning_is_pooled_in_no_run(tmp_path):
    histories = seeds(tmp_path, 3, changes={0: {"max_steps": 1}, 60: {"max_steps": 2}})
    (found,) = pooled_effects(histories, score(histories))
    assert (found.pooled, found.q) == (None, None)
    assert [caution.kind for caution in found.cautions] == ["metric not invariant"]


def test_if_all_runs_completed_a_caution_says_that_failed_ones_may_be_missing(tmp_path):
    histories = seeds(tmp_path, 2)
    assert [caution.kind for caution in survivors(histories)] == ["only finished runs"]
    assert survivors([*histories, replace(histories[0], ending=None)]) == ()


def test_a_run_without_the_metric_is_left_out_and_counted(tmp_path):
    histories = seeds(tmp_path, 3, changes={0: {"wall": 1}, 60: {"wall": 2}})
    noise = score(histories)

    def metric(history):
        if history is histories[2]:
            raise SourceError("run made has no metric like a reward")
        return noise(history)

    (found,) = pooled_effects(histories, metric)
    assert found.pooled.runs == 2
    assert "1 of 3 runs did not log the metric" in [caution.text for caution in found.cautions]
    with pytest.raises(SourceError, match="no metric like a reward"):
        pooled_effects(histories[2:], metric)
