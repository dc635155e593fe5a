"""The key of the tags is the same in every process of a run, wherever it can be stored."""

import os
import pickle
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from envcfg import Redaction, Tracker
from envcfg.tracking.redaction import key as module

SHOW_KEY = "from envcfg.tracking.redaction.key import key; print(key().hex())"
NO_LINKS = """
import os
def no_links(*given):
    raise PermissionError(1, "Operation not permitted")
os.link = no_links
"""
SHOW_KEYS = """
import multiprocessing, pickle, sys
from pathlib import Path
from envcfg import Tracker
from envcfg.tracking.redaction.key import key

def show(tracker, name):
    Path(sys.argv[1], name).write_text(tracker._capture.redaction.key().hex())

if __name__ == "__main__":
    with Tracker(Path(sys.argv[1], "envcfg")) as tracker:
        show(tracker, "own")
        for method in ("fork", "spawn"):
            child = multiprocessing.get_context(method).Process(target=show, args=(tracker, method))
            child.start()
            child.join()
"""
"""Prints nothing; each process writes the key that its tracker tags with."""


def environment(home, temporary=None):
    return {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": "", "TMPDIR": str(temporary or home)}


def key_of(home, temporary=None, before=""):
    command = [sys.executable, "-c", before + SHOW_KEY]
    return subprocess.run(
        command, env=environment(home, temporary), capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def homeless(tmp_path):
    """A home that cannot have a configuration directory."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".config").write_text("not a folder")
    return home


@pytest.fixture
def nowhere(tmp_path, homeless):
    """A folder of temporary files in which the folder of the key is taken by another file."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    (folder / f"envcfg-key-{os.getuid()}").write_text("taken")
    return folder


def test_the_key_is_created_once_and_readable_by_the_user_only(tmp_path):
    assert key_of(tmp_path) == key_of(tmp_path)
    path = tmp_path / ".config" / "envcfg" / "key"
    assert path.stat().st_size == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in path.parent.iterdir()] == ["key"]
    (tmp_path / "other").mkdir()
    assert key_of(tmp_path) != key_of(tmp_path / "other")


def test_without_hard_links_all_processes_that_start_at_once_have_one_key(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: key_of(tmp_path, before=NO_LINKS), range(4)))
    assert len(found) == 1
    assert found == {key_of(tmp_path)}
    (made,) = (tmp_path / ".config" / "envcfg").iterdir()
    assert stat.S_IMODE((made / "key").stat().st_mode) == 0o600


def test_without_a_home_the_processes_of_a_machine_share_a_key_that_nobody_else_can_read(tmp_path, homeless):
    assert key_of(homeless, tmp_path) == key_of(homeless, tmp_path)
    folder = tmp_path / f"envcfg-key-{os.getuid()}"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_folder_of_the_key_that_others_can_write_is_not_used(tmp_path, homeless):
    folder = tmp_path / f"envcfg-key-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o777)
    assert key_of(homeless, tmp_path) != key_of(homeless, tmp_path)
    assert not list(folder.iterdir())


def test_a_key_that_nothing_can_store_is_the_same_in_all_processes_of_a_run(tmp_path, homeless, nowhere):
    program = tmp_path / "program.py"
    program.write_text(SHOW_KEYS)
    subprocess.run(
        [sys.executable, str(program), str(tmp_path)], env=environment(homeless, nowhere), check=True, cwd=tmp_path
    )
    assert len({(tmp_path / name).read_text() for name in ("own", "fork", "spawn")}) == 1
    assert key_of(homeless, nowhere) != key_of(homeless, nowhere)


def test_a_key_of_the_user_does_not_travel_with_a_tracker(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with Tracker(tmp_path / "envcfg") as tracker:
        assert module.key() not in pickle.dumps(tracker)


def test_a_key_is_not_shown():
    given = module.GivenKey(b"0123456789")
    assert "0123456789" not in repr(Redaction(key=given))
    assert "0123456789" not in repr(given)
