"""A real process is killed with SIGKILL: no record is lost if `record()` had returned."""

import signal
import subprocess
import sys

import pytest

from envcfg import Tracker, load

RECORDER = """
import sys
from envcfg import Tracker
tracker = Tracker(sys.argv[1], run="killed", segment_bytes=3_000)
step = 0
while True:
    tracker.record({"level": step, "rows": [[0] * 5] * 5}, step=step, epoch=step // 10, task=f"t{step % 7}")
    sys.stdout.write(f"{step}\\n")
    sys.stdout.flush()
    step += 1
"""


@pytest.mark.parametrize("acknowledged", [1, 2, 25, 100, 333])
def test_every_record_that_returned_is_read_back_after_a_kill(journal, acknowledged):
    with subprocess.Popen([sys.executable, "-c", RECORDER, str(journal)], stdout=subprocess.PIPE, text=True) as process:
        last = [int(process.stdout.readline()) for _ in range(acknowledged)][-1]
        process.send_signal(signal.SIGKILL)
        last = [int(line) for line in process.stdout.read().split()][-1:] or [last]
    history = load(journal)
    assert process.returncode == -signal.SIGKILL
    assert history.status == "cut off"
    steps = [adoption.record.step for adoption in history.adoptions]
    assert steps[: last[0] + 1] == list(range(last[0] + 1))
    assert all(history.at(step)["level"] == step for step in steps)


SEALER = """
import os, signal, sys
from envcfg import Tracker
def at_work(file):
    print("sealing", flush=True)
    sys.stdin.readline()
tracker = Tracker(sys.argv[1], run="killed")
tracker.record({"level": 0}, step=0)
os.fsync = at_work
tracker.close()
"""


def sealing(journal):
    """A process that has written the sealed form of its segment, and waits for a line before it renames the file."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", SEALER, str(journal)], text=True, **pipes)
    assert process.stdout.readline() == "sealing\n"
    return process


def restarted(journal, **shard):
    """The names of the journal's files after another session has begun."""
    with Tracker(journal, run="killed", **shard) as tracker:
        tracker.record({"level": 1}, step=1)
        return sorted(path.name for path in journal.iterdir() if not path.name.startswith("."))


def test_the_next_session_removes_the_unfinished_file_of_a_killed_process(journal):
    with sealing(journal) as process:
        process.kill()
    left = ["r0-w0-000001.json.gz.partial", "r0-w0-000001.jsonl"]
    assert restarted(journal, rank=1) == [*left, "r1-w0-000001.jsonl"]
    assert "r0-w0-000001.json.gz.partial" not in restarted(journal)
    assert {adoption.record.step for adoption in load(journal).adoptions} == {0, 1}


def test_the_unfinished_file_of_a_live_process_stays(journal):
    with sealing(journal) as process:
        assert "r0-w0-000001.json.gz.partial" in restarted(journal)
        _, error = process.communicate("\n")
    assert (process.returncode, error) == (0, "")
    assert sorted(path.name for path in journal.glob("*-*")) == ["r0-w0-000001.json.gz", "r0-w0-000002.json.gz"]
