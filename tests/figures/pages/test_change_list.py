import json
import re
from dataclasses import replace

import pytest

from envcfg import Cause, Tracker, load, sample
from envcfg.figures.pages import change_list as module
from envcfg.figures.pages.change_list import change_list, is_listed, listed


def data(history):
    return json.loads(re.search('id="changes">(.*?)</script>', change_list(history), re.DOTALL)[1])


def test_a_row_has_everything_about_a_change():
    told = data(load(sample()))
    number, step, last, epoch, slots, asked, task, cause, edits, note = told["rows"][1]
    assert (number, step, last, epoch, slots, asked) == (1, 22589, 22880, 22, 16, 22528)
    assert told["tasks"][task] == "forage/meadow"
    assert told["causes"][cause] == "curriculum: returns 0.8553 (threshold 0.85)"
    assert (told["notes"][note], told["edits"][edits]["more"]) == ("", 0)
    shown = [(told["paths"][path], *sides) for path, *sides in told["edits"][edits]["shown"]]
    assert shown[0] == ("game.map_builder.objects.wall", "0", "12")


def test_what_has_no_edits_says_why(journal):
    with Tracker(journal, run="renamed") as tracker:
        tracker.record({"wall": 1}, step=0, task="a")
        tracker.record({"wall": 1}, step=1, task="b")
        tracker.record({"wall": 2}, step=2, task="b")
    history = load(journal)
    lost = replace(history, configs={})
    said = [told["notes"][row[-1]] for told in (data(history), data(lost)) for row in told["rows"]]
    assert said == [
        "The initial config.",
        "The config is the same: only the name of the task changed.",
        "",
        "The initial config.",
        *["Its configs could not be read."] * 2,
    ]


def test_a_new_key_is_noted(journal):
    with Tracker(journal, run="new") as tracker:
        tracker.record({"max_steps": 1}, step=0)
        tracker.record({"max_steps": 1, "max_stepz": 2}, step=1)
    (edit,) = data(load(journal))["edits"][1]["shown"]
    assert edit[1:] == ["(absent)", "2", "new to every config; did you mean max_steps?"]


@pytest.fixture
def many(journal):
    """A run of 60 changes, each with 50 edits, whose configs repeat."""
    with Tracker(journal, run="many") as tracker:
        for step in range(61):
            config = {f"key{key}": step % 2 for key in range(50)}
            tracker.record(config, step=step, task=f"task {step % 3}", cause=Cause("schedule"))
    return load(journal)


def test_names_and_edits_that_repeat_are_stored_once(many):
    told = data(many)
    assert len(told["rows"]) == 61
    assert [len(told[name]) for name in ("tasks", "causes", "edits")] == [3, 1, 3]


def test_the_page_says_how_many_edits_and_changes_are_left_out(many, monkeypatch):
    assert {(len(edits["shown"]), edits["more"]) for edits in data(many)["edits"]} == {(0, 0), (40, 10)}
    monkeypatch.setattr(module, "LISTED", 20)
    monkeypatch.setattr(module, "EDITS", 210)
    told = data(many)
    assert [row[0] for row in told["rows"]] == [*range(21)]
    assert {(len(edits["shown"]), edits["more"]) for edits in told["edits"]} == {(0, 0), (10, 40)}
    assert "The list has the first 20 of 60 changes; envcfg log prints all of them." in change_list(many)
    assert [is_listed(many, number) for number in (0, 20, 21)] == [True, True, False]


def test_ten_thousand_changes_take_less_space_than_plotly(journal):
    with Tracker(journal, run="long") as tracker:
        for step in range(10_001):
            config = {"a": step, "b": {"c": step / 7, "d": [step, 1]}, "e": f"map-{step}.txt"}
            tracker.record(
                config, step=step, task=f"task {step % 50}", cause=Cause("curriculum", metric="m", value=0.9)
            )
    assert len(change_list(load(journal))) < 2_500_000


def test_a_run_without_changes_has_a_list_with_its_initial_config_and_an_empty_recording_has_none(journal):
    with Tracker(journal, run="still") as tracker:
        tracker.record({"a": 1}, step=0)
    history = load(journal)
    assert [row[0] for row in listed(history, history.changes.with_initial)["rows"]] == [0]
    empty = replace(history, adoptions=history.of_role("eval").adoptions)
    assert change_list(empty) == ""
