import json
import math

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noise import autoregressive, log, run, series
from strategies import configs

from envcfg import Tracker, load, tables
from envcfg.core import encoding
from envcfg.core.diff import ABSENT, diff
from envcfg.core.errors import SourceError
from envcfg.core.path import dotted
from envcfg.core.tree import leaves
from envcfg.tables.frames import parameters

plans = st.lists(configs, min_size=1, max_size=3).flatmap(
    lambda pool: st.lists(st.tuples(st.integers(0, 2), st.sampled_from(pool)), min_size=1, max_size=12)
)


def recorded(folder, plan):
    with Tracker(folder, run="r") as tracker:
        for step, (slot, config) in enumerate(plan):
            tracker.record(config, step=step, slot=slot, task="odd ⚙ name")
    return load(folder)


def spoken(value):
    return None if value is ABSENT else encoding.encode(value)


def read(text):
    return None if text is None else encoding.encode(encoding.from_jsonable(json.loads(text)))


@given(plans)
def test_the_change_table_is_the_diff_of_each_adoption_with_what_its_slot_held(tmp_path_factory, plan):
    history = recorded(tmp_path_factory.mktemp("journal"), plan)
    expected, held = [], {}
    for adoption in history.adoptions:
        config = history.config(adoption.record.config)
        when = adoption.record.step, adoption.place.slot
        expected += [
            (*when, dotted(change.path), spoken(change.before), spoken(change.after))
            for change in diff(held.get(adoption.place, config), config)
        ]
        held[adoption.place] = config
    found = tables.changes(history).select("step", "slot", "path", "before", "after")
    assert [(*row[:3], read(row[3]), read(row[4])) for row in found.iter_rows()] == expected


@given(plans)
def test_the_parameter_table_has_each_leaf_that_varies_over_all_slots(tmp_path_factory, plan):
    history = recorded(tmp_path_factory.mktemp("journal"), plan)
    frame = tables.parameters(history)
    held = [slots_after(plan, step) for step in frame["last_step"]]
    every = [dict(leaves(config)) for _, config in plan]
    varying = {path for config in every for path in config if len({spoken(own.get(path, ABSENT)) for own in every}) > 1}
    names = {path: column_of(path, frame.columns[:12]) for path in varying if path}
    assert {name for name in frame.columns[12:] if not name.endswith((" (p10)", " (p90)", " (shares)"))} >= {
        *names.values()
    }
    for path, name in names.items():
        for value, slots in zip(frame[name], held, strict=True):
            values = [config.get(path, ABSENT) for config in slots]
            if f"{name} (p10)" in frame.columns:
                numbers = [number for number in values if isinstance(number, int | float)]
                mean = math.fsum(number / len(numbers) for number in numbers) if numbers else None
                assert value == (mean if mean is None else pytest.approx(mean))
            elif len({spoken(value) for value in values}) == 1:
                assert is_read_as(value, values[0])
            else:
                assert value in (None, "null")


def slots_after(plan, step):
    """The leaves of the config of each slot after *step*: plans take one step for each adoption."""
    return [dict(leaves(config)) for config in dict(plan[: step + 1]).values()]


def test_a_parameter_that_no_slot_changes_is_constant_in_the_parameter_table(journal):
    plan = [(slot, {"level": level, "type": slot}) for level in (1, 2, 3) for slot in range(2)]
    frame = tables.parameters(recorded(journal, plan))
    assert frame["type"].to_list() == [0.0, 0.5, 0.5, 0.5, 0.5, 0.5]
    assert frame.select("level", "level (p10)", "level (p90)").rows()[3:] == [(2, 2, 2), (2.5, 2, 3), (3, 3, 3)]


def column_of(path, taken):
    return f'["{dotted(path)}"]' if dotted(path) in taken else dotted(path)


def is_read_as(value, leaf):
    """A column of one kind holds the value itself; of several kinds, its JSON."""
    if leaf is ABSENT or leaf is None:
        return value in (None, "null")
    if isinstance(leaf, float) and isinstance(value, float):
        return value == leaf or (math.isnan(leaf) and math.isnan(value))
    if type(value) is type(leaf) and value == leaf:
        return True
    return (
        isinstance(value, float) and value == leaf
        if not isinstance(value, str)
        else (read_or_none(value) == spoken(leaf) or value == str(leaf).encode("utf-8", "backslashreplace").decode())
    )


def read_or_none(text):
    try:
        return read(text)
    except ValueError:
        return None


def test_leaves_keep_their_type_where_they_have_one(journal):
    plan = [
        (0, {"whole": 1, "real": 1, "flag": True, "name": "a", "mixed": 1, "gone": 1, "huge": 2**70}),
        (0, {"whole": 2, "real": 0.5, "flag": False, "name": "b", "mixed": "x", "huge": 1}),
    ]
    frame = tables.parameters(recorded(journal, plan))
    assert {name: frame.schema[name] for name in ("whole", "real", "flag", "name", "mixed", "gone", "huge")} == {
        "whole": pl.Int64,
        "real": pl.Float64,
        "flag": pl.Boolean,
        "name": pl.String,
        "mixed": pl.String,
        "gone": pl.Int64,
        "huge": pl.String,
    }
    assert frame["gone"].to_list() == [1, None]
    assert frame["mixed"].to_list() == ["1", '"x"']


def test_the_tables_have_the_step_of_the_run_and_the_step_in_its_phase(journal, clock):
    with Tracker(journal, run="r", clock=clock) as tracker:
        for stage in range(3):
            if stage:
                tracker.begin_phase(f"stage {stage}")
            for step in (0, 50, 100):
                tracker.record({"level": 10 * stage + step}, step=step)
    counted = [(0, 0), (0, 50), (0, 100), (1, 0), (1, 50), (1, 100), (2, 0), (2, 50), (2, 100)]
    expected = [(100 * phase + step, phase, step) for phase, step in counted]
    columns = "step", "phase", "phase_step"
    assert tables.parameters(load(journal)).select(columns).rows() == expected
    assert tables.changes(load(journal)).select(columns).rows() == expected[1:]


def test_a_leaf_that_is_named_like_a_column_is_quoted(journal):
    frame = tables.parameters(recorded(journal, [(0, {"step": 100}), (0, {"step": 200})]))
    assert frame["step"].to_list() == [0, 1]
    assert frame['["step"]'].to_list() == [100, 200]


def test_parameters_can_be_named_whether_they_vary_or_not(journal):
    history = recorded(journal, [(0, {"a": {"level": 1}, "b": 1}), (0, {"a": {"level": 1}, "b": 2})])
    assert tables.parameters(history, ["level"]).columns[12:] == ["a.level"]


def test_every_config_that_ran_is_there_once_and_whole(staged):
    history = load(staged)
    frame = tables.configs(history)
    assert frame["config"].to_list() == [change.config for change in history.changes.with_initial]
    assert frame["records"].sum() == len(history.adoptions)
    assert [encoding.from_jsonable(json.loads(text)) for text in frame["values"]] == [
        history.config(digest) for digest in frame["config"]
    ]


def test_tables_of_several_runs_make_one(staged, journal, tmp_path):
    other = recorded(tmp_path / "other", [(0, {"walls": 1}), (0, {"walls": 2})])
    both = pl.concat([tables.changes(load(staged)), tables.changes(other)])
    assert both.group_by("run").len().sort("len")["len"].to_list() == [1, 21]
    assert tables.tasks(load(staged))["adoptions"].to_list() == [12, 12, 12]


def test_what_was_in_force_joins_to_whatever_has_steps(staged):
    frame = pl.DataFrame({"step": [5, 450, 1000], "reward": [0.1, 0.2, 0.3]})
    joined = frame.join_asof(tables.in_force(load(staged)), on="step")
    assert joined["walls"].to_list() == [None, 8, 9]


def test_a_run_without_changes_has_empty_tables_with_all_their_columns(journal):
    history = recorded(journal, [(0, {"a": 1})])
    assert tables.changes(history).shape == (0, 14)
    assert tables.parameters(history).height == 1


def test_a_run_that_logged_no_metrics_says_so(staged):
    with pytest.raises(Exception, match="no metrics"):
        tables.metrics(load(staged), ["reward"])


def test_a_leaf_oscillates_where_changes_undo_the_one_before(journal):
    levels = [1, 2, 1, 2, 3, 2]
    plan = [(0, {"level": level, "steady": index}) for index, level in enumerate(levels)]
    frame = tables.oscillations(
        recorded(journal, [*plan, (1, {"level": 1, "steady": 0}), (1, {"level": 2, "steady": 0})])
    )
    assert frame.select("path", "changes", "returns").rows() == [("level", 6, 3), ("steady", 5, 0)]
    assert frame["share"].to_list() == [3 / 4, 0]


def test_effects_are_a_table_whether_measured_or_refused(tmp_path):
    run(tmp_path / "envcfg", {0: {"wall": 1, "reward": 1}, 60: {"wall": 2, "reward": 1}, 120: {"wall": 2, "reward": 2}})
    log(tmp_path, series([value + 3 * (index >= 60) for index, value in enumerate(autoregressive(180))], "reward"))
    frame = tables.effect_estimates(load(tmp_path))
    assert frame["changes"].to_list() == [[1], [2]]
    assert frame["low"][0] < 3 < frame["high"][0]
    assert (frame["refusal"][0], frame["value"][1]) == (None, None)
    assert "metric not invariant" in frame["refusal"][1]


def test_a_table_of_too_many_chosen_leaves_is_refused_and_the_sentence_says_what_to_type(monkeypatch):
    monkeypatch.setattr(parameters, "MOST_LEAVES", 1)
    configs = [{"a": 1, "b": {"c": 2}}]
    assert parameters.paths_of(configs, ["a"]) == [("a",)]
    with pytest.raises(SourceError, match=r"2 leaves chosen: expected at most 1, .*--param KEY"):
        parameters.paths_of(configs, ["*"])
