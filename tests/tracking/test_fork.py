"""A forked child does not use the files, sinks, counts or lock of its parent's tracker."""

import os
import signal
import sys
import threading

import pytest

from envcfg import Tracker, load

PATIENCE = 60
"""Seconds after which a child that waits for a lock that nobody holds is killed."""


class Diary:
    """A sink that writes the id of the calling process into a file."""

    def __init__(self, path):
        self.path = path

    def _note(self, word):
        with self.path.open("a") as file:
            file.write(f"{word} {os.getpid()}\n")

    def opened(self, journal, job):
        self._note("opened")

    def recorded(self, record, config):
        self._note("recorded")

    def mixed(self, mix):
        self._note("mixed")

    def epoch_ended(self, *, step, epoch):
        self._note("epoch_ended")

    def closed(self, ending):
        self._note("closed")


def in_child(work):
    """Run *work* in a forked child that also runs its exit handlers; returns its exit status."""
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE)
        status = 1
        try:
            work()
            status = 0
        finally:
            sys.stderr.flush()
            end_as_a_program_does(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def end_as_a_program_does(status):
    from multiprocessing.util import _exit_function

    try:
        _exit_function()  # runs our exit handlers, but not those of pytest
    finally:
        os._exit(status)  # an exception must not lead the child back into pytest


@pytest.fixture
def diary(tmp_path):
    return tmp_path / "diary"


@pytest.fixture
def parent(journal, diary):
    tracker = Tracker(journal, run="r", sinks=(Diary(diary),))
    tracker.record({"level": 0}, step=0, epoch=0, task="easy")
    yield tracker
    tracker.close()


def files(journal):
    return {path.name: path.read_bytes() for path in journal.iterdir() if not path.name.startswith(".")}


def test_a_child_that_records_does_not_change_the_segments_of_its_parent(parent, journal):
    before = files(journal)
    assert in_child(lambda: [parent.record({"level": 1}, step=5, slot=1), parent.close()]) == 0
    after = files(journal)
    assert {name: after[name] for name in before} == before
    (other,) = after.keys() - before.keys()
    assert other.startswith("r0-w1")
    assert other.endswith(".json.gz")


@pytest.mark.parametrize("closes", [True, False])
def test_a_child_that_records_nothing_leaves_no_trace(parent, journal, diary, closes):
    before, heard = files(journal), diary.read_text()
    assert in_child(parent.close if closes else lambda: None) == 0
    assert (files(journal), diary.read_text()) == (before, heard)


def test_a_child_runs_no_sink_of_its_parent(parent, diary):
    def work():
        parent.record({"level": 1}, step=5, epoch=1, slot=1)
        parent.mix({"easy": 1.0}, step=5)
        parent.end_epoch(step=9, epoch=1)
        parent.close()

    assert in_child(work) == 0
    assert {line.split()[1] for line in diary.read_text().splitlines()} == {str(os.getpid())}


def test_the_parent_continues_its_own_segment(parent, journal):
    in_child(lambda: parent.record({"level": 1}, step=5, slot=1))
    parent.record({"level": 2}, step=9)
    parent.close()
    history = load(journal)
    assert [(a.record.step, a.place.slot) for a in history.adoptions] == [(0, 0), (5, 1), (9, 0)]
    assert (history.losses, history.failures) == ((), ())
    assert sorted(name.partition("-0000")[2] for name in files(journal)) == ["01.json.gz", "01.json.gz"]


def test_the_counts_of_the_parent_are_not_repeated_in_the_child(parent, journal):
    parent.record({"level": 0}, step=1, epoch=0, task="easy")
    assert in_child(lambda: parent.record({"level": 0}, step=2, epoch=0, task="easy")) == 0
    parent.close()
    assert load(journal).adopted == {"easy": 3}


def test_a_child_records_at_the_later_steps_of_its_parent(parent, journal):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE)
        os.read(reading, 1)
        parent.record({"level": 7})
        os._exit(0)
    parent.set_step(step=70, epoch=7)
    os.write(writing, b"!")
    assert os.waitpid(child, 0)[1] == 0
    last = load(journal).adoptions[-1].record
    assert (last.step, last.epoch) == (70, 7)


def test_the_steps_of_one_child_do_not_affect_another(parent, journal):
    parent.set_step(step=30)
    assert in_child(lambda: [parent.record({"level": 1}, step=999), parent.close()]) == 0
    assert in_child(lambda: parent.record({"level": 2})) == 0
    assert sorted(adoption.record.step for adoption in load(journal).adoptions) == [0, 30, 999]


class Slow:
    """A sink that holds the tracker's lock until it is released."""

    def __init__(self):
        self.is_called, self.may_go = threading.Event(), threading.Event()

    def opened(self, journal, job):
        pass

    def recorded(self, record, config):
        self.is_called.set()
        self.may_go.wait(PATIENCE)

    def closed(self, ending):
        pass


def test_a_fork_while_another_thread_holds_the_lock_does_not_stop_the_child(journal):
    slow = Slow()
    tracker = Tracker(journal, run="r", sinks=(slow,))
    thread = threading.Thread(target=lambda: tracker.record({"level": 0}, step=0))
    thread.start()
    slow.is_called.wait(PATIENCE)
    assert in_child(lambda: tracker.record({"level": 1}, step=1, slot=1)) == 0
    slow.may_go.set()
    thread.join()
    tracker.close()
    assert sorted(adoption.record.step for adoption in load(journal).adoptions) == [0, 1]


def test_a_child_of_a_child_is_a_separate_worker(parent, journal):
    def work():
        parent.record({"level": 1}, step=1)
        assert in_child(lambda: parent.record({"level": 2}, step=2)) == 0
        parent.record({"level": 3}, step=3)

    assert in_child(work) == 0
    parent.close()
    history = load(journal)
    by_worker = {}
    for adoption in history.adoptions:
        by_worker.setdefault(adoption.place.worker, []).append(adoption.record.step)
    assert sorted(by_worker.values()) == [[0], [1, 3], [2]]
    assert history.losses == ()
