"""`envcfg watch` beside a training that continues when the test lets it."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from command_line import ENVCFG, envcfg

ERASE_LINE = b"\x1b[2K"
TRAINING = """
import sys
from envcfg import Cause, Tracker
with Tracker(sys.argv[1], run="watched") as tracker:
    for level, line in enumerate(sys.stdin):
        tracker.record({"level": level}, step=level * 100, epoch=level, task=f"task/{level}", cause=Cause("schedule"))
        print("recorded", flush=True)
"""


@pytest.fixture
def training(journal):
    command = [sys.executable, "-c", TRAINING, str(journal)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


@contextmanager
def watching(journal):
    """`envcfg watch`, killed after a minute, so that a test that waits for a line always ends."""
    command = [*ENVCFG, "watch", str(journal), "--every", "0.01"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watch:
        limit = threading.Timer(60, watch.kill)
        limit.start()
        yield watch
        limit.cancel()


def record(training):
    training.stdin.write("next\n")
    training.stdin.flush()
    assert training.stdout.readline() == "recorded\n"


def up_to(lines, text):
    """The lines up to the one that contains *text*."""
    seen = []
    for line in lines:
        seen.append(line)
        if text in line:
            return seen
    raise AssertionError(f"{text!r} was never said: {seen}")


def test_changes_are_printed_when_they_happen_until_the_run_ends(training, journal):
    record(training)
    with watching(journal) as watch:
        up_to(watch.stdout, "task/0")
        for level in range(1, 4):
            record(training)
            said = up_to(watch.stdout, f"level {level - 1} → {level}")
            assert any(f"change {level}" in line for line in said)
        training.stdin.close()
        assert "run watched, completed: step 300, epoch 3, task/3 in 1 slot" in watch.stdout.read()
    assert watch.returncode == 0


def test_once_prints_the_config_in_force_and_ends(training, journal):
    for _ in range(15):
        record(training)
    done = envcfg("watch", journal, "--once")
    assert "... initial config and changes 1 to 4 (envcfg log)" in done.stdout
    assert "run watched, running or killed: step 1,400, epoch 14, task/14 in 1 slot" in done.stdout


def test_ctrl_c_stops_watching_without_a_traceback(training, journal):
    record(training)
    with watching(journal) as watch:
        up_to(watch.stdout, "task/0")
        watch.send_signal(signal.SIGINT)
        assert watch.stderr.read() == ""
    assert watch.returncode == 130


def test_on_a_terminal_the_line_of_the_state_is_erased_before_a_change_is_printed(training, journal):
    record(training)
    command = [*ENVCFG, "watch", str(journal), "--every", "0.01"]
    terminal = {**os.environ, "FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=terminal) as watch:
        limit = threading.Timer(60, watch.kill)
        limit.start()
        seen = read_up_to(watch.stdout, b"running or killed")
        record(training)
        seen += read_up_to(watch.stdout, b"change 1")
        training.stdin.close()
        watch.stdout.read()
        limit.cancel()
    between = seen[seen.rindex(b"running or killed") :]
    assert ERASE_LINE in between


def read_up_to(stream, text):
    """What is in *stream* up to *text*."""
    seen = b""
    while text not in seen:
        piece = stream.read(1)
        assert piece, seen
        seen += piece
    return seen
