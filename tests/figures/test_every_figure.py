"""Properties of every figure."""

import json
from collections import Counter
from contextlib import nullcontext

import pytest
from hostile import HOSTILE

from envcfg import load_sweep, sample
from envcfg.core.errors import SourceError
from envcfg.figures.changes.effects import effect_intervals
from envcfg.figures.changes.event_study import event_study
from envcfg.figures.html.page import page
from envcfg.figures.run.diff import diff
from envcfg.figures.run.task_mix import task_mix
from envcfg.figures.run.timeline import timeline
from envcfg.figures.sweep.multiples import multiples
from envcfg.figures.sweep.parameter import parameter
from envcfg.figures.sweep.profiles import performance_profiles
from envcfg.figures.sweep.trajectories import trajectories
from envcfg.sources.sweep import SweepRun

pytestmark = pytest.mark.needs("figures", "stats")

FIGURES = {
    "effects": lambda runs: effect_intervals(runs[1].history if len(runs) > 1 else runs[0].history),
    "event study": event_study,
    "timeline": lambda runs: timeline(runs[0].history),
    "task mix": lambda runs: task_mix(runs[0].history),
    "parameter": parameter,
    "multiples": multiples,
    "trajectories": trajectories,
    "performance_profiles": performance_profiles,
    "diff": lambda runs: diff(runs[0].history.at(0), runs[0].history.at("last")),
}


@pytest.fixture(params=FIGURES.values(), ids=FIGURES.keys())
def drawn(request):
    return request.param


@pytest.fixture(scope="module")
def runs():
    return load_sweep(sample("sweep"))


@pytest.fixture(scope="module", params=FIGURES.values(), ids=FIGURES.keys())
def figure(request, runs):
    """Each figure, drawn once for all tests that only look at it."""
    return request.param(runs)


def test_no_button_sends_the_data_to_a_cloud(figure):
    assert "sendChartToCloud" in figure.layout.template.layout.modebar.remove


def test_it_has_a_summary_for_screen_readers(figure):
    assert len(figure.layout.meta["summary"]) > 20


def test_it_is_small(figure):
    assert all(len(trace.x) <= 2_001 for trace in figure.data if trace.x is not None)
    assert len(figure.to_json()) < 700_000


def test_a_name_is_in_the_legend_once(figure):
    named = Counter(trace.name for trace in figure.data if trace.name and trace.showlegend is not False)
    assert all(times == 1 for times in named.values())


def test_hostile_names_stay_text(drawn, hostile):
    figure = drawn([SweepRun(HOSTILE, hostile), SweepRun("second", hostile)])
    drawing = json.loads(figure.to_json())
    drawing["layout"].pop("meta")  # plain text, which is never read as HTML
    shown = list(texts_in([drawing["data"], drawing["layout"]]))
    assert any("alert(1)" in text for text in shown)
    assert not any("<img" in text or "<script" in text or "\x1b" in text for text in shown)
    assert not any("31m%{" in text for text in shown)
    assert "<img" not in page(figure, title=HOSTILE).split('id="data">')[1]


def test_one_run_without_a_metric_can_be_drawn_or_is_refused_in_a_sentence(drawn, staged):
    refusal = pytest.raises(SourceError, match=r"no change in 0 runs with this metric|no metrics of run staged")
    with refusal if drawn in (event_study, FIGURES["effects"]) else nullcontext():
        assert drawn(load_sweep(staged)).layout.height > 0


def texts_in(value):
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_in(inner)
