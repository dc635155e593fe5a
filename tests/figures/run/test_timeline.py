import json
import re

import pytest
from hostile import HOSTILE

from envcfg import Cause, Tracker, load
from envcfg.analysis.run.timeline import MAX_MARKS
from envcfg.analysis.run.timeline import timeline as timeline_data
from envcfg.analysis.spread_text import spread_text
from envcfg.core.path import dotted
from envcfg.figures.html.page import page
from envcfg.figures.layout import row_names, short_tasks
from envcfg.figures.run.marks import MANY_MARKS
from envcfg.figures.run.timeline import draw, timeline
from envcfg.sources.series import Series


@pytest.fixture
def series():
    steps = tuple(float(step) for step in range(0, 1200, 10))
    return Series("reward", "env_config/step", steps, tuple(step / 1200 for step in steps), (None,) * len(steps))


def test_all_rows_share_one_x_axis_and_one_hover(staged, series):
    figure = draw(timeline_data(load(staged), metric=series))
    assert {trace.xaxis or "x" for trace in figure.data} == {"x"}
    assert figure.layout.hovermode == "x unified"
    assert figure.layout.hoversubplots == "axis"


def test_each_change_is_marked_with_its_cause_and_its_edits(staged):
    texts = [text for trace in timeline(load(staged)).data if trace.mode == "markers" for text in trace.customdata]
    (promotion,) = [text for text in texts if "change 1" in text]
    assert "epoch 4 · nav/hard · curriculum: success 0.81 (threshold 0.8)" in promotion
    assert "requested at step 400, adopted by 3 slots at step 400 to 414" in promotion
    assert "max_steps 100 → 200" in promotion


def test_a_cause_has_a_symbol_beside_its_colour(staged):
    marks = [trace for trace in timeline(load(staged)).data if trace.mode == "markers"]
    assert len({trace.marker.symbol for trace in marks}) == len(marks) == 2


def test_a_hover_at_any_step_shows_the_value_of_every_parameter(staged, series):
    data = timeline_data(load(staged), metric=series)
    figure = draw(data)
    for lane in data.lanes:
        speaking = [trace for trace in figure.data if trace.name == dotted(lane.path) and trace.hoverinfo != "skip"]
        assert len(speaking) == 1
        told = dict(zip(speaking[0].x, speaking[0].customdata, strict=True))
        assert all(told[step] == spread_text(lane.spreads[lane.at(step)]) for step in data.grid)


def test_a_hover_at_any_step_names_the_task_in_force(staged):
    (task,) = [trace for trace in timeline(load(staged)).data if trace.name == "task"]
    assert task.customdata[0].startswith("nav/easy</b> · epoch 0")
    assert task.customdata[-1].startswith("nav/last</b> · epoch 11")


def test_numbers_stay_on_a_scale_where_a_parameter_is_absent_at_first(journal):
    with Tracker(journal) as tracker:
        for step, force in enumerate([None, 9.0, 2.0, 5.0]):
            tracker.record({"a": 1} if force is None else {"a": 1, "force": force}, step=step)
    line, floor, _ = (trace for trace in timeline(load(journal)).data if trace.yaxis == "y3")
    at = dict(zip(line.x, line.y, strict=True))
    assert [at[step] for step in range(4)] == [None, 9.0, 2.0, 5.0]
    assert floor.y[0] < 2.0


@pytest.mark.parametrize("x", ["step", "epoch", "time"])
def test_it_can_be_drawn_over_steps_epochs_and_time(staged, series, x):
    figure = draw(timeline_data(load(staged), metric=series, x=x))
    low, high = figure.layout.xaxis.range
    assert all(low <= place <= high for trace in figure.data for place in trace.x if place is not None)


def test_many_changes_are_drawn_as_a_density_by_cause(journal):
    with Tracker(journal) as tracker:
        for step in range(1500):
            tracker.record({"level": step}, step=step, cause=Cause(("manual", "schedule")[step % 2]))
    figure = timeline(load(journal))
    bars = [trace for trace in figure.data if trace.type == "bar"]
    assert {bar.name for bar in bars} == {"changes: schedule", "changes: manual"}
    assert len({bar.marker.pattern.shape for bar in bars}) == 2
    assert max(map(sum, zip(*(bar.y for bar in bars), strict=True))) == 1.0
    (marks,) = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "markers"]
    assert "<b>initial config and changes 1 to 14</b>, up to step 14<br>" in marks.customdata[0]
    counted = set(marks.customdata[0].split("<br>")[1].split(", "))
    assert counted == {"7 manual", "7 schedule", "1 initial config"}
    assert "<b>changes 15 to 29</b>, up to step 29<br>8 schedule, 7 manual" in marks.customdata[1]


def test_without_a_metric_the_figure_says_why(staged):
    assert "no metric: no metrics of run staged were found" in timeline(load(staged)).layout.title.text


def test_no_button_sends_the_data_to_a_cloud(staged):
    assert "sendChartToCloud" in timeline(load(staged)).layout.template.layout.modebar.remove


def test_many_changes_are_few_marks_and_the_figure_says_so(journal):
    with Tracker(journal) as tracker:
        for step in range(1500):
            tracker.record({"level": step, "mode": str(step % 3)}, step=step)
    figure = timeline(load(journal))
    assert (
        sum(len(trace.x) for trace in figure.data if trace.type == "scatter" and trace.mode == "markers") <= MAX_MARKS
    )
    assert sum(shape.type == "line" for shape in figure.layout.shapes) <= MANY_MARKS
    assert f"initial config and changes 1 to 1,499 are shown as {MAX_MARKS} marks" in figure.layout.title.text
    assert all(len(trace.x) <= 2_001 for trace in figure.data)


def test_parameters_without_a_lane_are_named_in_the_figure(staged):
    assert "3 more parameters changed" in timeline(load(staged), most_lanes=2).layout.title.text


def test_it_has_a_summary_in_words(staged):
    summary = timeline(load(staged), most_lanes=2).layout.meta["summary"]
    assert summary.startswith("staged: 2 changes in 1,114 steps (3 more parameters changed: choose with params=")
    assert summary.endswith("; 2 parameters shown")


@pytest.mark.parametrize("count", [0, 1])
def test_a_run_of_no_or_one_record_can_be_drawn(journal, count):
    with Tracker(journal) as tracker:
        for step in range(count):
            tracker.record({"a": 1}, step=step)
    assert timeline(load(journal)).layout.height > 0


def test_short_names_are_unique_and_have_two_keys():
    paths = [("a", "map", "width"), ("b", "map", "width"), ("r", "reward", "weights", 0), ("seed",)]
    assert row_names(paths) == ["a.map.width", "b.map.width", "reward.weights[0]", "seed"]


def test_the_common_folder_of_tasks_is_left_out():
    assert short_tasks(["nav/easy", "nav/hard", None]) == {"nav/easy": "easy", "nav/hard": "hard", None: "(unnamed)"}
    assert short_tasks(["nav/easy", "(several tasks)"]) == {"nav/easy": "easy", "(several tasks)": "(several tasks)"}
    assert short_tasks(["nav/easy", "mem/hard"]) == {"nav/easy": "nav/easy", "mem/hard": "mem/hard"}


def test_the_page_is_self_contained(staged):
    text = page(timeline(load(staged)), title="run")
    ours = text.replace(re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1], "")
    assert not re.search(r"(src|href)\s*=|https?://|@import|url\(", ours)


def test_hostile_names_stay_text(journal):
    with Tracker(journal, run=HOSTILE) as tracker:
        for step in range(2):
            tracker.record({HOSTILE: f"{HOSTILE}{step}"}, step=step, task=f"{HOSTILE}{step}")
    text = page(timeline(load(journal)), title=HOSTILE)
    assert text.count("<script") == 4
    assert "<img" not in text.split("</script>")[-2]
    (embedded,) = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    shown = list(texts_in([embedded["layout"]["title"], embedded["layout"]["annotations"], embedded["data"]]))
    assert any("alert(1)" in text for text in shown)
    assert not any("<img" in text or "\x1b" in text for text in shown)


def texts_in(value):
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_in(inner)
