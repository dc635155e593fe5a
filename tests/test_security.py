"""What the page on security promises of the recorder and the readers, watched from within their own process."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
WATCHED = """
import json, os, sys
seen = []
def watch(event, arguments):
    if event == "open" and (arguments[1] is None or set(str(arguments[1])) & set("wax+")):
        is_read = arguments[1] is None and not arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if not is_read and not isinstance(arguments[0], int):
            seen.append(["writes", os.fsdecode(arguments[0])])
    elif event in ("os.mkdir", "os.rename", "os.link", "os.symlink", "os.remove"):
        seen.append(["writes", *(os.fsdecode(path) for path in arguments[:2] if not isinstance(path, int))])
    elif event.startswith(("socket.", "urllib.", "http.")):
        seen.append(["sends", event])
    elif event.split(".")[0] in ("exec", "compile", "pickle", "subprocess") or event in ("os.exec", "os.system"):
        seen.append(["executes", event, repr(arguments)[:200]])
"""
RECORDER = (
    WATCHED
    + """
from pathlib import Path
from omegaconf import OmegaConf
from envcfg import Cause, Tracker

def record(folder):
    config = OmegaConf.create({"hub": "${oc.env:HUB}", "password": "hunter2", "level": 0})
    with Tracker(folder, run="r", job={"config": config, "overrides": ["a=1"]}, segment_bytes=2_000) as tracker:
        tracker.shard(3)
        for step in range(40):
            tracker.record(config, step=step, epoch=step // 5, task=f"../../{step}", cause=Cause("manual"))
            tracker.record({"__reduce__": "os.system", "level": step, "x": {step}}, step=step, slot=1)
            tracker.request({"level": step}, step=step)
            tracker.end_epoch(step=step, epoch=step // 5)
        names = sorted(path.name for path in folder.iterdir())
        return names, [path.read_bytes().hex() for path in folder.glob(".*.progress")]

record(Path("out") / "before" / "envcfg")  # what is imported late is imported now
sys.addaudithook(watch)
names, progress = record(Path("out") / "envcfg")
print(json.dumps([seen, names, progress]))
"""
)
READER = (
    WATCHED
    + """
from pathlib import Path
from envcfg import load
from envcfg.core.plain import plain
def read(folder):
    history = load(folder)
    [history.edits(change) for change in history.changes]
    return [plain(config) for config in history.configs.values()]
read(sys.argv[1])  # what is imported late is imported now
sys.addaudithook(watch)
for folder in sys.argv[1:]:
    read(folder)
print(json.dumps(seen))
"""
)


def watched(script, folder, *arguments, **variables):
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder / "home"), **variables}
    command = [sys.executable, "-W", "error", "-c", script, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def recorder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recorder")
    return folder, *watched(RECORDER, folder, HUB="from-the-environment")


def test_the_recorder_writes_into_its_folder_and_its_key_and_nowhere_else(recorder):
    folder, seen, _, _ = recorder
    written = {folder / path for what, *paths in seen if what == "writes" for path in paths}
    mine = {path for path in written if not path.is_relative_to(folder / "out")}
    assert written != mine
    assert all(path.is_relative_to(folder / "home" / "envcfg") for path in mine - {folder / "home"}), mine


def test_the_recorder_sends_and_executes_nothing(recorder):
    assert [event for event in recorder[1] if event[0] != "writes"] == []


def test_a_journals_folder_holds_segments_and_two_numbers(recorder):
    _, _, names, progress = recorder
    form = r"r\d+-w\d+-\d{6}\.(jsonl|json\.gz)|\.[0-9a-f]{12}\.(progress|train-slots|eval-slots)"
    assert [name for name in names if not re.fullmatch(form, name)] == []
    assert [len(content) for content in progress] == [32]


def test_reading_a_journal_writes_sends_and_executes_nothing(recorder, tmp_path):
    folders = [path.parent for path in sorted(GOLDEN.rglob("*-000001.*"))]
    assert watched(READER, tmp_path, recorder[0] / "out", *dict.fromkeys(folders)) == []
