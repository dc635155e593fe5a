import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from noise import autoregressive, run, series

from envcfg import Cause
from envcfg.analysis.effects.fdr import q_values
from envcfg.analysis.effects.formatting import pooled_card
from envcfg.analysis.effects.pool import pool, sign_test, spread
from envcfg.analysis.effects.pooling import pooled_effects, survivors
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


def test_the_bcg_trials_differ_as_metafor_says():
    values, errors = risk_ratios()
    found = spread(values, [error**2 for error in errors])
    assert (round(found.q_statistic, 3), round(found.tau_squared, 4)) == (152.233, 0.3088)
    assert round(found.i_squared, 1) == 92.1


def test_the_sleep_data_of_student_give_his_t_and_interval():
    """Student 1908, as `t.test(extra ~ group, paired = TRUE)` prints it in R: t 4.0621, df 9, p 0.002833."""
    found = pool([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4], [1.0] * 10)
    assert (round(found.value / found.se, 4), found.df, round(found.p, 6)) == (4.0621, 9, 0.002833)
    assert (round(found.value, 2), round(found.low, 7), round(found.high, 7)) == (1.58, 0.7001142, 2.4598858)


JUMPS = st.lists(st.floats(-5, 5), min_size=3, max_size=9, unique=True)


@given(JUMPS, st.floats(0, 3), st.floats(0, 3))
def test_a_pooled_interval_is_never_narrower_than_students_over_runs(jumps, shared, least_se):
    plain, found = pool(jumps, [1.0] * len(jumps)), pool(jumps, [1.0] * len(jumps), shared=shared, least_se=least_se)
    assert found.value == plain.value
    assert found.se >= plain.se
    assert found.p >= plain.p
    assert (found.low, found.high) == pytest.approx((2 * found.value - found.high, 2 * found.value - found.low))


@given(JUMPS, st.floats(0.5, 2), st.permutations(range(9)))
def test_the_unit_and_the_order_of_runs_change_nothing_but_the_unit(jumps, scale, order):
    mixed = [jumps[place] * scale for place in order if place < len(jumps)]
    one, other = pool(jumps, [1.0] * len(jumps)), pool(mixed, [scale**2] * len(jumps))
    assert other.value == pytest.approx(scale * one.value, abs=1e-9)
    assert other.p == pytest.approx(one.p, rel=1e-6)
    assert other.q_statistic == pytest.approx(one.q_statistic, rel=1e-6, abs=1e-9)


@given(st.floats(-5, 5), st.floats(0.1, 3), st.integers(2, 9))
def test_runs_that_agree_have_no_variance_between_them(value, error, count):
    found = spread([value] * count, [error**2] * count)
    assert (found.tau_squared, found.i_squared) == (0.0, 0.0)


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
    assert found.pooled.controls == 0
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
    assert len(found.effects) == 2
    assert "1 of 3 runs did not log the metric" in [caution.text for caution in found.cautions]
    with pytest.raises(SourceError, match="no metric like a reward"):
        pooled_effects(histories[2:], metric)


def test_runs_without_a_test_of_their_own_are_not_pooled(tmp_path):
    changes = {0: {"wall": 1}, 60: {"wall": 2}}
    cause = Cause("curriculum", metric="other", value=0.2, threshold=0.1)
    histories = [
        *seeds(tmp_path / "adaptive", 2, cause=cause, changes=changes),
        *seeds(tmp_path / "scheduled", 3, changes=changes),
    ]
    (found,) = pooled_effects(histories, score(histories, 2.0))
    assert (len(found.effects), found.pooled.runs) == (5, 3)
    assert "3 of the 5 runs with this change could be tested" in [caution.text for caution in found.cautions]
    (refused,) = pooled_effects(histories[:4], score(histories[:4], 2.0))
    assert (refused.pooled, refused.q) == (None, None)
    assert refused.refusal == "2 runs could be tested, 3 are needed"
    assert pooled_card(refused).headline == "score: no test over runs: 2 runs could be tested, 3 are needed"


def test_half_of_the_runs_must_have_a_test_because_the_others_may_differ(tmp_path):
    changes = {0: {"wall": 1}, 60: {"wall": 2}}
    cause = Cause("curriculum", metric="other", value=0.2, threshold=0.1)
    histories = [
        *seeds(tmp_path / "adaptive", 4, cause=cause, changes=changes),
        *seeds(tmp_path / "scheduled", 3, changes=changes),
    ]
    (found,) = pooled_effects(histories, score(histories, 2.0))
    assert found.pooled is None
    assert found.refusal == "3 runs could be tested, 4 are needed"


def test_runs_whose_metric_is_often_at_its_maximum_are_not_pooled_because_their_errors_add_up(tmp_path):
    histories = seeds(tmp_path, 5, changes={0: {"wall": 1}, 60: {"wall": 2}})
    noise = {id(history): autoregressive(120, rho=0.3, seed=seed) for seed, history in enumerate(histories)}
    (found,) = pooled_effects(histories, lambda history: series([min(v, 0.0) for v in noise[id(history)]]))
    assert [effect.estimate.p is None for effect in found.effects] == [False] * 5
    often = "5 runs often had the highest or lowest value of the metric, and are not pooled"
    assert found.refusal == f"{often}; 0 others could be tested, 3 are needed"


def curved(histories, shape, size=0.0):
    """The same learning curve in every run, and a jump at the change of each."""
    noise = {id(history): autoregressive(120, rho=0.3, seed=seed) for seed, history in enumerate(histories)}

    def metric(history):
        at = [change.step // 100 for change in history.changes]
        jumps = (size * (bool(at) and index >= at[0]) for index in range(120))
        return series([v + shape(i) + j for (i, v), j in zip(enumerate(noise[id(history)]), jumps, strict=True)])

    return metric


def test_a_bend_that_all_runs_share_widens_their_interval(tmp_path):
    histories = seeds(tmp_path, 8, changes={0: {"wall": 1}, 12: {"wall": 2}})
    (bent,) = pooled_effects(histories, curved(histories, lambda index: 8 * (1 - math.exp(-index / 20))))
    (flat,) = pooled_effects(histories, curved(histories, lambda _: 0.0))
    assert bent.pooled.shared > flat.pooled.shared
    assert bent.q > 0.05
    assert "what all runs share adds" in pooled_card(bent).detail


def test_a_common_rise_around_the_change_is_not_pooled(tmp_path):
    histories = seeds(tmp_path, 5, changes={0: {"wall": 1}, 60: {"wall": 2}})
    (found,) = pooled_effects(histories, curved(histories, lambda index: 5 / (1 + math.exp((60 - index) / 2.3))))
    assert found.pooled is None
    assert "could be tested" in found.refusal or "which is no jump" in found.refusal


def test_unchanged_seeds_are_the_controls_of_the_changed_ones(tmp_path):
    changed = seeds(tmp_path / "changed", 5, changes={0: {"wall": 1}, 45: {"wall": 2}})
    others = seeds(tmp_path / "others", 5, changes={0: {"wall": 1}})
    histories = [*changed, *others]
    metric = curved(histories, lambda index: 0.02 * index**1.5, 3.0)
    (found,) = pooled_effects(histories, metric)
    assert (found.pooled.runs, found.pooled.controls) == (5, 5)
    assert found.pooled.low < 3.0 < found.pooled.high
    assert found.q < 0.05
    assert "each is compared with 5 or more unchanged runs" in pooled_card(found).detail


def test_seeds_that_change_later_are_controls_too(tmp_path):
    histories = [run(tmp_path / str(at), {0: {"wall": 1}, at: {"wall": 2}}) for at in (20, 22, 90, 92, 94)]
    (found,) = pooled_effects(histories, curved(histories, lambda _: 0.0, 3.0))
    assert found.pooled.controls == 0  # those that changed first are no controls for the others: two are too few
    few = [run(tmp_path / f"more-{at}", {0: {"wall": 1}, at: {"wall": 2}}) for at in (24, 88, 96)]
    (found,) = pooled_effects([*histories, *few], curved([*histories, *few], lambda _: 0.0, 3.0))
    assert found.pooled.controls == 3
    assert found.pooled.low < 3.0 < found.pooled.high
