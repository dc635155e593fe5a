"""The answer about a run: made from its record, and true for any run."""

import pytest
from noise import BIN, log, run, series

from envcfg import Cause, Tracker, load, load_sweep, sample
from envcfg.analysis.answer.measurements import NO_TESTS, Measurements, Verdict, measurements
from envcfg.analysis.answer.movement import movements
from envcfg.analysis.answer.paragraph import paragraph
from envcfg.core.errors import MissingExtraError, SourceError

WALLS = {"map": {"walls": 30, "berries": 8}, "size": [1, 2], "name": "a"}
FEWER = {"map": {"walls": 40, "berries": 6}, "size": [1, 3], "name": "b"}
FALL = [0.8] * 12 + [0.65] * 12


def at_step(index):
    return f"step {index * BIN:,}"


@pytest.fixture
def fallen(journal):
    """A run whose reward falls at its only change, at bin 12."""
    return run(journal, {0: WALLS, 12: FEWER}, cause=Cause("schedule", note="patience"))


def test_the_largest_movement_is_said_with_what_changed_and_its_size(fallen):
    said = paragraph(fallen, Measurements(series(FALL, "reward"), {1: Verdict(1, 1, "This was tested")})).movement
    assert said == (
        f"1 change followed the initial config. The largest movement is at change 1 ({at_step(12)}, schedule: "
        "patience): size[1] 2 → 3, berries 8 → 6, walls 30 → 40, name a → b; reward fell by 0.15, from 0.8 to 0.65 "
        "(means of 10 points on each side). This was tested."
    )


def test_the_reason_why_nothing_was_tested_is_said(fallen):
    missing = str(MissingExtraError("a test", extra="stats"))
    said = paragraph(fallen, Measurements(series(FALL, "reward"), missing=missing)).movement
    assert said.endswith(
        "This was not tested: a test needs packages that are not installed: pip install 'envcfg[stats]'."
    )


def test_without_a_metric_the_reason_is_said_and_no_movement(fallen):
    found = paragraph(fallen, measurements(fallen))
    assert found.reward.startswith("The reward is not known: no metrics of run made were found")
    assert found.movement == "1 change followed the initial config."


def test_a_metric_that_was_asked_for_and_does_not_exist_is_an_error(fallen):
    with pytest.raises(SourceError):
        measurements(fallen, "success")


def test_the_answer_says_of_how_many_changes_it_speaks(journal):
    configs = {0: {"a": 0}, 12: {"a": 1}, 13: {"a": 2}, 26: {"a": 3}}
    history = run(journal, configs)
    found = paragraph(history, Measurements(series([0.0] * 26 + [1.0] * 10, "reward")))
    assert found.movement.startswith(
        "3 changes followed the initial config; 1 of 3 changes can be compared. The largest"
    )


def test_changes_that_were_tested_together_are_one_group(journal):
    configs = {0: {"a": 0}, 12: {"a": 1}, 13: {"a": 2}}
    history = run(journal, configs)
    verdict = Verdict(1, 2, "Together")
    measured = Measurements(series([0.0] * 12 + [1.0] * 10, "reward"), {1: verdict, 2: verdict})
    assert [[change.number for change in found.changes] for found in movements(history, measured).found] == [[1, 2]]
    assert "at changes 1 to 2" in paragraph(history, measured).movement


def test_a_run_without_a_change_says_so(journal):
    history = run(journal, {0: {"a": 0}})
    found = paragraph(history, Measurements(series([1.0] * 20, "reward"), NO_TESTS))
    assert found.movement == "No config changed after the initial config."
    assert found.stages == "Most slots ran t with one config from step 0 on."
    assert found.reward == "The metric reward ended at 1 (mean of the last 2 of 20 points)."


def test_an_empty_recording_is_answered(journal):
    with Tracker(journal):
        pass
    found = paragraph(load(journal), Measurements(None, missing="no metric"))
    assert found.stages == "No config was recorded."


def test_a_run_that_was_killed_is_never_called_complete(journal):
    tracker = Tracker(journal)
    tracker.record({"a": 1}, step=5)
    found = paragraph(load(journal), Measurements(None))
    assert found.outcome == "The run was killed or is still running; its last record is at step 5."
    tracker.close()


def test_missing_parts_come_first_and_by_name(tracker, journal):
    tracker.record({"a": 1}, step=5)
    path = next(journal.iterdir())
    path.write_bytes(path.read_bytes() + b"damage\n")
    found = paragraph(load(journal), Measurements(None))
    assert "1 part of its recording could not be read, so this answer speaks of the rest only." in found.outcome
    assert f"Not read: {path.name}: line" in found.problems


def test_ineffective_and_misspelt_keys_are_named(journal):
    with Tracker(journal) as tracker:
        tracker.request({"gravity": 20.0}, step=0)
        tracker.record({"gravity": 9.8, "max_steps": 10}, step=10)
        tracker.record({"gravity": 9.8, "max_steps": 10, "max_stepz": 20}, step=20)
    said = paragraph(load(journal), Measurements(None)).problems
    assert "Ineffective: gravity is not effective yet: 20.0 requested in 1 slot from step 0 on" in said
    assert "Possibly misspelt: max_stepz is new to every config at step 20 (change 1); did you mean max_steps?" in said


def test_requests_that_were_not_recorded_are_not_called_effective(fallen):
    assert paragraph(fallen, Measurements(None)).problems == (
        "No loss and no failure was recorded. No request was recorded, so ineffective keys are not known."
    )


@pytest.mark.parametrize("run", load_sweep([sample(), sample("sweep")]), ids=lambda run: run.name)
def test_every_sentence_of_a_real_run_is_whole(run):
    found = paragraph(run.history, measurements(run.history))
    assert all(part.endswith(".") and ".." not in part and "  " not in part for part in found)
    assert found.text == " ".join(found)


def test_a_change_that_cannot_be_tested_has_the_reason_that_effects_gives():
    history = load(sample("sweep") / "schedule-1")
    said = paragraph(history, measurements(history, "reward")).movement
    assert "This could not be tested: metric not invariant: " in said


def test_a_tested_movement_says_what_the_test_found():
    history = load(sample())
    said = paragraph(history, measurements(history)).movement
    assert "The test removes the trend and finds a jump of -0.2" in said
    assert said.endswith("; an association does not prove a cause.")


def test_an_effect_without_a_test_says_why(journal):
    run(journal, {0: WALLS, 12: FEWER}, cause=Cause("curriculum", metric="other", value=1.0))
    log(journal.parent, series([0.8, 0.81] * 6 + [0.65, 0.66] * 6, "reward"))
    history = load(journal.parent)
    said = paragraph(history, measurements(history)).movement
    assert "This was not tested: " in said
