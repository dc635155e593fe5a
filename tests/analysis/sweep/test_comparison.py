import random

import pytest

from envcfg import Tracker, load_sweep
from envcfg.analysis.sweep.comparison import By, comparison
from envcfg.analysis.sweep.outcomes import outcomes
from envcfg.sources.sample import sample


@pytest.fixture(scope="module")
def found():
    return comparison(load_sweep(sample("sweep")))


def test_runs_are_ranked_by_outcome_and_grouped_by_different_overrides(found):
    assert found.runs[0].run.name == "learning_progress-1"
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
