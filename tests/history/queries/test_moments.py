"""`staged`: three slots run through three stages of four epochs. An epoch has a hundred steps."""

from datetime import UTC, datetime

import pytest

from envcfg import Tracker, load
from envcfg.core.errors import SelectionWarning, SourceError
from envcfg.history.adoptions import Place

STAGES = ["open", "maze", "maze"]


@pytest.fixture
def history(staged):
    return load(staged)


@pytest.mark.parametrize(
    ("moment", "walls"),
    [
        (0, None),
        (399, None),
        (407, 8),
        ("407", 8),
        ("first", None),
        ("last", 9),
        ("epoch:0", None),
        ("epoch:3", None),
        ("epoch:4", 8),
        ("epoch:11", 9),
        ("change:0", None),
        ("change:1", 8),
        ("change:2", 9),
    ],
)
def test_a_moment_is_a_step_the_end_of_an_epoch_a_change_or_an_end_of_the_run(history, moment, walls):
    assert history.at(moment)["walls"] == walls


def test_a_change_in_one_of_three_slots_is_not_yet_in_force_for_most(history):
    assert history.at(400)["walls"] is None
    assert history.at("change:1")["walls"] == 8
    assert history.at(400, Place(0, 0, 0))["walls"] == 8


def test_a_time_is_a_moment(history):
    times = [adoption.record.time for adoption in history.adoptions]
    for row, time in enumerate(times):
        named = datetime.fromtimestamp(time, UTC).isoformat()
        place = history.adoptions[row].place
        assert history.in_force(f"time:{named}", place).since.record.time == time


def test_in_force_gives_the_first_step_the_cause_and_the_slots(history):
    held = history.in_force("epoch:7")
    assert (held.since.record.step, held.since.record.epoch, held.since.record.task) == (400, 4, "nav/hard")
    assert held.since.record.cause.metric == "success"
    assert (held.places, held.of) == (tuple(Place(0, 0, slot) for slot in range(3)), 3)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        ("yesterday", "invalid moment 'yesterday': a moment is"),
        ("lats", r"invalid moment 'lats' \(the nearest name is last\): a moment is"),
        ("epoch:", "invalid moment"),
        ("time:soon", "invalid moment"),
        ("change:3", "run staged has no change 3: its initial config has number 0, and it has 2 changes after it"),
        ("change:-1", "run staged has no change -1"),
        ("time:2001-01-01T00:00:00+00:00", "up to 2001-01-01"),
        (-1, "up to step -1"),
    ],
)
def test_a_moment_outside_of_the_run_raises_a_clear_error(history, moment, said):
    with pytest.raises(SourceError, match=said):
        history.at(moment)


def test_the_diff_of_two_moments_ignores_the_changes_between_them(history):
    assert {change.path[-1]: change.after for change in history.diff("first", "last")} == {
        "max_steps": 200,
        "layout": "maze",
        "walls": 9,
        "heart": 0.5,
        "ore": history.diff("change:1", "change:2")[1].after,
    }
    assert history.diff("last", "last") == ()


@pytest.mark.parametrize(
    ("moment", "last"),
    [(1115, "step 1,114"), (99_999_999, "step 1,114"), ("epoch:12", "epoch 11"), ("time:2999-01-01T00:00:00Z", "20")],
)
def test_a_moment_after_the_last_record_warns_and_means_the_last_record(history, moment, last):
    with pytest.warns(SelectionWarning, match=rf"is after the last record of run staged, which is at {last}"):
        held = history.in_force(moment)
    assert held.config == history.in_force("last").config


def test_a_step_that_the_trainer_reported_is_inside_the_recording(journal, clock):
    tracker = Tracker(journal, run="r", clock=clock)
    tracker.record({"size": 1}, step=10)
    tracker.end_epoch(step=500, epoch=1)
    try:
        history = load(journal)
        assert history.at(500) == {"size": 1}
        with pytest.warns(SelectionWarning, match=r"step 500 \(it is still being written, or was cut off\)"):
            assert history.at(501) == {"size": 1}
    finally:
        tracker.close()
