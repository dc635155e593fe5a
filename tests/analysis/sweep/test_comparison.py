import random
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noise import BIN, log, series
from scipy.stats import mannwhitneyu

from envcfg import Tracker, load_sweep
from envcfg.analysis.sweep.comparison import By, comparison
from envcfg.analysis.sweep.outcomes import improvement, iqm, outcomes, profile
from envcfg.core.errors import SelectionWarning
from envcfg.sources.sample import sample


@pytest.fixture(scope="module")
def found():
    return comparison(load_sweep(sample("sweep")))


def test_runs_are_ranked_by_outcome_and_grouped_by_different_overrides(found):
    assert found.runs[0].run.name == "schedule-2"
    assert sorted(compared.outcome for compared in found.runs)[::-1] == [run.outcome for run in found.runs]
    assert {row.name: len(row.values) for row in found.outcomes} == {
        "curriculum=learning_progress": 1,
        "curriculum=schedule": 2,
        "curriculum=threshold": 2,
    }


def test_only_differences_are_reported(found):
    assert {variation.path[-1] for variation in found.env} >= {"max_steps", "label"}
    assert ("curriculum", "kind") in {variation.path for variation in found.job}
    assert all(len(variation.index) == 5 for variation in (*found.env, *found.job))
    without = comparison(load_sweep(sample("sweep")), ignore=["game.*", "curriculum.*"])
    assert {variation.path for variation in (*without.env, *without.job)} == {("label",), ("seed",)}


def test_parameters_are_compared_over_the_slots_of_each_run(tmp_path):
    for name, slots, moves in (("a", 4, 3), ("b", 8, 5)):
        with Tracker(tmp_path / name / "envcfg", run=name) as tracker:
            for slot in range(slots):
                tracker.record({"level": 0, "type": slot % 2, "size": 1}, step=slot, slot=slot)
            for slot in range(moves):  # most slots of `b` have level 3, and each type is still in half of the slots
                tracker.record({"level": 3, "type": slot % 2, "size": len(name)}, step=20 + slot, slot=slot)
    found = comparison(load_sweep(tmp_path))
    assert [(schedule.stages, schedule.runs) for schedule in found.schedules] == [((), ("a", "b"))]
    (level,) = found.env
    assert level.path == ("level",)
    assert [dict(zip(spread.values, spread.shares, strict=True)) for spread in level.values] == [
        {0: 0.25, 3: 0.75},
        {0: 0.375, 3: 0.625},
    ]


def test_runs_with_one_schedule_are_a_group_and_others_show_where_they_diverge(tmp_path):
    for name, levels in {"a": (1, 2, 3), "b": (1, 2, 3), "c": (1, 2, 4), "d": (1, 2), "e": (5,)}.items():
        with Tracker(tmp_path / name / "envcfg", run=f"s/{name}") as tracker:
            for step, level in enumerate(levels):
                tracker.record({"level": level}, step=step * 10 + ord(name))
    found = comparison(load_sweep(tmp_path)).schedules
    assert [(each.runs, len(each.stages), each.shared) for each in found] == [
        (("a", "b"), 3, 3),
        (("c",), 3, 2),
        (("d",), 2, 2),
        (("e",), 1, 0),
    ]
    assert found[0].steps == ((97, 98), (107, 108), (117, 118))


@pytest.mark.parametrize("by", list(By))
def test_every_run_is_in_a_group(by):
    grouped = comparison(load_sweep(sample("sweep")), by=by)
    assert all(compared.group for compared in grouped.runs)
    assert sum(len(row.values) for row in grouped.outcomes) == 5


def test_the_interquartile_mean_leaves_out_the_lowest_and_highest_quarter():
    (row,) = outcomes({"a": [0, 1, 2, 3, 4, 5, 6, 700]})
    assert row.iqm == pytest.approx((2 + 3 + 4 + 5) / 4)


def test_intervals_contain_the_true_value_in_about_95_of_100_cases():
    chance, held, separated = random.Random(0), 0, 0
    for _ in range(60):
        rows = outcomes({name: [chance.gauss(0, 1) for _ in range(20)] for name in "ab"})
        held += sum(row.interval[0] <= 0 <= row.interval[1] for row in rows)
        separated += rows[1].behind_interval[0] > 0
    assert 102 <= held <= 120  # 114 are expected at 95 %
    assert separated <= 9  # the better of two is called first, so that both tails count


def test_two_seeds_have_no_interval():
    first, second = outcomes({"a": [1.0, 2.0], "b": [0.0, 0.0, 0.0]})
    assert (first.interval, second.interval) == (None, (0.0, 0.0))
    assert (second.behind, second.behind_interval) == (1.5, None)


@pytest.mark.parametrize("count", [3, 5, 10])
@pytest.mark.parametrize("draw", [lambda chance: chance.gauss(0, 1), lambda chance: chance.expovariate(1)])
def test_intervals_hold_from_three_seeds_on_also_for_skewed_outcomes(count, draw):
    chance, true = random.Random(count), iqm([draw(random.Random(seed)) for seed in range(20_000)])
    rows = [outcomes({"a": [draw(chance) for _ in range(count)]})[0] for _ in range(300)]
    assert sum(row.interval[0] <= true <= row.interval[1] for row in rows) >= 272  # 279 are .93; two standard errors


@pytest.mark.parametrize(("groups", "count"), [(2, 3), (4, 3), (8, 5)])
def test_among_equal_groups_a_winner_is_rare(groups, count):
    chance, won = random.Random(groups), 0
    for _ in range(60):
        rows = outcomes({str(name): [chance.gauss(0, 1) for _ in range(count)] for name in range(groups)})
        won += any(row.behind_interval[0] > 0 for row in rows[1:])
    assert won <= 9  # .07 are 4; two standard errors more


def test_a_group_that_is_better_by_far_is_found():
    rows = outcomes({"good": [10.0, 11.0, 12.0, 10.5], "bad": [0.0, 1.0, 2.0, 1.5], "worse": [0.0, 0.5, 1.0, 1.2]})
    assert rows[0].name == "good"
    assert all(row.behind_interval[0] > 0 for row in rows[1:])
    assert [row.improvement for row in rows] == [None, 1.0, 1.0]


VALUES = st.lists(st.floats(-100, 100), min_size=1, max_size=12)


@given(VALUES, VALUES)
def test_the_probability_of_improvement_is_that_of_mann_and_whitney(one, other):
    found = improvement(np.array(one), np.array(other))
    assert found == pytest.approx(mannwhitneyu(one, other).statistic / (len(one) * len(other)))
    assert found + improvement(np.array(other), np.array(one)) == pytest.approx(1)


@given(VALUES, st.floats(0.1, 10), st.floats(-10, 10))
def test_the_interquartile_mean_moves_with_the_unit_and_lies_within_the_values(values, scale, offset):
    assert iqm([scale * value + offset for value in values]) == pytest.approx(scale * iqm(values) + offset, abs=1e-6)
    assert min(values) - 1e-9 <= iqm(values) <= max(values) + 1e-9


@given(VALUES, st.lists(st.floats(-100, 100), min_size=1, max_size=5))
def test_a_performance_profile_falls_from_all_runs_to_none(values, thresholds):
    found = profile(values, [min(values) - 1, *sorted(thresholds), max(values)])
    assert (found[0], found[-1]) == (1.0, 0.0)
    assert all(before >= after for before, after in pairwise(found))


def seeds(folder, ends, *, level=lambda _: 1.0, config=lambda _: {"wall": 1}):
    """Runs whose reward is *level* plus its step; run *i* ended after *ends[i]* points."""
    for number, end in enumerate(ends):
        place = folder / str(number)
        job = {"config": {"seed": number}, "overrides": (f"algo={number % 2}", f"seed={number}")}
        with Tracker(place / "envcfg", run=f"s/{number}", job=job) as tracker:
            tracker.record(config(number), step=0)
            tracker.end_epoch(step=end * BIN, epoch=end)
        log(place, series([level(number) + index for index in range(end)], "reward"))
    return load_sweep(folder)


def kinds(found):
    return {caution.kind for caution in found.cautions}


def test_runs_that_ended_at_different_steps_are_compared_where_all_of_them_were(tmp_path):
    sweep = seeds(tmp_path, [100, 100, 50, 100, 100, 100])
    found = comparison(sweep)
    assert found.step == 50 * BIN
    assert {run.outcome for run in found.runs} == {48.0}  # the mean of points 46 to 50
    assert "unequal end" in kinds(found)
    with pytest.warns(SelectionWarning, match="is after the last record of run s/2"):
        later = comparison(sweep, moment=str(100 * BIN))
    assert {run.run.name: run.outcome for run in later.runs}["2"] is None
    assert later.step == 100 * BIN


def test_groups_whose_metric_means_something_else_are_not_tested_against_each_other(tmp_path):
    sweep = seeds(tmp_path, [60] * 6, level=lambda n: 50 * (n % 2) + n, config=lambda n: {"max_steps": n % 2})
    found = comparison(sweep)
    assert "metric not invariant" in kinds(found)
    assert [row.behind_interval for row in found.outcomes] == [None, None]
    assert comparison(sweep, invariant=True).outcomes[1].behind_interval is not None
    assert "other environment" in kinds(comparison(sweep, invariant=True))


def test_the_schedules_of_an_adaptive_curriculum_are_outcomes_and_not_causes():
    found = comparison(load_sweep(sample("sweep")), by=By.SCHEDULE)
    (said,) = [caution.text for caution in found.cautions if caution.kind == "adaptive trigger"]
    assert "is an outcome of its learning, and not a cause" in said
    assert "adaptive trigger" not in kinds(comparison(load_sweep(sample("sweep"))))
