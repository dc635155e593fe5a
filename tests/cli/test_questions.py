"""`staged`: three slots through three stages of four epochs, one epoch a hundred steps."""

import csv
import json
import re

import pytest
import yaml
from command_line import envcfg, envcfg_process

from envcfg import Tracker, load

LOG = """\
change 1  step 400  epoch 4  TIME  nav/hard  adopted by 3 slots, all by step 414
    curriculum: success 0.81 (threshold 0.8)
    layout open → maze
    max_steps 100 → 200
    rewards.ore 0.1 → 0.0
    walls null → 8
"""
SHOW = """\
# run staged at step 514: nav/hard, run by 3 of 3 slots
# since step 400, epoch 4, TIME
# because of curriculum: success 0.81 (threshold 0.8)
# digest 9c03b5f8ac399aada81cf754144c3d1b
layout: maze
max_steps: 200
rewards:
  heart: 1.0
  ore: 0.0
walls: 8
"""
DIFF = """\
--- staged at step 0: nav/easy
+++ staged at step 400: nav/hard
  layout open → maze
  max_steps 100 → 200
  rewards.ore 0.1 → 0.0
  walls null → 8
"""
BLAME = """\
key            value  before  change  step  epoch  task      cause
rewards.heart  0.5    1.0          2   800      8  nav/last  curriculum: success 0.81 (threshold 0.8)
"""
TASKS = """\
task      adoptions  share  stated  configs  stays  median stay  running       steps
nav/easy         12  33.3%                1      3    400 steps              0 to 14
nav/hard         12  33.3%                1      3    400 steps           400 to 414
nav/last         12  33.3%                1      0               3 slots  800 to 814

Transitions
  nav/easy → nav/hard: 3 times
  nav/hard → nav/last: 3 times
"""


def timeless(text):
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME", text)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (("log", "--since", "epoch:2", "--until", "change:1"), LOG),
        (("show", "--epoch", "5"), SHOW),
        (("diff", "first", "change:1"), DIFF),
        (("blame", "heart"), BLAME),
        (("tasks",), TASKS),
    ],
)
def test_a_question_is_one_command(staged, question, answer):
    command, *rest = question
    done = envcfg(command, staged, *rest)
    assert timeless(done.stdout) == answer
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", ["log", "show", "blame", "tasks"])
def test_the_json_is_one_document_with_a_format_and_a_version(staged, command):
    document = json.loads(envcfg(command, staged, "--format", "json").stdout)
    assert document["format"].startswith("envcfg-")
    assert (document["version"], document["run"]) == (1, "staged")


@pytest.mark.slow
def test_the_printed_yaml_loads_as_the_same_config(journal):
    config = {"title": "naïve ⚙", "trap": "on", "number": "007", "list": [1, [2.5, None]], "odd": "a\u202eb\x1b[31m"}
    with Tracker(journal, run="r") as tracker:
        tracker.record(config, step=0)
    shown = envcfg_process("show", journal, PYTHONUTF8="1").stdout
    assert yaml.safe_load(shown) == config
    assert "\x1b" not in shown


def test_two_runs_are_compared_at_their_ends_or_at_moments(staged, tmp_path):
    with Tracker(tmp_path / "other", run="other") as tracker:
        tracker.record(load(staged).at("change:1") | {"max_steps": 999}, step=0)
    assert envcfg("diff", f"{staged}@change:1", tmp_path / "other").stdout.splitlines()[2:] == ["  max_steps 200 → 999"]
    assert "walls" in envcfg("diff", staged, tmp_path / "other").stdout


def test_the_exit_status_can_say_whether_anything_differs(staged):
    assert envcfg("diff", staged, "first", "last", "--exit-code").returncode == 1
    assert envcfg("diff", staged, "change:1", "change:2", "--exit-code", "--param", "max_steps").returncode == 0
    assert envcfg("diff", staged, "first", "last").returncode == 0


def test_the_log_can_be_narrowed_to_keys_tasks_slots_and_the_latest(staged):
    def numbers(*options):
        return re.findall(r"(?m)^(?:change |initial config \(number )(\d+)", envcfg("log", staged, *options).stdout)

    assert numbers() == ["0", "1", "2"]
    assert numbers("--param", "max_steps") == ["1"]
    assert numbers("--param", "walls", "-n", "1") == ["2"]
    assert numbers("--task", "nav/easy") == ["0"]
    assert numbers("--slot", "7") == []


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (("log", "--since", "epoch:99"), "after the last record of run staged, which is at epoch 11"),
        (("show", "--epoch", "9", "--step", "4"), "name one moment"),
        (("show", "yesterday"), "invalid moment"),
        (("show", "--slot", "77"), "slot 77"),
        (("blame", "zzz"), "has a key zzz"),
        (("diff", "1", "2", "3"), "expected RUN A B"),
        (("log", "--since", "change:9"), "has no change 9"),
    ],
)
def test_a_question_without_an_answer_is_an_error_in_one_line(staged, question, said):
    command, *rest = question
    done = envcfg(command, staged, *rest)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_every_table_is_written_and_missing_ones_are_reported(staged, tmp_path):
    done = envcfg("export", staged, "-o", tmp_path / "all", "--format", "parquet")
    assert done.returncode == 0
    assert sorted(path.stem for path in (tmp_path / "all").iterdir()) == [
        "changes",
        "configs",
        "draws",
        "in_force",
        "oscillations",
        "parameters",
        "tasks",
    ]
    assert "No metrics.parquet: no metrics of run staged" in done.stderr


def test_the_exported_history_is_plain_json(staged, tmp_path):
    envcfg("export", staged, "history", "-o", tmp_path / "run.json")
    document = json.loads((tmp_path / "run.json").read_text())
    assert len(document["adoptions"]) == 9
    assert {adoption["config"] for adoption in document["adoptions"]} == set(document["configs"])


@pytest.mark.parametrize("suffix", ["csv", "json", "parquet"])
def test_the_name_of_the_file_decides_the_format_of_a_table(staged, tmp_path, suffix):
    import polars as pl

    path = tmp_path / f"changes.{suffix}"
    assert envcfg("export", staged, "changes", "-o", path).returncode == 0
    assert getattr(pl, f"read_{suffix}")(path).height == 21


def test_no_cell_of_a_csv_is_a_formula(journal, tmp_path):
    hostile = "=HYPERLINK(1)"
    with Tracker(journal, run="@run") as tracker:
        tracker.record({hostile: 1, "+x": "-2+3", "n": -5}, step=0, task=hostile)
        tracker.record({hostile: 2, "+x": "+A1", "n": -6}, step=1, task=hostile)
    envcfg("export", journal, "-o", tmp_path)
    for path in tmp_path.glob("*.csv"):
        for row in csv.reader(path.read_text(encoding="utf-8").splitlines()):
            assert not [cell for cell in row if re.match(r"[=+\-@]", cell) and not re.fullmatch(r"-\d+", cell)]


@pytest.mark.parametrize(
    ("name", "said"), [("run.csv", "written as JSON, not csv"), ("run.xls", "expected a file that ends in .csv, .json")]
)
def test_an_unsuitable_file_format_is_refused(staged, tmp_path, name, said):
    done = envcfg("export", staged, "history", "-o", tmp_path / name)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / name).exists()


def test_a_sweep_is_compared_in_one_command():
    from envcfg.sources.sample import sample

    done = envcfg("compare", "--sweep", sample("sweep"), "--ignore", "game.map_builder.*")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"game.max_steps +72 \(4\), \[72 \(11 of 16\), 56 \(3 of 16\)", done.stdout)
    assert "map_builder" not in done.stdout
    assert "schedule 1  4 runs, 5 stages" in done.stdout


def test_the_json_of_a_comparison_has_every_run_and_value():
    from envcfg.sources.sample import sample

    document = json.loads(envcfg("compare", sample("sweep"), "--format", "json").stdout)
    assert (document["format"], document["version"], len(document["runs"])) == ("envcfg-comparison", 1, 5)
    assert {leaf["text"]: leaf["values"] for leaf in document["env"]}["game.max_steps"]["schedule-1"] == 72


def test_compare_needs_a_run_or_a_sweep():
    done = envcfg("compare")
    assert (done.returncode, done.stderr) == (2, "envcfg: name the runs to compare, or the folder of a sweep\n")


def test_blame_prints_the_keys_that_changed_and_counts_the_rest(staged):
    lines = envcfg("blame", staged).stdout.splitlines()
    keys = [line.split()[0] for line in lines]
    assert keys == ["key", "layout", "max_steps", "rewards.heart", "walls"]


def test_blame_all_prints_every_key(journal):
    with Tracker(journal) as tracker:
        tracker.record({"a": 1, "b": 2}, step=0)
        tracker.record({"a": 1, "b": 3, "c": 4}, step=10)
    shown = envcfg("blame", journal).stdout.splitlines()
    assert [line.split()[0] for line in shown[:-1]] == ["key", "b", "c"]
    assert shown[-1] == "... and 1 key with the value of the initial config (--all)"
    assert [line.split()[0] for line in envcfg("blame", journal, "--all").stdout.splitlines()] == ["key", "a", "b", "c"]
    assert [line.split()[0] for line in envcfg("blame", journal, "a").stdout.splitlines()] == ["key", "a"]


def test_blame_tells_how_slots_differ_and_the_last_change_in_any_of_them(journal):
    with Tracker(journal) as tracker:
        for step, (slot, level) in enumerate([(0, 1), (1, 1), (2, 1), (1, 2), (2, 9), (0, 3)]):
            tracker.record({"level": level, "size": 1}, step=step, slot=slot)
        tracker.end_slot(2)
        tracker.record({"level": 3, "size": 5}, step=6, slot=0)
        tracker.record({"level": 2, "size": 5}, step=7, slot=1)
    assert envcfg("blame", journal).stdout.splitlines() == [
        "key    value                   before  after  slot  change  step  epoch  task       cause",
        "level  2 (1 of 2), 3 (1 of 2)  1       3      0          3     5         (unnamed)",
        "size   5                       1                         5     7         (unnamed)",
        "Where slots differ: the last change in any of 2 slots (or --slot N)",
    ]
    (level, _) = json.loads(envcfg("blame", journal, "--format", "json").stdout)["leaves"]
    assert level["spread"]["values"] == [{"value": 2, "slots": 1}, {"value": 3, "slots": 1}]


def test_blame_of_a_run_without_a_change_says_so(journal):
    with Tracker(journal) as tracker:
        tracker.record({"a": 1, "b": 2}, step=0)
    assert envcfg("blame", journal).stdout == "... and 2 keys with the value of the initial config (--all)\n"
