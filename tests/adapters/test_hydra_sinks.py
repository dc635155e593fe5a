"""Sinks from the command line of a Hydra app."""

import json

import pytest
from apps import CALLBACK, DIR, NO_WANDB, ON, STRICT, answer, app, run

from envcfg import load

SINKS = """
import json
from envcfg.sinks import BaseSink

class Lines(BaseSink):
    def __init__(self, file="lines.jsonl"):
        self.file = file

    def opened(self, journal, job):
        self.path = journal.folder.parent / self.file

    def recorded(self, record, config):
        with self.path.open("a") as file:
            file.write(json.dumps([record.step, config["level"]]) + "\\n")

class Broken(BaseSink):
    def __init__(self):
        raise OSError("no such device")
"""
HEARD = [[0, 0], [10, 1], [20, 2]]


def trained(tmp_path, sinks, *more):
    (tmp_path / "my_sinks.py").write_text(SINKS)
    return run(app(tmp_path), ON, DIR, NO_WANDB, f"{CALLBACK}.sinks={sinks}", *more)


def heard(tmp_path, name="lines.jsonl"):
    return [json.loads(line) for line in (tmp_path / "out" / name).read_text().splitlines()]


@pytest.mark.parametrize(
    ("sink", "file"), [("my_sinks:Lines", "lines.jsonl"), ("{name: my_sinks:Lines, file: x.jsonl}", "x.jsonl")]
)
def test_a_sink_in_a_module_beside_the_script_receives_the_job(tmp_path, sink, file):
    assert answer(trained(tmp_path, f"[{sink}]"))["tracker"] == "Tracker"
    assert heard(tmp_path, file) == HEARD


@pytest.mark.parametrize(
    ("sink", "sentence"),
    [
        ("my_sinks:Broken", "no such device"),
        ("my_sinks:Lacking", "module 'my_sinks' has no attribute 'Lacking'"),
        ("lacking:Sink", "No module named 'lacking'"),
    ],
)
def test_only_a_sink_that_cannot_be_created_is_left_out(tmp_path, sink, sentence):
    done = trained(tmp_path, f"[{sink},my_sinks:Lines]")
    assert answer(done)["tracker"] == "Tracker"
    assert done.stderr == f"envcfg: sink {sink}: {sentence} (training goes on; shown once)\n"
    assert heard(tmp_path) == HEARD
    told = {(failure.where, failure.message) for failure in load(tmp_path / "out").failures}
    assert told == {(f"sink {sink}", sentence)}


def test_a_sink_that_cannot_be_created_stops_a_strict_job(tmp_path):
    done = trained(tmp_path, "[my_sinks:Broken]", STRICT)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "envcfg: sink my_sinks:Broken: no such device\n")


def test_an_unknown_sink_is_refused_before_the_job_starts(tmp_path):
    done = trained(tmp_path, "[tensorbord]")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        f"envcfg: {CALLBACK}.sinks: no plugin named 'tensorbord' is installed; the nearest name is tensorboard"
    )
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out" / "envcfg").exists()
