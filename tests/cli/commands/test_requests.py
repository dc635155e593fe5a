"""`envcfg requests`, and requests in the output of other commands."""

import json

import pytest
from command_line import envcfg

from envcfg import Cause, Tracker, load
from envcfg.analysis.documents.answers import history_json

SAID = """\
request 1  step 100  epoch 1  gravity = 20.0
    effective in 0 of 2 slots; 2 not yet
    schedule
request 2  step 100  epoch 1  length = 1.0
    effective in 2 of 2 slots, lag 15 steps (longest 20)

2 requests (4 counted by slot): 2 effective, 0 superseded, 2 not effective yet
gravity is not effective yet: 20.0 requested in 2 slots from step 100 on; at the end a slot used 9.8
"""


@pytest.fixture
def asked(journal, clock):
    with Tracker(journal, run="asked", clock=clock) as tracker:
        for slot in range(2):
            tracker.record({"gravity": 9.8, "length": 0.5}, step=0, epoch=0, slot=slot)
        tracker.request({"gravity": 20.0}, step=100, epoch=1, cause=Cause("schedule"))
        tracker.request({"length": 1.0}, step=100, epoch=1)
        for slot in range(2):
            tracker.record({"gravity": 9.8, "length": 1.0}, step=110 + 10 * slot, epoch=1, slot=slot)
    return journal


def test_it_prints_each_request_its_result_and_the_ineffective_keys(asked):
    assert envcfg("requests", asked).stdout == SAID


def test_slots_prints_both_steps_of_each_slot(asked):
    lines = envcfg("requests", asked, "--slots").stdout.splitlines()
    assert lines[3:5] == [f"    slot {slot}: asked at step 100, not effective yet" for slot in range(2)]
    assert lines[-5:-3] == [
        "    slot 0: asked at step 100, effective at step 110, lag 10",
        "    slot 1: asked at step 100, effective at step 120, lag 20",
    ]
    assert "    requested at step 100\n    length 0.5 → 1.0" in envcfg("log", asked).stdout


def test_the_json_has_both_steps_of_each_slot(asked):
    document = json.loads(envcfg("requests", asked, "--format", "json", "-n", 1).stdout)
    assert [row["number"] for row in document["requests"]] == [2]
    assert [(row["slot"]["slot"], row["lag"]) for row in document["answers"]] == [(0, 10), (1, 20)]
    assert document["never_effective"][0]["path"] == "/gravity"


def test_only_envcfg_requests_says_that_a_run_has_no_requests(staged):
    assert "no requests were recorded" in envcfg("requests", staged).stdout
    assert "Requests:" not in envcfg("analyze", staged).stdout
    assert "  Requests:" not in envcfg("doctor", staged, WANDB_MODE="offline").stdout


def test_the_doctor_reports_a_key_that_never_became_effective(asked):
    done = envcfg("doctor", asked, WANDB_MODE="offline")
    assert done.returncode == 1
    assert "WRONG  Not effective: gravity is not effective yet" in done.stdout


def test_the_report_and_the_timeline_show_the_step_of_a_request(asked):
    from envcfg.figures.pages.report import report
    from envcfg.figures.run.timeline import timeline
    from envcfg.sources.sweep import load_sweep

    hovers = str(timeline(load(asked)).to_json())
    assert "requested at step 100, adopted by 2 slots at step 110 to 120, lag 10 to 20" in hovers
    (ineffective,) = [trace for trace in timeline(load(asked)).data if trace.name == "requested, not effective yet"]
    assert (ineffective.x[0], ineffective.customdata[0].partition(":")[0]) == (100, "gravity is not effective yet")
    page = report(load_sweep([asked]))
    assert "Requested and effective" in page
    assert "gravity is not effective yet" in page


def test_the_exported_history_has_requests_only_if_there_are_some(asked, tmp_path):
    with Tracker(tmp_path / "plain") as tracker:
        tracker.record({"gravity": 9.8}, step=0)
    assert "requests" not in history_json(load(tmp_path / "plain"))
    assert len(history_json(load(asked))["requests"]) == 2


def test_a_key_that_was_adopted_and_never_requested_is_noted(asked, journal, clock):
    with Tracker(journal, run="asked", clock=clock) as tracker:
        tracker.record({"gravity": 9.8, "length": 3.0}, step=200, epoch=2)
    said = envcfg("doctor", asked, WANDB_MODE="offline").stdout
    assert "note   Not requested: adopted and never requested: length (1 time)" in said
