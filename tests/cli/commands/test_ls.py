"""`envcfg ls`, `envcfg` alone, and short names of runs in other commands."""

import json

import pytest
from command_line import envcfg

from envcfg import Tracker

DAY = 86_400.0


@pytest.fixture
def runs(tmp_path):
    """Three runs whose names are not in the order of their beginnings."""
    for day, name in enumerate(("b", "a", "c")):
        with Tracker(tmp_path / name / "envcfg", curriculum="by hand", clock=lambda day=day: day * DAY + 60) as tracker:
            tracker.record({"size": day + 9}, step=0)
            tracker.record({"size": day}, step=5)
            tracker.end_epoch(step=10, epoch=1, rewards={"": [0.5]})
    return tmp_path


def test_the_newest_run_is_last(runs):
    lines = envcfg("ls", cwd=runs, TZ="UTC").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["run", "b", "a", "c"]
    assert [word for word in lines[-1].split() if word in ("completed", "hand", "1", "0.5")] == [
        "completed",
        "hand",
        "1",
        "0.5",
    ]


def test_a_named_folder_keeps_its_place_in_the_names(runs):
    names = [run["run"] for run in json.loads(envcfg("ls", runs, "--format", "json").stdout)["runs"]]
    assert names == [str(runs / name) for name in "bac"]


def test_an_unreadable_run_is_in_the_list_and_named_on_stderr(runs):
    (runs / "broken").mkdir()
    (runs / "broken/r0-w0-000001.jsonl").write_text("not ours\n")
    done = envcfg("ls", cwd=runs)
    assert done.returncode == 0
    assert "unreadable" in done.stdout
    assert done.stderr.startswith("Not read: broken contains no journal that can be read")


def test_without_any_run_the_next_step_is_said(tmp_path):
    done = envcfg("ls", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "no recorded run was found below .: start a job with hydra/callbacks=env_config" in done.stderr
    assert json.loads(envcfg("ls", "--format", "json", cwd=tmp_path).stdout)["runs"] == []


def test_a_mistyped_folder_has_the_nearest_name(runs):
    (runs / "outputs").mkdir()
    assert "the nearest name is outputs" in envcfg("ls", "output", cwd=runs).stderr


def test_envcfg_alone_shows_the_latest_runs_and_three_commands(runs):
    done = envcfg(cwd=runs)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[:4]] == ["run", "b", "a", "c"]
    commands = [line for line in done.stdout.splitlines() if line.startswith("envcfg ")]
    assert [command.split("  ")[0] for command in commands] == [
        "envcfg last",
        "envcfg timeline last -o timeline.html",
        "envcfg --help",
    ]


def test_envcfg_alone_where_nothing_was_recorded_says_how_to_begin(tmp_path):
    done = envcfg(cwd=tmp_path)
    assert done.returncode == 0
    assert [line.split("  ")[0] for line in done.stdout.splitlines()[2:]] == [
        "envcfg demo",
        "envcfg doctor",
        "envcfg --help",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "last"),
        ("log", "last"),
        ("diff", "last", "b"),
        ("diff", "last@first", "b@first"),
        ("compare", "last", "b"),
        ("report", "last", "-o", "report.html"),
        ("replay", "last", "last"),
        ("doctor", "last"),
        ("export", "last", "changes"),
    ],
)
def test_a_short_name_stands_for_a_run_in_every_command(runs, arguments):
    done = envcfg(*arguments, cwd=runs, WANDB_MODE="offline")
    assert "no such folder" not in done.stderr
    assert done.returncode == 0, done


def test_last_is_the_run_that_began_last(runs):
    assert "size: 2\n" in envcfg("show", "last", cwd=runs).stdout


def test_an_ambiguous_name_lists_the_candidates(runs):
    (runs / "c").rename(runs / "ab")
    (runs / "a").rename(runs / "ac")
    done = envcfg("show", "a", cwd=runs)
    assert (done.returncode, done.stderr) == (2, "envcfg: a means 2 runs: ab, ac; type more of one\n")
