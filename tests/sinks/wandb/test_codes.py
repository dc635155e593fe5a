"""The codes in the journal for the errors of the real client while an agent trains."""

import os
import subprocess
import sys

import pytest
from wandb_server.answers import page, status
from wandb_server.server import WandbServer, hang_up

from envcfg.cli import findings
from envcfg.cli.remedies import REMEDIES
from envcfg.core.code import Code

TRAINER = """
import sys, wandb
from envcfg import Tracker
from envcfg.sinks.wandb.sink import wandb_sinks

impatient = {"x_graphql_retry_max": 1, "x_graphql_retry_wait_min_seconds": 0.1}
impatient |= {"x_graphql_retry_wait_max_seconds": 0.1, "x_graphql_timeout_seconds": 3}
impatient |= {"x_file_stream_retry_max": 1, "x_file_stream_retry_wait_max_seconds": 0.1, "finish_timeout": 3}
settings = wandb.Settings(console="off", finish_timeout_raises=False, **impatient)
run = wandb.init(project="disk", id="version", settings=settings)
tracker = Tracker("envcfg", run="reversion", sinks=wandb_sinks(artifact_gap=0.0, last_upload=9))
sink = tracker._out.sinks[0]
epoch = 0
for line in sys.stdin:  # the test has changed the server
    tracker.record({"level": epoch}, step=epoch * 10, epoch=epoch, task="disk")
    tracker.end_epoch(step=epoch * 10 + 5, epoch=epoch)
    sink._uploads.wait(60)
    tracker._out.guard.causes.clear()
    tracker.end_epoch(step=epoch * 10 + 6, epoch=epoch)  # what failed comes out at the next call
    print(*(failure.code for failure in tracker._out.guard.causes.values()), flush=True)
    sink._uploads.wait(60)
    epoch += 1
tracker.close()
run.finish()
"""
FAULTS = {
    "a full quota": (status(402, "storage quota exceeded: the disk is full"), Code.WANDB_REFUSED),
    "a size": (status(413), Code.WANDB_REFUSED),
    "no form": (status(400, "404"), Code.WANDB_REFUSED),
    "another user": (status(401, "429"), Code.WANDB_LOGIN),
    "nothing there": (status(404), Code.WANDB_NOT_FOUND),
    "too often": (status(429, "quota"), Code.WANDB_RATE),
    "out of order": (status(500, "404"), Code.WANDB_SERVER),
    "a page": (page, Code.WANDB_NO_JSON),
    "no answer": (hang_up, Code.WANDB_UNREACHABLE),
}


@pytest.fixture
def server():
    with WandbServer() as server:
        yield server


@pytest.fixture
def training(server, tmp_path):
    environment = {**os.environ, **server.environment(tmp_path)}
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, "-c", TRAINER]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, text=True, **streams) as process:
        yield process
        process.kill()


def code_of_next(training):
    training.stdin.write("\n")
    training.stdin.flush()
    return training.stdout.readline().split()


def at_versions(fault):
    """The client also requests the type of an artifact, and waits up to 20 s for it."""
    return lambda handler, operation: operation == "CreateArtifact" and fault(handler, operation)


def test_an_answer_of_the_server_is_recognised_by_its_status_not_by_its_message(server, training):
    assert code_of_next(training) == []
    for fault, code in FAULTS.values():
        server.faults[:] = [at_versions(fault)]
        assert code_of_next(training) == [code]


def test_a_full_quota_is_not_a_full_disk(server, training, tmp_path):
    assert code_of_next(training) == []
    server.faults[:] = [at_versions(FAULTS["a full quota"][0])]
    assert code_of_next(training) == [Code.WANDB_REFUSED]
    training.stdin.close()
    assert training.wait() == 0
    todos = {finding.todo for finding in findings.run(str(tmp_path / "envcfg")) if finding.what == "Failed"}
    assert todos == {REMEDIES[Code.WANDB_REFUSED]}
