"""The timeline has a thin line where each phase of the run begins, with its name."""

import pytest

from envcfg import Tracker, load
from envcfg.analysis.run.timeline import timeline as timeline_data
from envcfg.figures.run.timeline import draw
from envcfg.figures.style import REMOVED


@pytest.fixture
def stages(journal, clock):
    with Tracker(journal, run="stages", clock=clock) as tracker:
        for stage in range(3):
            if stage == 1:
                tracker.begin_phase("<b>second</b> stage, with a long name")
            for step in (0, 100, 200):
                tracker.record({"level": 10 * stage + step // 100}, step=step, epoch=3 * stage + step // 100)
    return load(journal)


def lines(figure):
    return [(shape.x0, shape.x1, shape.line.width) for shape in figure.layout.shapes if shape.name == "phase"]


def names(figure):
    return {note.x: note.text for note in figure.layout.annotations if note.yanchor == "bottom" and note.y == 0}


def test_a_thin_line_stands_where_each_phase_begins_and_none_at_the_beginning_of_the_run(stages):
    begins = [phase.step for phase in stages.phases if phase.number]
    assert len(begins) == 2
    assert 0 not in begins
    assert lines(draw(timeline_data(stages))) == [(step, step, 1) for step in begins]


def test_a_line_has_the_name_of_its_phase_or_its_number(stages):
    found = list(names(draw(timeline_data(stages))).values())
    assert found[0].startswith("&lt;b&gt;second")
    assert "…" in found[0]
    assert found[1] == "phase 2"


def test_the_line_is_where_the_first_change_of_the_phase_is(stages):
    data = timeline_data(stages)
    changes = [change.step for change in stages.changes]
    assert {x for x, *_ in lines(draw(data))} <= {data.axis.at(step) for step in changes}


def test_a_run_of_one_phase_has_no_line(staged):
    figure = draw(timeline_data(load(staged)))
    assert lines(figure) == []


def test_a_run_that_went_back_and_did_not_complete_says_so_on_its_timeline(journal):
    for start in (0, 4):
        with Tracker(journal, run="r") as tracker:
            for step in range(start, start + 6):
                tracker.record({"level": start + step}, step=step)
            tracker.close("interrupted")
    notes = draw(timeline_data(load(journal))).layout.annotations
    assert [(note.x, note.text) for note in notes if note.font.color == REMOVED] == [
        (4, "went back from step 5"),
        (9, "interrupted"),
    ]
