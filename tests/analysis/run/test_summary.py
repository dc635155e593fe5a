import pytest

from envcfg import Cause, Tracker, load
from envcfg.analysis.documents.answers import summary_json
from envcfg.analysis.documents.exports import cell, legacy_json, parameters_csv
from envcfg.analysis.run.summary import summary
from envcfg.core.errors import SourceError


def test_the_totals_count_adoptions_tasks_and_decisions(staged):
    found = summary(load(staged))
    assert found.adoptions == 36
    assert dict(found.tasks) == {"nav/easy": 12, "nav/hard": 12, "nav/last": 12}
    assert [row.change.step for row in found.rows] == [0, 400, 800]
    assert [row.change.number for row in found.rows] == [0, 1, 2]
    assert found.changes == 2
    assert (found.status, found.curriculum, found.last_epoch) == ("completed", "threshold", 11)


def test_each_task_has_a_sample_of_its_key_parameters(staged):
    found = summary(load(staged))
    assert list(found.samples) == ["nav/easy_epoch_0", "nav/hard_epoch_4", "nav/last_epoch_8"]
    assert found.samples["nav/last_epoch_8"] == {"max_steps": 200, "reward_heart": 0.5}


def test_the_csv_has_a_row_for_each_change_and_a_column_for_each_parameter(staged):
    header, first, *rest = parameters_csv(summary(load(staged))).splitlines()
    assert header == "change,epoch,step,last_step,slots,task,cause,max_steps,reward_heart,reward_ore"
    assert first == "0,0,0,14,3,nav/easy,,100,1.0,0.1"
    assert len(rest) == 2


def test_a_table_of_too_many_cells_is_refused_and_the_sentence_says_what_to_type(staged):
    assert parameters_csv(summary(load(staged), most_cells=3 * 10)).count(",") == 4 * 9
    with pytest.raises(SourceError, match=r"3 changes with 10 columns.*at most 29 cells.*--param KEY.*envcfg export"):
        summary(load(staged), most_cells=3 * 10 - 1)


def test_no_cell_is_a_formula():
    assert cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert cell("@sum") == "'@sum"
    assert cell("-1.5e3") == "-1.5e3"
    assert cell("nav/easy") == "nav/easy"


def test_the_legacy_json_has_every_record_with_its_config(staged):
    import json

    document = json.loads(legacy_json(load(staged)))
    assert len(document["history"]) == 9
    assert document["history"][0]["config"]["rewards"] == {"heart": 1.0, "ore": 0.1}
    assert document["task_counts"]["nav/easy"] == 12


def test_the_json_and_the_report_agree(staged):
    document = summary_json(summary(load(staged)))
    assert (document["total_changes"], document["initial_configs"]) == (2, 1)
    assert [change["number"] for change in document["changes"]] == [0, 1, 2]
    promotion = document["changes"][1]
    assert [leaf["text"] for leaf in promotion["edits"]] == [
        "layout open → maze",
        "max_steps 100 → 200",
        "rewards.ore 0.1 → 0.0",
        "walls null → 8",
    ]
    assert promotion["edits"][1] | {"text": ""} == {"path": "/max_steps", "text": "", "before": 100, "after": 200}
    assert (promotion["cause"]["kind"], promotion["cause"]["value"]) == ("curriculum", 0.81)


def test_the_json_distinguishes_an_absent_leaf_from_a_null_one(staged):
    gone = summary_json(summary(load(staged)))["changes"][2]["edits"][1]
    assert (gone["path"], "after" in gone) == ("/rewards/ore", False)


def test_the_json_is_strict_for_all_numbers(journal):
    import json

    with Tracker(journal) as tracker:
        tracker.record({"max_steps": float("nan")}, step=0)
        tracker.record({"max_steps": float("inf")}, step=1, cause=Cause("manual", metric="m", value=float("nan")))
        tracker.mix({"a": float("nan")}, step=1)
    history = load(journal)
    json.dumps(summary_json(summary(history)), allow_nan=False)
    assert "NaN" not in legacy_json(history)


def test_a_sample_does_not_guess_an_epoch(journal):
    with Tracker(journal) as tracker:
        tracker.record({"max_steps": 1}, step=5, task="easy")
    assert list(summary(load(journal)).samples) == ["easy_epoch_?"]


def test_failures_and_losses_are_in_the_summary(journal):
    with Tracker(journal) as tracker:
        tracker.record({"fn": print}, step=0)
        segment = tracker._out.journal.path
        segment.write_bytes(segment.read_bytes() + b"torn")
        found = summary(load(journal))
    assert "cannot record a function" in found.failures[0]
    assert "cut off after 4 bytes" in found.losses[0]
    assert found.status == "cut off"
