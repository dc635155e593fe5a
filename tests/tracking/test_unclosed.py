"""An unclosed tracker is closed at the exit of its process, with the status if it is known."""

import gc
import os
import subprocess
import sys
import threading
import weakref
from dataclasses import dataclass

import pytest
from wandb_server.server import WandbServer

from envcfg import Tracker, load
from envcfg.tracking.processes import exits

SCRIPT = """
import multiprocessing, os, sys, threading
from envcfg import Tracker
{prelude}
def train(tracker, first=0):
    for step in range(first, first + 5):
        tracker.record({{"level": 1}}, step=step)

if __name__ == "__main__":
    tracker = Tracker("one", run="r")
    train(tracker)
    {ending}
"""


def run(folder, ending="pass", prelude="", *options, **settings):
    path = folder / "train.py"
    path.write_text(SCRIPT.format(ending=ending, prelude=prelude))
    return subprocess.run(
        [sys.executable, *options, str(path)], cwd=folder, capture_output=True, text=True, check=False, **settings
    )


@pytest.mark.parametrize(
    ("ending", "status", "code"),
    [
        ("pass", "completed", 0),
        ("raise ValueError(1)", "failed", 1),
        ("raise KeyboardInterrupt", "interrupted", -2),
        ("sys.exit(3)", "not recorded", 3),
        ("sys.exit(0)", "not recorded", 0),
        ("os._exit(0)", "cut off", 0),
        ("tracker.close('failed')", "failed", 0),
        ("other = Tracker('two'); train(other); tracker.close()", "completed", 0),
        ("threading.Thread(target=train, args=(tracker, 5)).start()", "completed", 0),
        ("tracker.self = tracker; del tracker", "completed", 0),
    ],
)
def test_a_script_without_with_gets_its_counts_and_the_known_status(tmp_path, ending, status, code):
    done = run(tmp_path, ending)
    assert done.returncode == code, done.stderr
    history = load(tmp_path / "one")
    tallied = {"os._exit(0)": 1, "threading.Thread(target=train, args=(tracker, 5)).start()": 10}.get(ending, 5)
    assert (history.status, history.adopted) == (status, {"": tallied})
    assert "envcfg" not in done.stderr.replace(str(tmp_path), "")
    if (tmp_path / "two").exists():
        assert load(tmp_path / "two").status == "completed"


def test_an_error_in_a_prompt_is_not_an_ending(tmp_path):
    done = run(tmp_path, "raise ValueError(1)", "", "-i", input="")
    assert "ValueError" in done.stderr
    assert load(tmp_path / "one").status == "not recorded"


@pytest.mark.parametrize("end", ["os._exit(0)", "sys.exit(0)"])
def test_a_forked_child_that_exits_does_not_close_the_tracker_of_its_parent(tmp_path, end):
    done = run(tmp_path, f"os.waitpid(os.fork() or {end}, 0); train(tracker)")
    assert done.returncode == 0, done.stderr
    history = load(tmp_path / "one")
    assert (history.status, history.adopted, history.losses) == ("completed", {"": 10}, ())


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
@pytest.mark.parametrize(("fault", "status"), [("", "completed"), ("raise ValueError(1)", "failed")])
def test_a_tracker_created_in_a_worker_is_closed_when_the_worker_ends(tmp_path, method, fault, status):
    prelude = f"def work():\n    made = Tracker('two')\n    train(made)\n    {fault or 'pass'}\n"
    start = f"child = multiprocessing.get_context({method!r}).Process(target=work); child.start(); child.join()"
    run(tmp_path, start, prelude)
    found = {name: load(tmp_path / name) for name in ("one", "two")}
    assert {name: history.status for name, history in found.items()} == {"one": "completed", "two": status}
    assert [history.adopted for history in found.values()] == [{"": 5}, {"": 5}]


def test_a_daemon_thread_stuck_in_a_call_does_not_keep_the_program_alive(tmp_path):
    prelude = """
from envcfg.tracking import closing
closing._STUCK = 0.01
taken, never = threading.Event(), threading.Event()
def stick():
    with tracker._lock:
        taken.set()
        never.wait()
"""
    done = run(tmp_path, "threading.Thread(target=stick, daemon=True).start(); taken.wait()", prelude, timeout=60)
    assert done.returncode == 0, done.stderr
    assert load(tmp_path / "one").status == "cut off"


def test_a_strict_tracker_raises_no_exception_at_exit(tmp_path):
    done = run(tmp_path, "pass", "def train(tracker):\n    pass\n")
    assert done.returncode == 0
    spoil = "other = Tracker('two', strict=True)\n    try: other.record(1, step=0)\n    except Exception: pass"
    done = run(tmp_path, spoil)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1), done.stderr
    assert "not everything was recorded" in done.stderr


@dataclass
class Env:
    """An object with a version, which the tracker's cache keeps alive."""

    level: int = 1


def test_a_garbage_collected_tracker_releases_its_environment_and_keeps_its_counts(tmp_path):
    tracker = Tracker(tmp_path / "one", run="r")
    env = Env()
    for step in range(5):
        tracker.record(env, step=step, version=1)
    gone = weakref.ref(env)
    del tracker, env
    gc.collect()
    assert gone() is None
    exits.close_collected()
    history = load(tmp_path / "one")
    assert (history.status, sum(history.adopted.values())) == ("not recorded", 5)


def test_the_next_tracker_closes_garbage_collected_ones(tmp_path):
    Tracker(tmp_path / "one", run="r").record({"level": 1}, step=0)
    gc.collect()
    with Tracker(tmp_path / "two", run="r"):
        assert load(tmp_path / "one").status == "not recorded"
    assert threading.active_count() >= 1


def test_the_last_version_of_an_unclosed_tracker_has_its_ending(tmp_path):
    prelude = "import wandb\nfrom envcfg.sinks.wandb.sink import wandb_sinks\n"
    ending = "other = Tracker('two', run='r', sinks=wandb_sinks()); wandb.init(project='p', id='run-1'); train(other)"
    ending += "; other.end_epoch(step=9, epoch=0)"
    with WandbServer() as server:
        done = run(tmp_path, ending, prelude, env={**os.environ, **server.environment(tmp_path)})
        assert done.returncode == 0, done.stderr
        (collection,) = server.artifacts.collections.values()
        last = collection.committed[-1]
        copy = tmp_path / "arrived"
        copy.mkdir()
        for name, entry in last.contents.items():
            (copy / name).write_bytes(collection.files[entry["digest"]])
    assert load(tmp_path / "two").status == "completed"
    assert load(copy).status == "completed"
