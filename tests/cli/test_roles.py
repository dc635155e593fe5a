"""`--role`: the environments that a command asks about. By default they are those of the training."""

import json

import pytest
from command_line import envcfg

from envcfg import Tracker

LEFT_OUT = "envcfg: run r: 1 evaluation slot with 2 records is left out (--role eval, or --role all)\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "envcfg"
    with Tracker(folder, run="r") as tracker:
        for level in (1, 2):
            for slot in range(2):
                tracker.record({"level": level}, step=10 * level + slot, slot=slot, task="train")
        other = tracker.begin_slot(role="eval")
        for level in (8, 9):
            tracker.record({"level": level}, step=10 * level, slot=other, task="test")
    return folder


@pytest.mark.parametrize(
    ("asked", "of_roles"),
    [
        (("show", "last", "--param", "level"), ("level: 2", "level: 9", "level: 2 (2 of 3), 9 (1 of 3)")),
        (("blame", "level"), ("level  2      1            2    21", "level  9      8            1    90", "3    90")),
        (("log", "-n", "1"), ("level 1 → 2", "level 8 → 9", "level 8 → 9")),
        (("diff", "first"), ("level 1 → 2", "level 8 → 9", "level 1 → 2 (2 of 3), 9 (1 of 3)")),
        (("tasks",), ("train          4", "test          2", "test           2")),
        (("export", "in_force", "-o", "in_force.csv"), ("20,2", "90,1", "90,3")),
    ],
)
def test_each_command_asks_about_one_role_or_all(run, asked, of_roles, tmp_path):
    command, *rest = asked
    for role, expected in zip(("train", "eval", "all"), of_roles, strict=True):
        options = [str(tmp_path / one) if one.endswith(".csv") else one for one in rest]
        done = envcfg(command, run, *options, *(() if role == "train" else ("--role", role)))
        text = (tmp_path / "in_force.csv").read_text() if "export" in asked else done.stdout
        assert expected in text, role
        assert (LEFT_OUT in done.stderr) == (role == "train")
        assert done.returncode == 0


def test_an_evaluation_slot_beside_slots_that_train_is_called_one(run):
    document = json.loads(envcfg("show", run, "last", "--role", "all", "--format", "json").stdout)
    assert document["slots_in_all"] == 3
    assert "evaluation slot 0" in envcfg("blame", run, "--role", "all").stdout
    (level,) = json.loads(envcfg("blame", run, "--role", "all", "--format", "json").stdout)["leaves"]
    assert level["slot"] == {"rank": 0, "worker": 0, "slot": 0, "role": "eval"}


def test_the_report_tells_that_evaluation_slots_are_left_out(run):
    assert "Evaluation: 1 evaluation slot with 2 records is left out" in envcfg("analyze", run).stdout


def test_a_run_without_evaluation_says_so(journal):
    with Tracker(journal, run="plain") as tracker:
        tracker.record({"level": 1}, step=0)
    done = envcfg("log", journal, "--role", "eval")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == 'envcfg: run plain recorded no evaluation environment (role="eval")\n'
    assert envcfg("log", journal).stderr == ""
