"""At the end of an epoch, the journal is synced on a thread of its own."""

import errno
import os
import threading

import pytest

from envcfg import Tracker, load
from envcfg.core.code import Code
from envcfg.journal import durability


@pytest.fixture
def synced(monkeypatch):
    """The synced files by their inodes, each with the thread that synced it."""
    found = []
    real = durability.sync_file
    monkeypatch.setattr(
        durability,
        "sync_file",
        lambda file: (found.append((os.fstat(file).st_ino, threading.current_thread().name)), real(file)),
    )
    return found


def wait_for(tracker):
    tracker._out.journal._background.thread.join()


def test_the_end_of_an_epoch_syncs_the_open_segment_off_the_training_thread(tmp_path, clock, synced):
    with Tracker(tmp_path, clock=clock) as tracker:
        tracker.record({"level": 1}, step=1, epoch=0)
        assert synced == []
        tracker.end_epoch(step=2, epoch=0)
        wait_for(tracker)
        (path,) = tmp_path.iterdir()
        assert synced == [(path.stat().st_ino, "envcfg-sync")]


def test_short_epochs_are_not_synced_each_by_itself(tmp_path, synced):
    with Tracker(tmp_path, clock=lambda: 1.8e9) as tracker:
        for epoch in range(20):
            tracker.record({"level": epoch}, step=epoch, epoch=epoch)
            tracker.end_epoch(step=epoch, epoch=epoch)
        wait_for(tracker)
        assert len(synced) == 1


def test_a_disk_that_does_not_answer_delays_nothing(tmp_path, clock, monkeypatch):
    answers, asked = threading.Event(), []
    monkeypatch.setattr(durability, "sync_file", lambda file: (asked.append(file), answers.wait(60)))
    tracker = Tracker(tmp_path, clock=clock)
    for epoch in range(30):
        tracker.record({"level": epoch}, step=epoch, epoch=epoch)
        tracker.end_epoch(step=epoch, epoch=epoch)
    assert len(asked) == 1
    answers.set()
    wait_for(tracker)
    tracker.close()
    assert len(load(tmp_path).adoptions) == 30


def test_a_sync_that_failed_is_reported_at_the_next_one(tmp_path, clock, monkeypatch, capsys):
    def fails(file):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(durability, "sync_file", fails)
    with Tracker(tmp_path, clock=clock) as tracker:
        for epoch in range(8):
            tracker.record({"level": epoch}, step=epoch, epoch=epoch)
            tracker.end_epoch(step=epoch, epoch=epoch)
            wait_for(tracker)
    history = load(tmp_path)
    assert {(failure.where, failure.code) for failure in history.failures} == {("sync", Code.IO)}
    assert len(history.adoptions) == 8
    assert capsys.readouterr().err.count("Input/output error") == 1


def test_no_file_stays_open(tmp_path, clock):
    with Tracker(tmp_path, clock=clock) as tracker:
        tracker.record({"level": 0}, step=0, epoch=0)
        before = len([*os.scandir("/dev/fd")]) if os.name != "nt" else 0
        for epoch in range(30):
            tracker.end_epoch(step=epoch, epoch=epoch)
            wait_for(tracker)
        assert (len([*os.scandir("/dev/fd")]) if os.name != "nt" else 0) == before
