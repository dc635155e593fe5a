"""The git commit of the recorded program: what git itself says, within a time limit, and without its hooks."""

import os
import shutil
import subprocess
import sys
import threading

import pytest

from envcfg import load
from envcfg.tracking import commit
from envcfg.tracking.commit import Commit

PROGRAM = """
from envcfg import Tracker
with Tracker("run") as tracker:
    tracker.record({"a": 1}, step=0)
"""


def git(*arguments, cwd):
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
    done = subprocess.run(["git", *identity, *arguments], cwd=cwd, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "train.py").write_text(PROGRAM)
    git("init", "--quiet", cwd=tmp_path)
    git("add", "app", cwd=tmp_path)
    git("commit", "--quiet", "-m", "x", cwd=tmp_path)
    return tmp_path


def read(folder):
    commit._within_limit.cache_clear()
    return commit._within_limit((folder,))


def test_a_program_records_the_commit_of_its_folder_and_whether_files_were_modified(repository):
    elsewhere = repository.parent / "elsewhere"
    elsewhere.mkdir()
    subprocess.run([sys.executable, str(repository / "app" / "train.py")], cwd=elsewhere, check=True)
    (job,) = load(elsewhere / "run").jobs
    assert (job.commit, job.modified) == (git("rev-parse", "HEAD", cwd=repository), False)


def test_it_says_what_git_says_for_branches_packed_branches_detached_heads_and_worktrees(repository):
    head = git("rev-parse", "HEAD", cwd=repository)
    (repository / "new.txt").write_text("untracked files are no modification")
    assert read(repository / "app") == Commit(head, False)
    git("pack-refs", "--all", cwd=repository)
    assert read(repository / "app") == Commit(head, False)
    git("worktree", "add", "--quiet", "-b", "other", "../tree", cwd=repository)
    assert read(repository.parent / "tree" / "app") == Commit(head, False)
    git("checkout", "--quiet", "--detach", cwd=repository)
    (repository / "app" / "train.py").write_text("changed")
    assert read(repository) == Commit(head, True)


def test_no_hook_and_no_monitor_of_the_repository_runs_and_no_file_of_it_changes(repository):
    script = repository / ".git" / "hooks" / "post-index-change"
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"#!/bin/sh\ntouch {repository / 'ran'}\n")
    script.chmod(0o755)
    git("config", "core.fsmonitor", str(script), cwd=repository)
    before = (repository / ".git" / "index").stat().st_mtime_ns
    os.utime(repository / "app" / "train.py")
    assert read(repository).is_modified is False
    assert not (repository / "ran").exists()
    assert (repository / ".git" / "index").stat().st_mtime_ns == before


def test_a_file_system_that_does_not_answer_costs_the_limit_and_the_commit_is_unknown(tmp_path, monkeypatch):
    answer = threading.Event()
    monkeypatch.setattr(commit, "LIMIT", 0.01)
    monkeypatch.setattr(commit, "_head", lambda _: answer.wait())
    (tmp_path / ".git").mkdir()
    assert read(tmp_path) == Commit(None, None)
    answer.set()
    commit._within_limit.cache_clear()


@pytest.mark.parametrize("head", ["", "ref: refs/heads/none", "no hash", "\0", "ref: ../../../outside"])
def test_a_damaged_repository_has_an_unknown_commit(tmp_path, head):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text(head)
    assert read(tmp_path / "app") == Commit(None, None)
