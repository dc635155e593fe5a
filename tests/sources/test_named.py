"""The run that a short name means."""

from contextlib import chdir

import pytest

from envcfg import Tracker
from envcfg.core.errors import SourceError
from envcfg.sources.named import is_a_run, named

DAY = 86_400.0
RUNS = {
    "outputs/2026-11-23/14-00-00": 3 * DAY,
    "outputs/2026-11-23/15-00-00": 4 * DAY,
    "sweep/1": 2 * DAY,
    "sweep/10": 1 * DAY,
}


@pytest.fixture(autouse=True)
def here(tmp_path):
    for name, time in RUNS.items():
        with Tracker(tmp_path / name / "envcfg", clock=lambda time=time: time) as tracker:
            tracker.record({"a": 1}, step=0)
    with chdir(tmp_path):
        yield tmp_path


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("last", "outputs/2026-11-23/15-00-00"),
        ("14", "outputs/2026-11-23/14-00-00"),
        ("outputs/2026-11-23/15", "outputs/2026-11-23/15-00-00"),
        ("2026-11-23/14-00", "outputs/2026-11-23/14-00-00"),
        ("1", "sweep/1"),
        ("sweep/1", "sweep/1"),
        ("10", "sweep/10"),
    ],
)
def test_the_end_of_a_path_or_the_beginning_of_a_part_names_a_run(text, run):
    assert named(text) == run


@pytest.mark.parametrize("text", ["outputs", "sweep/*", "./14", "/14", "~/14", "wandb:a/b/c", "a/b/c", "nothing", ""])
def test_anything_else_is_left_as_it_is(text):
    assert named(text) == text


def test_an_ambiguous_name_lists_the_runs():
    with pytest.raises(SourceError) as refused:
        named("2026-11-23/1")
    assert str(refused.value) == (
        "2026-11-23/1 means 2 runs: outputs/2026-11-23/14-00-00, outputs/2026-11-23/15-00-00; type more of one"
    )


def test_a_folder_called_last_is_that_folder(here):
    (here / "last").mkdir()
    assert named("last") == "last"


def test_last_without_any_run_says_where_it_looked(tmp_path):
    (tmp_path / "empty").mkdir()
    with chdir(tmp_path / "empty"), pytest.raises(SourceError, match=r"no recorded run was found below .*empty"):
        named("last")


@pytest.mark.parametrize(("text", "answer"), [("14", True), ("sweep", True), ("no/such", True), ("analyse", False)])
def test_a_word_that_names_nothing_is_no_run(text, answer):
    assert is_a_run(text) is answer
