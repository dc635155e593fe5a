"""`tracker.guard`: a failure in an adapter is counted in the journal of the process where it happened."""

import os
import threading

import pytest

from envcfg import Tracker, load
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
    assert capsys.readouterr().err == "envcfg: adapter: KeyError: 'dones' (training goes on; shown once)\n"


def test_with_strict_a_failure_is_raised_and_outer_guards_count_it_once(tmp_path):
    tracker = Tracker(tmp_path, run="r", strict=True)
    with pytest.raises(KeyError), tracker.guard("outer"):
        fail(tracker)
    assert list(tracker._out.guard.latest) == ["adapter"]


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
