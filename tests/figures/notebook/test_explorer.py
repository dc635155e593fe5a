import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from plotly import graph_objects as go

from envcfg import Tracker, load, load_sweep, sample
from envcfg.figures.notebook import explorer
from envcfg.figures.notebook.explore import explore


class Points:
    def __init__(self, x):
        self.xs = [x]


@pytest.fixture
def widget():
    return explore(load_sweep(sample("sweep")))


@pytest.fixture
def alone():
    """The explorer of one run, which draws less than that of all."""
    return explore(load(sample("sweep") / "schedule-1"))


def title(widget):
    return widget.figure.layout.title.text


def test_another_run_metric_axis_and_parameters_can_be_chosen(widget):
    widget.run.value = "schedule-1"
    assert "schedule-1" in title(widget)
    widget.metric.value = "reward/forage/winter"
    assert widget.figure.layout.yaxis2.title.text == "reward/forage/winter"
    widget.x.value = "epoch"
    assert widget.figure.layout.xaxis.title.text == "epoch"
    widget.params.value = "*.width label"
    lanes = [trace.name for trace in widget.figure.data if (trace.yaxis or "y") > "y2" and not trace.stackgroup]
    assert [name for name in lanes if name] == ["game.map_builder.width", "label"]


def test_a_metric_stays_chosen_in_a_run_that_has_it(widget):
    widget.metric.value = "reward/forage/winter"
    widget.run.value = "schedule-1"
    assert widget.metric.value == "reward/forage/winter"


@pytest.mark.parametrize(("x", "shown"), [("step", (30_000, 80_000)), ("epoch", (30, 80))])
def test_a_part_that_is_zoomed_into_is_drawn_again(alone, x, shown):
    alone.x.value = x
    before = sum(trace.name == "rolling median" for trace in alone.figure.data)
    alone.figure.layout.xaxis.range = shown
    assert "2 changes from step" in title(alone)
    assert sum(trace.name == "rolling median" for trace in alone.figure.data) <= before
    alone.whole.click()
    assert "4 changes in 122,880 steps" in title(alone)


def test_a_part_on_the_time_axis_is_drawn_again(alone):
    alone.x.value = "time"
    low, high = alone.figure.layout.xaxis.range
    middle = explorer.datetime.fromtimestamp((low + high) / 2000, explorer.UTC)
    start = explorer.datetime.fromtimestamp(low / 1000, explorer.UTC)
    alone.figure.layout.xaxis.range = [f"{side:%Y-%m-%d %H:%M:%S.%f}"[:24] for side in (start, middle)]
    assert "changes from step" in title(alone) or "changes in" in title(alone)
    assert alone.figure.layout.xaxis.range[1] == pytest.approx((low + high) / 2, abs=(high - low) / 20)


def test_a_click_shows_what_the_nearest_mark_changed():
    widget = explore(load(sample()))
    widget._on_click(None, Points(78_000), None)
    assert "change 2 · step 78,870 · forage/grove · curriculum: returns" in widget.details.value
    assert "<td>12</td><td>16</td><td>+4 (+33%)</td>" in widget.details.value
    widget._on_click(None, Points(10), None)
    assert "The initial config." in widget.details.value


def test_the_reason_is_shown_if_nothing_can_be_drawn(staged):
    widget = explore(load(staged))
    widget.metric.options = [*widget.metric.options, "nope"]
    widget.metric.value = "nope"
    assert "no metrics of run staged were found" in widget.details.value


def test_axes_are_not_offered_as_metrics(alone):
    assert "epoch" not in alone.metric.options
    assert {"reward", "returns"} <= set(alone.metric.options)


def test_an_axis_that_was_asked_for_is_offered():
    assert explore(load(sample("sweep") / "schedule-1"), metric_name="epoch").metric.value == "epoch"


def test_a_glob_that_matches_nothing_is_told_until_it_is_mended(alone):
    alone.params.value = "*.widht"
    assert "*.widht" in alone.details.value
    alone.params.value = "*.width"
    assert explorer.HINT in alone.details.value


def test_hostile_names_stay_text(hostile):
    widget = explore(hostile)
    widget._on_click(None, Points(1), None)
    assert "alert(1)" in widget.details.value
    assert "<img" not in widget.details.value
    assert "<script" not in widget.details.value


def test_a_running_job_is_followed_until_it_ends(journal, monkeypatch):
    monkeypatch.setattr(explorer, "READ_INTERVAL", 0)

    async def until(is_so):
        async with asyncio.timeout(30):
            while not is_so():  # noqa: ASYNC110  # the widget has no event, and gets none for a test
                await asyncio.sleep(0)

    async def followed():
        with Tracker(journal) as tracker:
            tracker.record({"level": 0}, step=0)
            widget = explore(load(journal), follow=True)
            tracker.record({"level": 1}, step=10)
            await until(lambda: "1 change in 10 steps" in title(widget))
        await until(lambda: not widget.follow.value)
        return widget

    with ThreadPoolExecutor(1) as own:  # a browser test leaves a running loop in the main thread
        assert "completed" in own.submit(asyncio.run, followed()).result().details.value


def test_it_shows_a_plain_figure_where_widgets_do_not_work(alone):
    shown = alone._repr_mimebundle_()
    assert shown["application/vnd.jupyter.widget-view+json"]
    assert len(shown["application/vnd.plotly.v1+json"]["data"]) == len(alone.figure.data)
    assert "4 changes in 122,880 steps" in shown["text/plain"]


def test_without_the_extra_it_is_a_plain_figure(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert type(explore(load(sample()))) is go.Figure
