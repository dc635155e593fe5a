import enum
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg.core.normal import normal, refuse
from envcfg.core.params import Selection
from envcfg.core.record import Mix, Record, Returns
from envcfg.core.split import WINDOW
from envcfg.sinks.wandb.metrics import EPOCH, KEYFRAME, MAX_CONFIGS, STEP, LiveMetrics, series_name


class Color(enum.Enum):
    RED = 1


def hear(live, config, *, step=0, slot=0, epoch=0):
    live.record(Record(step, slot, repr(config), 1.0, epoch), normal(config, refuse))


def test_a_constant_parameter_has_a_point_at_keyframes_only():
    live = LiveMetrics()
    hear(live, {"max_steps": 100})
    rows = [live.row(step=epoch, epoch=epoch) for epoch in range(100 * KEYFRAME + 1000)]
    frames = [epoch for epoch, row in enumerate(rows) if "env/max_steps" in row]
    assert frames[:200] == list(range(200))
    assert frames[-1] - frames[-2] == KEYFRAME
    assert len(frames) < 700
    assert all(row["env_config/epoch"] == epoch == row["env_config/step"] for epoch, row in enumerate(rows))


def test_a_change_has_a_point_in_its_epoch():
    live = LiveMetrics()
    hear(live, {"max_steps": 100, "rewards": {"heart": 1}})
    live.row(step=0, epoch=1000)
    hear(live, {"max_steps": 200, "rewards": {"heart": 1}}, step=5, epoch=1001)
    row = live.row(step=9, epoch=1001)
    assert row["env/max_steps"] == 200.0
    assert "env/reward_heart" not in row


def test_where_slots_differ_a_number_has_its_mean_and_its_quantiles():
    live = LiveMetrics()
    for slot in range(10):
        hear(live, {"max_steps": 100}, slot=slot)
    row = live.row(step=0, epoch=0)
    assert row["env/max_steps"] == 100.0
    assert "env/max_steps/p10" not in row
    for slot in range(10):
        hear(live, {"max_steps": 10 * slot}, slot=slot)
    row = live.row(step=0, epoch=1)
    assert [row[f"env/max_steps{end}"] for end in ("", "/p10", "/p90")] == [45.0, 0.0, 80.0]
    for slot in range(10):
        hear(live, {"max_steps": 7}, slot=slot)
    row = live.row(step=0, epoch=2)
    assert [row[f"env/max_steps{end}"] for end in ("", "/p10", "/p90")] == [7.0, 7.0, 7.0]


def test_a_parameter_that_is_constant_in_every_slot_does_not_move_while_another_one_does():
    live = LiveMetrics(Selection(globs=("level", "type", "kind")))
    rows = []
    for epoch in range(5):
        for slot in range(8):
            hear(live, {"level": slot * epoch, "type": slot % 2, "kind": "ab"[slot % 2]}, slot=slot)
        rows.append(live.row(step=epoch, epoch=epoch))
    assert [row["env/level"] for row in rows] == [3.5 * epoch for epoch in range(5)]
    assert {row["env/type"] for row in rows} == {0.5}
    assert all(math.isnan(row["env/kind"]) for row in rows if "env/kind" in row)


def test_another_value_is_charted_if_more_than_half_of_the_slots_have_it():
    live = LiveMetrics(Selection(globs=("kind",)))
    for slot, kind in enumerate("aab"):
        hear(live, {"kind": kind}, slot=slot)
    assert live.row(step=0, epoch=0)["env/kind"] == 0.0
    assert live.categories["env/kind"] == ["a"]


def test_slots_that_ended_have_no_part_in_a_mean():
    live = LiveMetrics()
    for slot in range(4):
        hear(live, {"max_steps": 100 * slot}, slot=slot)
    live.end([0, 1])
    assert live.row(step=0, epoch=0)["env/max_steps"] == 250.0


def test_quantiles_are_left_out_before_a_parameter_is():
    live = LiveMetrics(Selection(globs=("*",)), max_series=3)
    for slot in range(4):
        hear(live, {"a": slot, "b": slot, "c": slot}, slot=slot)
    row = live.row(step=0, epoch=0)
    assert [row[f"env/{name}"] for name in "abc"] == [1.5] * 3
    assert "env/a/p10" in live.left_out


def test_key_parameters_are_searched_for_once_in_each_config_and_in_a_limited_number():
    looked = []
    live = LiveMetrics(Selection(functions=(lambda config: looked.append(config["level"]) or {},)))
    for epoch in range(3):
        for slot in range(100):
            hear(live, {"level": slot > 60}, slot=slot)
        live.row(step=epoch, epoch=epoch)
    assert looked == [False, True]
    for slot in range(4 * MAX_CONFIGS):
        hear(live, {"level": slot + 2}, slot=slot)
    live.row(step=4, epoch=4)
    assert len(looked) <= 2 + MAX_CONFIGS


def test_a_function_that_fails_loses_no_other_row():
    live = LiveMetrics(Selection(globs=("level",), functions=(lambda config: {"twice": 2 / config["level"]},)))
    hear(live, {"level": 0})
    with pytest.raises(ZeroDivisionError):
        live.row(step=0, epoch=0)
    assert live.row(step=1, epoch=1)["env_config/epoch"] == 1.0
    hear(live, {"level": 1})
    assert live.row(step=2, epoch=2)["env/twice"] == 2.0


def test_a_value_that_is_not_a_number_is_charted_by_its_position_and_named():
    live = LiveMetrics(Selection(globs=("mode", "is_on")))
    values = []
    for epoch, mode in enumerate(["dense", "sparse", "dense"]):
        hear(live, {"mode": mode, "is_on": True}, epoch=epoch)
        values.append(live.row(step=epoch, epoch=epoch)["env/mode"])
    assert values == [0.0, 1.0, 0.0]
    assert live.categories == {"env/mode": ["dense", "sparse"]}


@given(st.dictionaries(st.text(max_size=5), st.floats(0, 1), min_size=1, max_size=40), st.integers(1, 10))
def test_probabilities_are_bounded_in_number_and_add_up(stated, top):
    live = LiveMetrics(top_tasks=top)
    live.mix(Mix(0, 1.0, 0, stated))
    row = live.row(step=0, epoch=0)
    shown = {key: value for key, value in row.items() if key.startswith("curriculum/task_prob/")}
    if sum(stated.values()) > 0:
        assert len(shown) <= top + 1
        assert math.isclose(sum(shown.values()), sum(stated.values()), abs_tol=1e-9)
        assert 1 - 1e-9 <= row["curriculum/effective_tasks"] <= len(stated) + 1e-9


def test_a_change_of_the_mean_reward_is_split_into_mix_and_skill_since_the_first_epochs():
    live = LiveMetrics()
    for epoch in range(WINDOW):
        live.mix(Mix(epoch, 1.0, epoch, None, {}, {"easy": Returns(2, 1.0), "hard": Returns(2, 0.0)}))
        assert not {"curriculum/mix_effect", "curriculum/skill_effect"} & live.row(step=epoch, epoch=epoch).keys()
    for epoch in range(WINDOW, 2 * WINDOW):
        live.mix(Mix(epoch, 1.0, epoch, None, {}, {"easy": Returns(1, 1.0), "hard": Returns(3, 0.5)}))
        row = live.row(step=epoch, epoch=epoch)
        assert (row["curriculum/mix_effect"], row["curriculum/skill_effect"]) == (-0.1875, 0.3125)
    assert "curriculum/mix_effect" not in live.row(step=100, epoch=100)


def test_no_split_is_sent_where_no_task_was_played_on_both_sides():
    live = LiveMetrics()
    for epoch in range(2 * WINDOW):
        live.mix(Mix(epoch, 1.0, epoch, None, {}, {"easy" if epoch < WINDOW else "hard": Returns(2, 1.0)}))
    assert "curriculum/mix_effect" not in live.row(step=20, epoch=20)


def test_a_curriculum_over_2000_tasks_stays_within_the_limit_of_series():
    live = LiveMetrics()
    keys = set()
    for epoch in range(200):
        live.mix(Mix(0, 1.0, epoch, {f"task-{epoch * 10 + task}": 0.1 for task in range(10)}))
        keys |= live.row(step=epoch, epoch=epoch).keys()
    assert len(keys) <= 3 + 20 + 1 + 2


def test_a_config_of_a_thousand_parameters_is_limited_with_a_message():
    live = LiveMetrics(Selection(globs=("*",)))
    hear(live, {f"k{number}": number for number in range(1000)})
    assert len(live.row(step=0, epoch=0)) == 200 + 3
    assert len(live.left_out) == 800


@given(st.text(max_size=200), st.text(max_size=200))
def test_series_names_are_valid_stable_and_unique(one, other):
    name = series_name(one)
    assert name == series_name(one)
    assert name.isascii()
    assert len(name) <= 110
    assert (name == series_name(other)) == (one == other)


def test_enums_ranges_and_empty_lists_are_charted_by_position_under_their_text():
    live = LiveMetrics(Selection(globs=("*",)))
    hear(live, {"color": Color.RED, "band": range(0, 6, 2), "walls": [], "sizes": [3, 4]})
    row = live.row(step=0, epoch=0)
    assert {key: row[key] for key in row if key.startswith("env/")} == {
        "env/color": 0.0,
        "env/band": 0.0,
        "env/walls": 0.0,
        series_name("env/sizes[0]"): 3.0,
        series_name("env/sizes[1]"): 4.0,
    }
    assert live.categories == {
        "env/color": ["Color.RED"],
        "env/band": ['{"$range":[0,6,2]}'],
        "env/walls": ["[]"],
    }


def test_a_removed_parameter_leaves_a_gap_and_a_nan_parameter_adds_no_points():
    live = LiveMetrics(Selection(globs=("*",)))
    hear(live, {"walls": 3, "noise": math.nan})
    live.row(step=0, epoch=1000)
    hear(live, {"walls": None, "noise": math.nan}, epoch=1001)
    row = live.row(step=1, epoch=1001)
    assert math.isnan(row["env/walls"])
    assert "env/noise" not in row
    assert live.row(step=2, epoch=2).keys() == {EPOCH, STEP}


def test_a_value_with_a_new_text_each_epoch_has_at_most_a_hundred_texts():
    live = LiveMetrics(Selection(globs=("*",)))
    for epoch in range(300):
        hear(live, {"path": f"/seeds/{epoch}"}, epoch=epoch)
        last = live.row(step=epoch, epoch=epoch)
    assert last.get("env/path", 100.0) == 100.0
    assert live.categories["env/path"][99:] == ["/seeds/99", "(others)"]


def test_a_parameter_whose_name_is_taken_is_left_out_with_a_message():
    first = "curriculum/task_prob/a b"
    second = series_name(first).removeprefix("curriculum/task_prob/")
    live = LiveMetrics()
    live.mix(Mix(0, 1.0, 0, {"a b": 0.75, second: 0.25}))
    row = live.row(step=0, epoch=0)
    assert row[series_name(first)] == 0.75
    assert live.left_out == {f"curriculum/task_prob/{second}"}


def test_a_run_that_begins_later_gets_every_series_at_once():
    live = LiveMetrics()
    hear(live, {"max_steps": 100})
    live.row(step=0, epoch=0)
    live.begin()
    assert live.row(step=1, epoch=1)["env/max_steps"] == 100.0
