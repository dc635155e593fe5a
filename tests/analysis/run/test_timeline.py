from hypothesis import given
from hypothesis import strategies as st

from envcfg import Tracker, load
from envcfg.analysis.run.task_spans import TaskSpan
from envcfg.analysis.run.timeline import MAX_SPANS, timeline
from envcfg.analysis.spread_text import spread_text
from envcfg.core.diff import ABSENT
from envcfg.core.path import dotted
from envcfg.sources.series import Series


def test_each_parameter_that_changed_has_a_lane_of_its_values(staged):
    lanes = {dotted(lane.path): lane for lane in timeline(load(staged)).lanes}
    assert lanes["max_steps"].values == (100, 200)
    assert lanes["max_steps"].steps == (0, 400, 407, 414)
    assert [spread_text(spread) for spread in lanes["max_steps"].spreads] == [
        "100",
        "100 (2 of 3), 200 (1 of 3)",
        "200 (2 of 3), 100 (1 of 3)",
        "200",
    ]
    assert lanes["rewards.ore"].values == (0.1, 0.0, ABSENT)
    assert lanes["walls"].values == (None, 8, 9)
    assert "rewards.heart" in lanes
    assert len(lanes) == 5


def test_a_span_is_what_more_than_half_of_the_slots_ran(staged):
    spans = timeline(load(staged)).spans
    assert spans == (TaskSpan(0, 407, "nav/easy"), TaskSpan(407, 807, "nav/hard"), TaskSpan(807, 1114, "nav/last"))


def test_params_are_globs_and_parameters_without_a_lane_are_counted(staged):
    assert [dotted(lane.path) for lane in timeline(load(staged), params=["rewards.*"]).lanes] == [
        "rewards.heart",
        "rewards.ore",
    ]
    (note,) = timeline(load(staged), most_lanes=2).notes
    assert note.startswith("3 more parameters changed: choose with params=")


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.integers(0, 2), min_size=1), min_size=1, max_size=12))
def test_a_lane_read_at_any_step_is_the_config_in_force(tmp_path_factory, configs):
    folder = tmp_path_factory.mktemp("journal")
    with Tracker(folder) as tracker:
        for step, config in enumerate(configs):
            tracker.record({"p": config}, step=step)
    history = load(folder)
    for lane in timeline(history).lanes:
        for step in range(len(configs)):
            spread = [spread for start, spread in zip(lane.steps, lane.spreads, strict=True) if start <= step][-1]
            assert spread.value == history.at(step)["p"].get(lane.path[1], ABSENT)


@given(st.lists(st.integers(0, 9), min_size=2, max_size=40), st.data())
def test_a_part_of_a_run_shows_the_same_as_the_whole(tmp_path_factory, values, draw):
    folder = tmp_path_factory.mktemp("journal")
    with Tracker(folder) as tracker:
        for step, value in enumerate(values):
            tracker.record({"a": value}, step=step, task=f"t{value}")
    history, (first, last) = load(folder), sorted(draw.draw(st.tuples(*[st.integers(0, len(values) - 1)] * 2)))
    data = timeline(history, between=(first, last))
    shown = [change for change in history.changes.with_initial if first <= change.step <= last]
    assert [mark.step for mark in data.marks] == [change.step for change in shown]
    assert data.changes == sum(change.number > 0 for change in shown)
    for step in range(first, last + 1):
        assert all(lane.spreads[lane.at(step)].value == values[step] for lane in data.lanes)
    assert all(first <= step <= last for lane in data.lanes for step in lane.steps)
    assert [span.task for span in data.spans if span.start <= first][-1:] == [f"t{values[first]}"]


def test_a_part_of_a_metric_has_as_many_points_as_a_whole_run(staged):
    steps = tuple(float(step) for step in range(100_000))
    series = Series("reward", "step", steps, steps, (None,) * len(steps))
    curve = timeline(load(staged), metric=series, between=(500.0, 1500.0)).curve
    assert curve.steps == steps[500:1501]


def test_a_run_without_records_has_an_empty_timeline(journal):
    with Tracker(journal):
        pass
    data = timeline(load(journal))
    assert (data.lanes, data.spans, data.marks) == ((), (), ())


def test_many_short_spans_are_shown_as_the_longest_task_of_each_part(journal):
    with Tracker(journal) as tracker:
        for step in range(2000):
            tracker.record({"a": step % 5}, step=step, task="rare" if step % 5 == 0 else f"often-{step // 1000}")
    data = timeline(load(journal))
    assert len(data.spans) == MAX_SPANS
    assert {span.task for span in data.spans} == {"often-0", "often-1"}
    assert "in each short part, the colour is that of the longest task" in data.notes
