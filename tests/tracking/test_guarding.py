"""`tracker.guard`: a failure in an adapter is counted in the journal of the process where it happened."""

import errno
import os
import threading

import pytest

from envcfg import Tracker, load
from envcfg.analysis.run.summary import failures
from envcfg.core.code import Code
from envcfg.tracking.ambient import NullTracker


def fail(recorder):
    with recorder.guard("adapter"):
        raise KeyError("dones")


def test_a_failure_is_counted_and_shown_once_with_its_place(tmp_path, capsys):
    with Tracker(tmp_path, run="r") as tracker:
        for _ in range(3):
            fail(tracker)
    latest = load(tmp_path).failures[-1]
    assert (latest.where, latest.message, latest.count) == ("adapter", "KeyError: 'dones'", 3)
    assert capsys.readouterr().err.splitlines() == [
        "envcfg: adapter: KeyError: 'dones' (training goes on; shown once)",
        f"envcfg: not everything was recorded: adapter 3 times (unknown); envcfg doctor {tmp_path} says what to do",
    ]


def test_a_second_cause_at_the_same_place_is_shown_and_counted_by_itself(tmp_path, capsys):
    with Tracker(tmp_path, run="r") as tracker:
        for error in [ValueError("a harmless mistake"), *[OSError(errno.ENOSPC, "No space left on device")] * 2218]:
            with tracker.guard("record"):
                raise error
        for step in range(781):
            tracker.record({"a": step}, step=step)
    found = {failure.message: (failure.count, failure.code) for failure in load(tmp_path).failures}
    assert found == {
        "a harmless mistake": (1, Code.UNKNOWN),
        "[Errno 28] No space left on device": (2218, Code.DISK_FULL),
    }
    mistake, full, counts = capsys.readouterr().err.splitlines()
    assert ("a harmless mistake" in mistake, "No space left" in full) == (True, True)
    assert "record 2,218 of 3,000 times (disk_full)" in counts


def test_numbers_and_quoted_values_in_a_message_make_no_other_cause(tmp_path, capsys):
    with Tracker(tmp_path, run="r") as tracker:
        for number in range(9):
            with tracker.guard("record"):
                raise ValueError(f"step {number}: expected less than {number * 1000:,}, not 'task {number}'")
    assert [failure.count for failure in load(tmp_path).failures][-1] == 9
    assert capsys.readouterr().err.count("expected less than") == 1


def test_failures_of_ever_new_kinds_take_no_endless_memory_and_print_no_endless_text(tmp_path, capsys):
    with Tracker(tmp_path, run="r") as tracker:
        for number in range(2000):
            with tracker.guard("record"):
                raise ValueError("".join(chr(ord("a") + int(digit)) for digit in str(number)))
    assert sum({(f.where, f.message): f.count for f in load(tmp_path).failures}.values()) == 2000
    assert len(capsys.readouterr().err.splitlines()) < 60


def test_with_strict_a_failure_is_raised_and_outer_guards_count_it_once(tmp_path):
    tracker = Tracker(tmp_path, run="r", strict=True)
    with pytest.raises(KeyError), tracker.guard("outer"):
        fail(tracker)
    assert [where for where, *_ in tracker._out.guard.causes] == ["adapter"]


def test_a_guard_does_not_catch_an_interrupt(tmp_path):
    with Tracker(tmp_path, run="r") as tracker:
        for recorder in (tracker, NullTracker()):
            with pytest.raises(KeyboardInterrupt), recorder.guard("adapter"):
                raise KeyboardInterrupt
    assert load(tmp_path).failures == ()


def test_without_a_tracker_the_guard_suppresses_every_failure():
    fail(NullTracker())


def test_a_worker_that_has_recorded_nothing_counts_failures_in_its_own_shard(tmp_path, capfd):
    with Tracker(tmp_path, run="r") as tracker:
        tracker.record({"a": 1}, step=0)
        if not (child := os.fork()):
            fail(tracker)
            tracker.close()
            os._exit(0)
        os.waitpid(child, 0)
        assert tracker.digest() is not None
    history = load(tmp_path)
    assert history.losses == ()
    assert [failure.where for failure in history.failures] == ["adapter"] * len(history.failures) != []
    assert len({segment.name.split("-")[1] for segment in tmp_path.glob("r0-w*")}) == 2


def test_a_guard_holds_no_lock_while_others_record(tmp_path):
    with Tracker(tmp_path, run="r", strict=True) as tracker, tracker.guard("adapter"):
        thread = threading.Thread(target=lambda: tracker.record({"a": 1}, step=0), daemon=True)
        thread.start()
        thread.join(timeout=30)
        assert not thread.is_alive()


def test_the_counts_of_sessions_and_processes_add_up(tmp_path):
    for _ in range(2):
        with Tracker(tmp_path, run="r") as tracker:
            for _ in range(12):
                fail(tracker)
            worker = tracker.shard(7)
            fail(worker)
            worker.close()
    assert failures(load(tmp_path)) == ("adapter: KeyError: 'dones' (26 times)",)
