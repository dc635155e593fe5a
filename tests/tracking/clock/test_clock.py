"""The run clock: what the program tells wins, what adapters count lies between, and nothing goes back in silence."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg import Tracker, load
from envcfg.core.code import Code
from envcfg.core.record import EpochEnd
from envcfg.tracking.clock.clock import Clock
from envcfg.tracking.clock.past import Past
from envcfg.tracking.clock.sentences import WITHOUT_STEP


class Told:
    """A clock, the phases that it wrote, and what it said."""

    def __init__(self, past=None):
        self.phases, self.said, self.failed = [], [], []
        self.clock = Clock(lambda: past or Past(), write=self.written, warn=self.said.append, fail=self.failed.append)

    def written(self, phase):
        self.phases.append(phase)
        return phase


def changes(folder):
    history = load(folder)
    return [(a.record.step, history.config(a.record.config)["level"]) for a in history.adoptions]


def test_what_an_adapter_counts_lies_between_two_steps_that_the_program_tells():
    clock = Told().clock
    clock.set(4000, None, is_told=True)
    clock.count(40)
    assert clock.set(None, None) == (4040, None)
    assert clock.set(5000, None, is_told=True) == (5000, None)
    clock.count(100)
    assert clock.step == 5000 + 100 * 1000 // 40  # the program tells 25 steps for each that is counted


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 50)), max_size=30))
def test_every_step_that_is_told_counts_and_the_clock_never_goes_back_between_two(moves):
    clock, total, before = Told().clock, 0, 0
    for is_count, steps in moves:
        total += steps
        if is_count:
            clock.count(steps)
            assert clock.step >= before
        else:
            assert clock.set(total, None, is_told=True)[0] == total
            assert clock.step >= total
        before = clock.set(None, None)[0]


def test_a_program_that_counts_anew_is_laid_behind_and_told_once(journal, capsys):
    with Tracker(journal) as tracker:
        for level in range(3):
            for step in range(0, 1000, 250):
                tracker.record({"level": level}, step=step)
            tracker.end_epoch(step=999, epoch=level)
    assert changes(journal) == [(0, 0), (999, 1), (1998, 2)]
    history = load(journal)
    assert [(p.number, p.name, p.step, p.phase_step) for p in history.phases] == [(1, None, 999, 0), (2, None, 1998, 0)]
    assert [end.step for end in history.epochs] == [999, 1998, 2997]
    said = capsys.readouterr().err
    assert said.count("the step went back from 750 to 0") == 1
    assert 'tracker.begin_phase("name")' in said


def test_a_phase_that_is_announced_is_named_and_says_nothing(journal, capsys):
    with Tracker(journal) as tracker:
        for level, name in enumerate(("easy", "hard")):
            tracker.begin_phase(name)
            for epoch in range(2):
                tracker.record({"level": level}, step=100 * epoch, epoch=epoch)
                tracker.end_epoch(step=100 * epoch + 99, epoch=epoch)
    history = load(journal)
    assert [(p.number, p.name, p.step, p.epoch) for p in history.phases] == [(0, "easy", 0, 0), (1, "hard", 199, 2)]
    assert [(end.step, end.epoch) for end in history.epochs] == [(99, 0), (199, 1), (298, 2), (398, 3)]
    assert [a.record.epoch for a in history.adoptions] == [0, 2]
    assert capsys.readouterr().err == ""


def test_a_phase_in_which_the_program_goes_on_counting_moves_no_step(journal):
    with Tracker(journal) as tracker:
        tracker.record({"level": 0}, step=0)
        tracker.set_step(step=500)
        tracker.begin_phase("second")
        tracker.record({"level": 1}, step=700)
    assert changes(journal) == [(0, 0), (700, 1)]
    assert [(p.name, p.step, p.phase_step) for p in load(journal).phases] == [("second", 700, 700)]


def test_a_record_that_comes_a_little_late_is_no_phase(journal, capsys):
    with Tracker(journal) as tracker:
        tracker.record({"level": 0}, step=1000)
        tracker.record({"level": 1}, step=990)
        tracker.record({"level": 2}, step=1010)
    assert changes(journal) == [(1000, 0), (1000, 1), (1010, 2)]
    assert load(journal).phases == ()
    assert "step 990 was recorded after step 1,000" in capsys.readouterr().err


def test_slots_may_be_recorded_one_after_the_other(journal, capsys):
    with Tracker(journal) as tracker:
        for slot in range(3):
            for step in range(0, 100, 10):
                tracker.record({"level": step}, step=step + slot, slot=slot)
        tracker.end_epoch(step=100, epoch=0)
    assert load(journal).phases == ()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("threads", [8])
def test_each_record_from_threads_is_at_its_own_step(journal, threads):
    times = 400

    def adopt(slot):
        for number in range(times):
            tracker.record({"level": number // 3}, step=number * 100 + slot, slot=slot)

    with Tracker(journal) as tracker:
        own = [threading.Thread(target=adopt, args=(slot,)) for slot in range(threads)]
        for thread in own:
            thread.start()
        for thread in own:
            thread.join()
    history = load(journal)
    found = {(a.place.slot, history.config(a.record.config)["level"]): a.record.step for a in history.adoptions}
    assert found == {(s, level): level * 300 + s for s in range(threads) for level in range(-(-times // 3))}


def test_two_threads_that_each_set_the_step_are_an_error_that_is_told_once(journal, capsys):
    turn = threading.Barrier(2)

    def train(first):
        for number in range(4):
            for mine in (True, False):
                turn.wait()
                if mine is first:
                    tracker.set_step(step=number * 100 + (0 if first else 10_000 - number * 200))

    with Tracker(journal) as tracker:
        own = [threading.Thread(target=train, args=(first,)) for first in (True, False)]
        for thread in own:
            thread.start()
        for thread in own:
            thread.join()
    assert capsys.readouterr().err.count("two threads set the step of one tracker") == 1
    assert {failure.code for failure in load(journal).failures} == {"two_clocks"}


def test_a_clock_that_counts_goes_on_after_a_resume_and_nothing_is_abandoned(journal):
    for level in range(3):
        with Tracker(journal, run="r") as tracker:
            for each in range(5):
                tracker.record({"level": 10 * level + each})
                tracker.add_steps(100)
    history = load(journal)
    assert len(history.abandoned) == 0
    assert [step for step, _ in changes(journal)] == [
        *range(0, 500, 100),
        *range(501, 1001, 100),
        *range(1002, 1502, 100),
    ]


def test_a_program_that_restores_its_step_still_rolls_back(journal, capsys):
    with Tracker(journal, run="r") as tracker:
        for epoch in range(5):
            tracker.record({"level": epoch}, step=100 * epoch, epoch=epoch)
            tracker.end_epoch(step=100 * epoch + 99, epoch=epoch)
    with Tracker(journal, run="r") as tracker:
        tracker.set_step(step=200)
        assert tracker.next_epoch == 2
        tracker.record({"level": 9})
        tracker.end_epoch(step=299)
    history = load(journal)
    assert changes(journal) == [(0, 0), (100, 1), (200, 9)]
    assert [end.epoch for end in history.epochs] == [0, 1, 2]
    assert history.phases == ()
    assert capsys.readouterr().err == ""


def test_a_resumed_run_goes_on_in_its_last_phase(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.set_step(step=1000)
        tracker.begin_phase("second")
        tracker.set_step(step=0)
        tracker.record({"level": 1}, step=400)
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 2}, step=500)
    assert changes(journal) == [(1400, 1), (1500, 2)]


def test_epochs_that_are_not_numbered_are_counted(journal):
    for _ in range(2):
        with Tracker(journal, run="r") as tracker:
            for _ in range(3):
                tracker.add_steps(10)
                tracker.end_epoch()
    assert [(end.step, end.epoch) for end in load(journal).epochs] == [
        *((10, 0), (20, 1), (30, 2)),
        *((41, 3), (51, 4), (61, 5)),
    ]


def test_episodes_go_on_after_a_resume(journal):
    with Tracker(journal, run="r") as tracker:
        assert tracker.next_episode(3) == 0
        tracker.record({"level": 0}, step=0, slot=3, episode=0)
        tracker.record({"level": 0}, step=5, slot=3, episode=1)
        assert tracker.next_episode(3) == 2
        tracker.record({"level": 1}, step=9, slot=3, episode=2)
    with Tracker(journal, run="r") as tracker:
        assert tracker.next_episode(3) == 3


def test_adoptions_without_any_step_are_told_once(journal, capsys):
    with Tracker(journal) as tracker:
        for level in range(2 * WITHOUT_STEP):
            tracker.record({"level": level})
    assert capsys.readouterr().err.count("the step was never set") == 1


def test_an_epoch_that_went_back_is_laid_behind():
    told = Told()
    told.clock.set(100, 0, is_told=True)
    told.clock.ended(EpochEnd(100, 0, 1.0))
    told.clock.set(200, 1, is_told=True)
    told.clock.ended(EpochEnd(200, 1, 2.0))
    assert told.clock.set(300, 0, is_told=True) == (300, 2)
    assert [(p.epoch, p.step, p.phase_step) for p in told.phases] == [(2, 300, 300)]
    assert "the epoch went back from 1 to 0" in told.said[0]


@pytest.mark.parametrize("steps", [[2**63 - 1, 0, 2**63 - 1], [2**63 - 1, 5, 6], [2**70]])
def test_a_step_that_no_reader_would_accept_is_reported_and_not_written(tmp_path, steps):
    with Tracker(tmp_path, run="r") as tracker:
        for level, step in enumerate(steps):
            tracker.record({"level": level}, step=step)
            tracker.record({"level": level}, step=step)  # unchanged, on the fast path
            tracker.end_epoch(step=step, epoch=level)
    history = load(tmp_path)
    assert history.losses == ()
    assert all(failure.code is Code.ARGUMENT for failure in history.failures)
    assert history.failures
    assert history.status == "completed"


def test_an_epoch_that_no_reader_would_accept_is_reported_and_not_written(tmp_path):
    with Tracker(tmp_path, run="r") as tracker:
        tracker.record({"level": 1}, step=100, epoch=2**31 - 1)
        tracker.end_epoch(step=100, epoch=2**31 - 1)
        tracker.begin_phase("again")
        tracker.record({"level": 2}, step=0, epoch=5)
    history = load(tmp_path)
    assert history.losses == ()
    assert [failure.code for failure in history.failures] == [Code.ARGUMENT]


@pytest.mark.parametrize("time", [253_402_300_798.0, 1e15, -5.0])
def test_a_machine_whose_clock_is_far_off_loses_no_record(tmp_path, time):
    times = iter([time, 1.8e9] * 500)
    with Tracker(tmp_path, run="r", clock=lambda: next(times), segment_bytes=500) as tracker:
        for step in range(40):
            tracker.record({"level": step}, step=step)
    history = load(tmp_path)
    assert (len(history.adoptions), history.losses) == (40, ())
