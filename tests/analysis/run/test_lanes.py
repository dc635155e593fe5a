"""A parameter is drawn by itself: it jumps only if a slot changed it."""

import random

import polars as pl
import pytest

from envcfg import Tracker, load, tables
from envcfg.analysis.effects.correlation import correlations
from envcfg.analysis.run.lanes import MAX_MOMENTS
from envcfg.analysis.run.timeline import timeline
from envcfg.analysis.spread_text import spread_text
from envcfg.core.errors import SelectionWarning
from envcfg.core.path import dotted
from envcfg.sources.series import Series

SLOTS = 1024


@pytest.fixture(scope="module")
def terrain(tmp_path_factory):
    """1,024 slots whose level moves; the terrain type of each slot is constant. The levels after each step."""
    folder, chance = tmp_path_factory.mktemp("terrain"), random.Random(0)
    levels, kinds = [chance.randrange(4) for _ in range(SLOTS)], [chance.randrange(4) for _ in range(SLOTS)]
    told = {}
    with Tracker(folder) as tracker:
        for step in range(6):
            for slot in range(SLOTS):
                if step and chance.random() < 0.2:
                    levels[slot] += chance.choice((1, 1, -1))
                tracker.record({"terrain_level": levels[slot], "terrain_type": kinds[slot]}, step=step, slot=slot)
            told[step] = sorted(levels)
    return load(folder), told


def test_a_parameter_that_never_changes_in_its_slot_has_no_lane(terrain):
    history, _ = terrain
    assert [dotted(lane.path) for lane in timeline(history).lanes] == ["terrain_level"]
    assert list(history.parameters.changes) == [("terrain_level",)]
    with pytest.warns(SelectionWarning, match="terrain_type never changed in run"):
        timeline(history, params=["terrain_type"])


def test_no_answer_says_that_a_parameter_changed_that_is_constant_in_each_slot(terrain):
    history, told = terrain
    assert [dotted(edit.path) for edit in history.diff("first", "last")] == ["terrain_level"]
    assert {dotted(edit.path) for change in history.changes for edit in history.edits(change)} == {"terrain_level"}
    blames = {dotted(blame.path): blame for blame in history.blame()}
    assert (blames["terrain_type"].change, blames["terrain_type"].spread.slots) == (0, SLOTS)
    assert blames["terrain_level"].change == len(history.changes)
    frame = tables.parameters(history).filter(pl.col("change") > 0)
    assert frame["terrain_type"].n_unique() == 1
    assert frame["terrain_level"][-1] == pytest.approx(sum(told[5]) / SLOTS)
    rewards = Series.of("reward", range(6), [0, 1, 0, 2, 1, 3])
    assert [found.parameter for found in correlations(history, rewards)] == ["terrain_level"]


def test_where_slots_differ_a_lane_has_the_values_of_all_of_them(terrain):
    history, told = terrain
    (lane,) = timeline(history).lanes
    for step, levels in told.items():
        spread = lane.spreads[lane.at(step)]
        assert spread.slots == SLOTS
        assert [spread.quantile(share) for share in (0, 0.5, 1)] == [levels[0], levels[SLOTS // 2 - 1], levels[-1]]
        assert sum(spread.weights) == SLOTS
    assert lane.form(6) == "bands"


def test_texts_have_shares_and_numbers_bands_where_slots_differ(journal):
    with Tracker(journal) as tracker:
        for step in range(8):
            for slot in range(4):
                level = 10 * step + (slot == 3)
                tracker.record(
                    {"layout": "abcd"[(step + slot) % 4], "level": level, "same": step}, step=step, slot=slot
                )
    lanes = {dotted(lane.path): lane for lane in timeline(load(journal)).lanes}
    assert {name: lane.form(8) for name, lane in lanes.items()} == {
        "layout": "shares",
        "level": "bands",
        "same": "line",
    }
    assert spread_text(lanes["layout"].spreads[-1]) == "a (1 of 4), b (1 of 4), c (1 of 4), d (1 of 4)"


def test_a_few_numbers_on_which_slots_differ_for_long_have_shares(journal):
    with Tracker(journal) as tracker:
        for step in range(8):
            for slot in range(4):
                tracker.record({"size": 5 if (step + slot) % 4 else 500}, step=step, slot=slot)
    (lane,) = timeline(load(journal)).lanes
    assert lane.form(8) == "shares"


def test_a_lane_that_changes_too_often_is_summarised_over_parts_of_the_run(journal):
    chance = random.Random(0)
    with Tracker(journal) as tracker:
        for step in range(5 * MAX_MOMENTS):
            tracker.record({"a": chance.random()}, step=step, slot=step % 8, draws=False)
    (lane,) = timeline(load(journal)).lanes
    assert len(lane.steps) <= MAX_MOMENTS
    assert {spread.slots for spread in lane.spreads[1:]} == {8}
    assert spread_text(lane.spreads[-1]).endswith("in 8 slots")
