"""Environments in separate processes: each writes a shard, and all shards are one history."""

import copy
import gzip
import itertools
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys

import pytest
import workers
from hypothesis import given
from hypothesis import strategies as st
from omegaconf import OmegaConf

from envcfg import Redaction, Tracker, load
from envcfg.history.adoptions import Place

METHODS = ["fork", "forkserver", "spawn"]


def seen(history):
    """The adoptions of each place: the step and epoch of the trainer, and the level."""
    found = {}
    for adoption in history.adoptions:
        record = adoption.record
        moment = (record.step, record.epoch, history.config(record.config)["level"])
        found.setdefault(adoption.place, []).append(moment)
    return found


def run(context, target, *arguments):
    process = context.Process(target=target, args=arguments)
    process.start()
    process.join()
    return process.exitcode


class Worker:
    """One worker of a vector env, and the pipe to it."""

    def __init__(self, context, tracker, slot):
        self.pipe, end = context.Pipe()
        self.process = context.Process(target=workers.serve, args=(tracker, slot, end), daemon=True)
        self.process.start()
        end.close()

    def reset(self, level):
        self.pipe.send(level)
        return self.pipe.recv()

    def stop(self):
        self.pipe.send(None)
        self.process.join()
        return self.process.exitcode


@pytest.fixture(params=METHODS)
def context(request):
    return multiprocessing.get_context(request.param)


@pytest.fixture
def numbers(monkeypatch):
    """Number the workers of this test from 1, however many processes were started before."""
    monkeypatch.setattr(multiprocessing.process, "_process_counter", itertools.count(1))


@pytest.mark.usefixtures("numbers")
def test_workers_record_at_the_trainers_steps_even_if_it_shares_them_late(journal, context):
    with Tracker(journal, run="r") as tracker:
        pool = [Worker(context, tracker, slot) for slot in range(2)]
        for epoch in range(4):
            tracker.set_step(step=100 * epoch, epoch=epoch)
            assert None not in [worker.reset(10 * epoch + slot) for slot, worker in enumerate(pool)]
        assert [worker.stop() for worker in pool] == [0, 0]
    history = load(journal)
    assert seen(history) == {
        Place(0, 0, 0): [(100 * epoch, epoch, 10 * epoch) for epoch in range(4)],
        Place(0, 0, 1): [(100 * epoch, epoch, 10 * epoch + 1) for epoch in range(4)],
    }
    assert (history.losses, history.failures, history.status) == ((), (), "completed")
    assert sorted(path.name for path in journal.iterdir()) == [f"r0-w{worker}-000001.json.gz" for worker in range(3)]


def test_no_record_of_a_killed_worker_is_lost(journal, context):
    with Tracker(journal, run="r") as tracker:
        tracker.set_step(step=7, epoch=1)
        assert run(context, workers.adopt_and_die, tracker, 3, range(50)) == -signal.SIGKILL
    ((place, adopted),) = seen(load(journal)).items()
    assert place.slot == 3
    assert adopted == [(7, 1, level) for level in range(50)]


TRAINER = """
import multiprocessing, os, signal, sys
import workers
from envcfg import Tracker
if __name__ == "__main__":
    tracker = Tracker(sys.argv[1], run="r")
    tracker.set_step(step=5, epoch=0)
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context(sys.argv[2])
    worker = context.Process(target=workers.outlive, args=(tracker, 0, theirs, ours))
    worker.start()
    theirs.close()
    ours.recv()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("method", METHODS)
def test_killing_the_trainer_does_not_end_its_workers(journal, tmp_path, method):
    script = tmp_path / "trainer.py"
    script.write_text(TRAINER)
    done = subprocess.run(
        [sys.executable, script, journal, method], env=with_tests(), stdout=subprocess.PIPE, check=False
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"recorded on\n")
    history = load(journal)
    assert list(seen(history).values()) == [[(5, 0, 1), (5, 0, 2)]]
    assert history.status == "cut off"


def with_tests():
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def test_envs_of_one_worker_that_were_pickled_one_by_one_share_its_shard(journal, context):
    with Tracker(journal, run="r") as tracker:
        assert run(context, workers.two_envs, tracker, tracker) == 0
    places = {adoption.place for adoption in load(journal).adoptions}
    assert {place.slot for place in places} == {0, 1}
    assert len({place.worker for place in places}) == 1


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_restarted_worker_with_a_given_number_continues_its_shard(journal, method):
    context = multiprocessing.get_context(method)
    with Tracker(journal, run="r") as tracker:
        for start in range(3):
            tracker.set_step(step=start)
            assert run(context, workers.adopt_and_die, tracker.shard(7), 0, [start]) == -signal.SIGKILL
    assert seen(load(journal)) == {Place(0, 0, 0): [(0, None, 0), (1, None, 1), (2, None, 2)]}


def test_a_worker_that_adopts_the_same_config_after_a_restart_makes_no_change(journal):
    context = multiprocessing.get_context("spawn")
    with Tracker(journal, run="r") as tracker:
        for start in range(2):
            tracker.set_step(step=start)
            run(context, workers.adopt_and_die, tracker.shard(7), 0, [4])
    assert [change.number for change in load(journal).changes.with_initial] == [0]


def test_a_copy_in_the_same_process_is_the_tracker_itself(journal):
    with Tracker(journal, run="r") as tracker:
        assert copy.deepcopy(tracker) is tracker
        assert pickle.loads(pickle.dumps(tracker)) is tracker
        assert pickle.loads(pickle.dumps(tracker.shard(3))) is tracker.shard(3)


def test_a_pickled_tracker_contains_no_secret_and_the_worker_still_hides_it(journal, monkeypatch):
    monkeypatch.setenv("SECRET_SEED", "hunter-and-gatherer")
    with Tracker(journal, run="r", redaction=Redaction(reveal=frozenset({"HOME"}))) as tracker:
        tracker.record(OmegaConf.create({"level": 0, "key": "${oc.env:SECRET_SEED}"}), step=0)
        assert b"hunter" not in pickle.dumps(tracker)
        context = multiprocessing.get_context("spawn")
        assert run(context, workers.record_plain, tracker, {"level": 1, "note": "by hunter-and-gatherer"}) == 0
    written = "".join(open_text(path) for path in journal.iterdir())
    assert "hunter" not in written
    assert "redacted" in written


def open_text(path):
    return (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()


def test_a_process_that_multiprocessing_did_not_start_is_a_worker_too(journal, tmp_path):
    with Tracker(journal, run="r") as tracker:
        tracker.set_step(step=9, epoch=2)
        (tmp_path / "parcel").write_bytes(pickle.dumps(tracker))
        script = "import pickle, sys; pickle.load(open(sys.argv[1], 'rb')).record({'level': 5})"
        subprocess.run([sys.executable, "-c", script, str(tmp_path / "parcel")], check=True, cwd="/")
    ((place, adopted),) = seen(load(journal)).items()
    assert place == Place(0, 0, 0)
    assert any(int(path.name.split("-")[1][1:]) > 1_000_000 for path in journal.iterdir())
    assert adopted == [(9, 2, 5)]
    assert not list(journal.glob("*.jsonl"))


def test_a_worker_without_the_trainers_steps_records_at_its_own_steps(journal):
    with Tracker(journal, run="r") as tracker:
        parcel = pickle.dumps(tracker)
    script = "import pickle, sys; pickle.loads(bytes.fromhex(sys.argv[1])).record({'level': 5}, step=3, epoch=1)"
    subprocess.run([sys.executable, "-c", script, parcel.hex()], check=True)
    assert list(seen(load(journal)).values()) == [[(3, 1, 5)]]


def test_a_program_with_one_process_shares_no_steps(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 0}, step=0)
        assert [path.name for path in journal.iterdir()] == ["r0-w0-000001.jsonl"]


starts = st.lists(
    st.tuples(st.integers(0, 9), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=8)),
    min_size=1,
    max_size=4,
)


@given(starts)
def test_the_last_session_to_reach_a_step_counts_with_any_number_of_workers(tmp_path_factory, starts):
    """Each session begins at some step, with any number of workers."""
    folder, expected, level = tmp_path_factory.mktemp("journal"), set(), 0
    for first, adopted in starts:
        step = first
        expected = {known for known in expected if known[0] < first}
        with Tracker(folder, run="r") as tracker:
            for worker, ahead in adopted:
                level += 1
                here = tracker.shard(worker)
                here.record({"level": level}, step=step, slot=worker)
                expected.add((step, worker, level))
                step += ahead
            for worker in range(1, 4):
                tracker.shard(worker).close()
    history = load(folder)
    found = [(a.record.step, a.place.slot, history.config(a.record.config)["level"]) for a in history.adoptions]
    assert set(found) == expected
    assert len(found) == len(expected)
    assert [step for step, _, _ in found] == sorted(step for step, _, _ in found)
