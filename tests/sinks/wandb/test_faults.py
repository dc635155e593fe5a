"""The real client, with a stand-in server that refuses, hangs or disappears while an agent trains."""

import os
import subprocess
import sys
import threading

import pytest
from wandb_server.server import WandbServer

from envcfg import load

TRAINER = """
import os, sys, threading, wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

FIRST, LAST, PATIENCE = map(int, sys.argv[1:])
impatient = {"x_graphql_retry_max": 1, "x_graphql_retry_wait_max_seconds": 0.1, "x_graphql_timeout_seconds": 3}
impatient |= {"x_file_stream_retry_max": 1, "x_file_stream_retry_wait_max_seconds": 0.1, "finish_timeout": 3}
settings = wandb.Settings(console="off", finish_timeout_raises=False, **impatient)
run = wandb.init(project="p", id="run-1", resume="allow", settings=settings)
tracker = Tracker("envcfg", run="r", sinks=wandb_sinks(artifact_gap=0.0, last_upload=PATIENCE))

connected = []
def note_connections(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo") and threading.current_thread() is threading.main_thread():
        connected.append(event)
sys.addaudithook(note_connections)
log_artifact, callers = type(run).log_artifact, []
def note_callers(*arguments, **options):
    callers.append(threading.current_thread() is threading.main_thread())
    return log_artifact(*arguments, **options)
type(run).log_artifact = note_callers

for epoch in range(FIRST, LAST):
    if epoch in (FIRST + 3, FIRST + 6):  # the test changes the server, and reports when it is done
        print("epoch", epoch, flush=True)
        sys.stdin.readline()
    tracker.record({"max_steps": 100 + epoch}, step=epoch * 10, epoch=epoch, task=f"t{epoch}")
    tracker.end_epoch(step=epoch * 10 + 9, epoch=epoch)
    run.log({"reward": epoch / 10})
print("trained", connected, any(callers), flush=True)
sys.stdin.readline()
tracker.close()
run.finish()
"""


@pytest.fixture
def server():
    with WandbServer() as server:
        yield server


class Training:
    """A job that waits for a signal before its 4th epoch, before its 7th epoch, and after the training."""

    def __init__(self, server, folder, first=0, last=9, patience=60):
        environment = {**os.environ, **server.environment(folder)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", TRAINER, str(first), str(last), str(patience)],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def reaches(self, *said):
        assert self.process.stdout.readline().split() == list(map(str, said)), self.process.stderr.read()

    def goes_on(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def is_over(self):
        """Its exit status, and what it wrote to stderr."""
        self.process.stdin.close()
        text = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.wait(), text


def command(server, folder, *arguments):
    environment = {**os.environ, **server.environment(folder)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


TRAINED = ("trained", [], False)
"""The training thread opened no connection and logged no artifact."""


def trains_undisturbed(training):
    training.reaches("epoch", 3)
    training.goes_on()
    training.reaches("epoch", 6)
    training.goes_on()
    training.reaches(*TRAINED)


def the_next_start_uploads_the_rest(server, folder):
    """A resumed job ends with a version that contains the records of both sessions."""
    resumed = Training(server, folder, 9, 10)
    resumed.reaches(*TRAINED)
    resumed.goes_on()
    assert resumed.is_over() == (0, "")
    (collection,) = server.artifacts.collections.values()
    last = collection.committed[-1]
    assert "final" in last.aliases
    copy = folder / "arrived"
    copy.mkdir()
    for name, entry in last.contents.items():
        (copy / name).write_bytes(collection.files[entry["digest"]])
    assert [adoption.record.step for adoption in load(copy).adoptions] == [epoch * 10 for epoch in range(10)]


def failures(folder):
    return [(failure.where, failure.count) for failure in load(folder / "envcfg").failures]


def test_a_server_that_answers_500_delays_nothing_and_gets_the_rest_at_the_next_start(server, tmp_path):
    asked = []

    def fail(handler, operation):
        if "Artifact" not in operation:
            return False
        asked.append(operation)
        handler.answer(500, {"errors": [{"message": "out of order"}]})
        return True

    server.faults.append(fail)
    training = Training(server, tmp_path, patience=2)
    trains_undisturbed(training)
    training.goes_on()
    status, text = training.is_over()
    assert (status, text.count("envcfg: WandbSink: ")) == (0, 1)
    assert asked
    assert failures(tmp_path)[-1][1] >= 1
    server.faults.clear()
    the_next_start_uploads_the_rest(server, tmp_path)


def test_a_server_that_hangs_delays_nothing(server, tmp_path):
    """Requests from the 4th epoch on are answered only after the training."""
    is_trained, is_held = threading.Event(), threading.Event()

    def hang(handler, operation):
        is_held.set()
        is_trained.wait()
        return False

    training = Training(server, tmp_path)
    training.reaches("epoch", 3)
    server.faults.append(hang)
    training.goes_on()
    training.reaches("epoch", 6)
    is_held.wait()
    training.goes_on()
    training.reaches(*TRAINED)
    is_trained.set()
    training.goes_on()
    assert training.is_over() == (0, "")
    (collection,) = server.artifacts.collections.values()
    assert "final" in collection.committed[-1].aliases
    assert failures(tmp_path) == []


def test_a_server_that_disappears_delays_nothing_and_gets_the_rest_at_the_next_start(server, tmp_path):
    training = Training(server, tmp_path, patience=2)
    training.reaches("epoch", 3)
    server.disappear()
    training.goes_on()
    training.reaches("epoch", 6)
    training.goes_on()
    training.reaches(*TRAINED)
    training.goes_on()
    status, text = training.is_over()
    assert (status, text.count("envcfg: WandbSink: ")) == (0, 1)
    assert failures(tmp_path)[-1][1] >= 1
    assert [adoption.record.step for adoption in load(tmp_path / "envcfg").adoptions] == [e * 10 for e in range(9)]
    assert "WandbSink" in command(server, tmp_path, "-m", "envcfg.cli.main", "analyze", "envcfg")
    server.appear()
    command(server, tmp_path, "-m", "wandb", "sync", "--include-online", *map(str, tmp_path.glob("wandb/run-*")))
    assert [row["reward"] for row in server.run("acme", "p", "run-1").rows] == [epoch / 10 for epoch in range(9)]
    the_next_start_uploads_the_rest(server, tmp_path)
