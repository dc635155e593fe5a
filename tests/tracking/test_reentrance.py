"""`record` is called while `record` runs: from a signal handler, a destructor, or a sink."""

import signal
import sys
from pathlib import Path

import pytest

from envcfg import Tracker, load
from envcfg.journal.turns import Turns

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no interval timers")
MAIN, OTHER = 0, 1


def records(folder, slot):
    history = load(folder)
    assert history.losses == ()
    assert history.failures == ()
    return [(a.record.step, history.config(a.record.config)["n"]) for a in history.adoptions if a.record.slot == slot]


def test_records_of_a_signal_handler_are_written_at_their_steps_and_leak_no_file(tmp_path):
    tracker, caught = Tracker(tmp_path, segment_bytes=20_000), []

    def handler(*_):
        caught.append(len(caught))
        tracker.record({"n": caught[-1], "by": "signal"}, step=1_000_000 + caught[-1], slot=OTHER)
        signal.setitimer(signal.ITIMER_REAL, 0.005)  # the next one comes after this one has ended

    before = signal.signal(signal.SIGALRM, handler)
    handles = len([*Path("/dev/fd").iterdir()])
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.005)
        step = 0
        while len(caught) < 40:
            tracker.record({"n": step}, step=step, slot=MAIN)
            step += 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert len([*Path("/dev/fd").iterdir()]) <= handles + 1
    tracker.close()
    assert records(tmp_path, MAIN) == [(number, number) for number in range(step)]
    assert records(tmp_path, OTHER) == [(1_000_000 + number, number) for number in caught]


def test_a_call_at_any_line_of_the_writer_waits_for_the_call_that_it_interrupts(tmp_path):
    """The worst handler: at each line of the segment's writer once, in a training of its own."""
    lines, position = iter(range(10_000)), 0
    is_over = False
    while not is_over:
        folder = tmp_path / str(next(lines))
        is_over = not _interrupted(folder, position)
        assert [step for step, _ in records(folder, MAIN)] == [0, 1, 2, 3]
        assert len(records(folder, OTHER)) == (0 if is_over else 1)
        position += 1
    assert position > 50


def _interrupted(folder, position):
    """A training whose handler records at the line with this number; whether there was such a line."""
    tracker, seen = Tracker(folder, segment_bytes=1_000), []

    def trace(frame, event, _):
        if not frame.f_code.co_filename.endswith("segment.py"):
            return trace
        if event == "line":
            seen.append(frame.f_lineno)
            if len(seen) == position + 1:
                sys.settrace(None)
                tracker.record({"n": -1}, step=50, slot=OTHER)
        return trace

    sys.settrace(trace)
    try:
        for step in range(4):
            tracker.record({"n": step, "long": "x" * 400}, step=step, slot=MAIN)
    finally:
        sys.settrace(None)
    tracker.close()
    return len(seen) > position


def test_a_call_that_waits_runs_after_the_one_that_it_interrupts():
    turns, said = Turns(), []

    def outer():
        assert turns.take(lambda: said.append("inner")) is None
        said.append("outer")
        return 7

    assert turns.take(outer) == 7
    assert said == ["outer", "inner"]


def test_a_turn_that_an_exception_ended_keeps_no_other_waiting():
    turns, said = Turns(), []

    def fails():
        turns.take(lambda: said.append("inner"))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        turns.take(fails)
    turns.take(lambda: said.append("later"))
    assert said == ["later", "inner"]


def test_a_call_that_ended_without_its_last_line_keeps_no_other_waiting():
    """A Ctrl-C may come at that line."""
    turns, said = Turns(), []
    turns._running = _frame_of_a_call_that_ended()
    turns.take(lambda: said.append("runs"))
    assert said == ["runs"]


def _frame_of_a_call_that_ended():
    return sys._getframe()
