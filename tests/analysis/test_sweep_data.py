import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import configs

from envcfg import load_sweep, sample
from envcfg.analysis.groups import picked, runs
from envcfg.analysis.run.diff_table import diff_table
from envcfg.analysis.sweep.multiples import MAX_MARKS, multiples
from envcfg.analysis.sweep.parameter import parameter
from envcfg.analysis.sweep.trajectories import trajectories
from envcfg.sources.sweep import short_names


@pytest.fixture(scope="module")
def held():
    return load_sweep(sample("sweep"))


def test_the_best_outcome_comes_first(held):
    found = runs(held)
    assert [run.outcome for run in found] == sorted((run.outcome for run in found), reverse=True)
    last = found[0].series.values[-12:]  # a tenth
    assert found[0].outcome == pytest.approx(sum(last) / 12)


def test_the_common_folders_of_runs_are_left_out():
    assert short_names(["s/1/a", "s/1/b"]) == ["a", "b"]
    assert short_names(["s/1/a", "s/2/a"]) == ["1/a", "2/a"]
    assert short_names(["a"]) == ["a"]


@given(st.integers(1, 5000), st.integers(2, 300))
def test_picked_positions_are_evenly_spaced_with_both_ends(count, most):
    places = picked(count, most)
    assert places == sorted(set(places))
    assert len(places) == min(count, most)
    assert (places[0], places[-1]) == (0, count - 1)


def test_a_cell_holds_the_value_in_force_in_the_middle_of_its_column(held):
    data = parameter(held, "game.map_builder.width")
    assert data.values == (12, 16, 18)
    for row in data.rows:
        if row.run.group != "learning_progress":
            for column in (0, 40, 80, 119):
                middle = (data.bounds[column] + data.bounds[column + 1]) / 2
                assert (
                    data.values[row.values[column]] == row.run.history.at(int(middle))["game"]["map_builder"]["width"]
                )


def test_values_that_differ_only_in_type_are_not_the_same(journal):
    from envcfg import Tracker

    with Tracker(journal) as tracker:
        for step, value in enumerate([1, 1.0, True, None, "1"]):
            tracker.record({"a": value}, step=100 * step)
    assert parameter(load_sweep(journal), "a").values == (1, 1.0, True, None, "1")


def test_a_panel_has_few_marks_that_stand_for_all_changes(held):
    for panel in multiples(held).panels:
        assert len(panel.marks) <= MAX_MARKS
        assert sum(sum(mark.kinds.values()) for mark in panel.marks) == len(panel.run.history.changes)


def test_the_middle_of_a_group_lies_between_its_runs(held):
    for group in trajectories(held).groups:
        for column, middle in enumerate(group.middle):
            values = [line.values[column] for line in group.lines if line.values[column] is not None]
            assert (middle is None) == (not values)
            assert not values or min(values) <= middle <= max(values)


def test_a_difference_stands_under_its_object_with_its_sign_and_its_amount():
    before = {"a": 1, "env": {"wind": 2.0, "gone": None, "flag": 1}}
    after = {"a": 1, "env": {"wind": 3.0, "new": {"x": "y"}, "flag": True}}
    table = diff_table(before, after)
    assert [(row.depth, row.name, row.sign, row.before, row.after, row.delta) for row in table.rows] == [
        (0, "env", "", "", "", ""),
        (1, "flag", "~", "1", "true", "int → bool"),
        (1, "gone", "-", "null", "", ""),
        (1, "wind", "~", "2.0", "3.0", "+1 (+50%)"),
        (0, "env.new", "", "", "", ""),
        (1, "x", "+", "", "y", ""),
    ]
    assert (table.counts, table.unchanged) == ((2, 1, 1), 1)


@given(configs, configs)
def test_a_difference_is_empty_only_between_the_same(one, other):
    assert diff_table(one, one).rows == ()
    assert sum(diff_table(one, other).counts) == sum(row.sign != "" for row in diff_table(one, other).rows)
