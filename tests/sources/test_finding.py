"""The runs below a folder, as jobs, W&B and people leave them there."""

import os

import pytest

from envcfg import Tracker
from envcfg.sources.finding import found_runs


def record(folder):
    with Tracker(folder) as tracker:
        tracker.record({"a": 1}, step=0)


def names(folder):
    return sorted(run.relative_to(folder).as_posix() for run in found_runs(folder))


def test_jobs_wandb_runs_and_plain_journals_are_found(tmp_path):
    record(tmp_path / "outputs/2026-11-23/14-00-00/envcfg")
    record(tmp_path / "multirun/2026-11-23/15-00-00/10/envcfg")
    record(tmp_path / "wandb/offline-run-20261123_140000-abc/files/envcfg")
    record(tmp_path / "plain")
    assert names(tmp_path) == [
        "multirun/2026-11-23/15-00-00/10",
        "outputs/2026-11-23/14-00-00",
        "plain",
        "wandb/offline-run-20261123_140000-abc",
    ]


def test_the_folder_itself_may_be_a_run_beside_others(tmp_path):
    record(tmp_path / "envcfg")
    record(tmp_path / "b/envcfg")
    assert names(tmp_path) == [".", "b"]


def test_the_copy_of_a_journal_in_the_wandb_folder_of_its_run_is_no_second_run(tmp_path):
    record(tmp_path / "job/envcfg")
    record(tmp_path / "job/wandb/run-20261123_140000-abc/files/envcfg")
    assert names(tmp_path) == ["job"]


def test_the_sessions_of_a_resumed_wandb_run_are_one_run(tmp_path):
    for name in ("run-20261123_140000-abc", "offline-run-20261124_140000-abc", "run-20261123_150000-other"):
        record(tmp_path / name / "files/envcfg")
    assert names(tmp_path) == ["offline-run-20261124_140000-abc", "run-20261123_150000-other"]


def test_hidden_folders_and_those_of_other_programs_are_left_out(tmp_path):
    for name in (".cache", "node_modules", "site-packages", "seen"):
        record(tmp_path / name / "envcfg")
    assert names(tmp_path) == ["seen"]


def test_a_loop_of_links_ends_and_a_linked_folder_is_found_once(tmp_path):
    record(tmp_path / "real/run/envcfg")
    (tmp_path / "real/loop").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path / "real")
    assert names(tmp_path) == ["real/run"]


def test_runs_behind_a_link_are_found(tmp_path):
    record(tmp_path / "scratch/run/envcfg")
    (tmp_path / "home").mkdir()
    (tmp_path / "home/outputs").symlink_to(tmp_path / "scratch")
    assert names(tmp_path / "home") == ["outputs/run"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that may not be read")
def test_a_folder_that_may_not_be_read_is_left_out(tmp_path):
    record(tmp_path / "run/envcfg")
    (tmp_path / "locked").mkdir(mode=0)
    assert names(tmp_path) == ["run"]


def test_only_so_many_levels_are_looked_at(tmp_path):
    record(tmp_path / "1/2/3/envcfg")
    assert names(tmp_path) == ["1/2/3"]
    assert list(found_runs(tmp_path, depth=3)) == []
