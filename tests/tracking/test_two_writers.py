"""Two sessions that write to one shard at once are told, once each; a restart after a death is not."""

import os
import shutil

import pytest

from envcfg import Tracker
from envcfg.journal.reading import read_journal

SAID = "two writers at once"


def trained(tracker, epochs, start=0):
    for epoch in epochs:
        tracker.record({"level": epoch}, step=start + epoch * 10, epoch=epoch)
        tracker.end_epoch(step=start + epoch * 10 + 9, epoch=epoch)


def told(folder):
    """For each session, the sessions that it says wrote at the same time."""
    found = {}
    for reading in read_journal(folder)[0]:
        found.setdefault(reading.writer.session, []).extend(line.session for line in reading.concurrent)
    return found


def session(tracker):
    return tracker._out.journal.writer.session


def test_two_jobs_at_once_in_one_folder_are_told_by_both_once(journal, clock, capsys):
    with Tracker(journal, run="r", clock=clock) as one:
        trained(one, range(2))
        with Tracker(journal, run="r", clock=clock) as other:
            assert capsys.readouterr().err.count(SAID) == 1
            trained(other, range(20))
            trained(one, range(2, 20))
        assert capsys.readouterr().err.count(SAID) == 1
    assert capsys.readouterr().err == ""
    assert told(journal) == {session(one): [session(other)], session(other): [session(one)]}


def test_two_jobs_that_began_at_once_are_told_although_neither_saw_the_other_at_its_start(journal, clock, capsys):
    one, other = (Tracker(journal, run="r", clock=clock) for _ in range(2))
    other._out._watch._told.clear()
    trained(one, range(20))
    one.close()
    assert told(journal)[session(one)] == [session(other)]
    other.close()
    assert SAID in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_restart_beside_an_orphaned_child_of_a_killed_job_is_not_two_writers(journal, capfd):
    (read, write), (begun, says) = os.pipe(), os.pipe()
    if not (killed := os.fork()):
        tracker = Tracker(journal, run="r")
        trained(tracker, range(2))
        if not os.fork():
            os.close(write)
            os.write(says, b".")
            os.read(read, 1)  # the orphan lives until the test ends
        else:
            os.read(begun, 1)
        os._exit(0)
    os.close(read)
    os.waitpid(killed, 0)
    with Tracker(journal, run="r") as tracker:
        trained(tracker, range(2, 4))
    os.close(write)
    assert SAID not in capfd.readouterr().err
    assert not any(told(journal).values())


def test_a_session_that_ended_is_resumed_and_one_that_lives_is_not(journal):
    with Tracker(journal, run="r") as first:
        trained(first, range(2))
    with Tracker(journal, run="r") as second, Tracker(journal, run="r") as third:
        pass
    writers = {reading.writer.session: reading.writer for reading in read_journal(journal)[0]}
    assert [writers[session(tracker)].resumes for tracker in (first, second, third)] == [
        "",
        session(first),
        session(first),
    ]
    assert len({writer.id for writer in writers.values()}) == 1


def test_ids_are_random_and_do_not_touch_the_random_state_of_the_training(tmp_path):
    import random

    random.seed(3)
    state = random.getstate()
    ids = set()
    for name in "abc":
        with Tracker(tmp_path / name, run="r"):
            pass
        ids |= {reading.writer.id for reading in read_journal(tmp_path / name)[0]}
    assert (len(ids), random.getstate()) == (3, state)


@pytest.mark.parametrize("is_sealed_next", [False, True])
def test_a_folder_that_is_replaced_by_a_copy_loses_no_record(tmp_path, is_sealed_next, capsys):
    folder = tmp_path / "envcfg"
    with Tracker(folder, run="r", segment_bytes=40_000) as tracker:
        for step in range(100):
            tracker.record({"level": step}, step=step)
        shutil.copytree(folder, tmp_path / "copy")
        for step in range(100, 107):
            tracker.record({"level": step}, step=step)
        folder.rename(tmp_path / "before")
        (tmp_path / "copy").rename(folder)
        if is_sealed_next:
            tracker._out.journal.seal()
        for step in range(107, 400):
            tracker.record({"level": step}, step=step)
    readings, losses = read_journal(folder)
    assert [record.step for reading in readings for record in reading.records] == list(range(400))
    assert (losses, sum(len(reading.losses) for reading in readings)) == ([], 0)
    assert capsys.readouterr().err.count("replaced by another file while being written") == 1
