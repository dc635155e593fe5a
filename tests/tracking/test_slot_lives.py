"""Environments begin and end in slots while a tracker records."""

import multiprocessing
import time

import numpy as np
import pytest

from envcfg import Tracker, load
from envcfg.core.code import Code
from envcfg.core.record import EVALUATION
from envcfg.sinks import BaseSink


class Notes(BaseSink):
    """A sink that notes what it is told."""

    def __init__(self):
        self.told = []

    def recorded(self, record, config):
        self.told.append((record.slot, config["level"]))

    def slots_ended(self, slots):
        self.told.append(slots)


@pytest.fixture
def journal(tmp_path):
    return tmp_path / "envcfg"


def lives(history):
    return [(life.place.slot, life.born, life.ended, life.reason) for life in history.lives]


def test_a_slot_that_ended_is_written_again_even_with_the_same_config(journal):
    with Tracker(journal) as tracker:
        tracker.record({"level": 1}, step=0, slot=0)
        tracker.end_slot(0)
        tracker.set_step(step=40)
        tracker.record({"level": 1}, step=50, slot=0)
        tracker.set_step(step=60)
    assert lives(load(journal)) == [(0, 0, 0, "closed"), (0, 50, None, None)]


def test_slots_without_a_number_get_the_next_free_one(journal):
    with Tracker(journal) as tracker:
        tracker.record({"level": 1}, step=0, slot=1)  # somebody else's
        assert [tracker.begin_slot() for _ in range(3)] == [0, 2, 3]
        tracker.end_slot([0, 2])
        assert tracker.begin_slot(2) == 2
        assert [tracker.begin_slot() for _ in range(2)] == [0, 4]


def test_a_new_environment_ends_the_old_one_of_its_slot(journal):
    notes = Notes()
    with Tracker(journal, sinks=(notes,)) as tracker:
        for stage in range(3):
            tracker.set_step(step=10 * stage)
            slot = tracker.begin_slot(5)
            tracker.record({"level": stage}, slot=slot)
        tracker.set_step(step=30)
    assert lives(load(journal)) == [(5, 0, 10, "replaced"), (5, 10, 20, "replaced"), (5, 20, None, None)]
    assert notes.told == [(5, 0), (5,), (5, 1), (5,), (5, 2)]


def test_an_environment_that_adopted_nothing_leaves_no_trace(journal):
    with Tracker(journal) as tracker:
        tracker.end_slot(tracker.begin_slot())
        tracker.record({"level": 1}, step=0, slot=0)
    assert lives(load(journal)) == [(0, 0, None, None)]


def test_an_evaluation_reaches_no_sink_no_count_and_no_return(journal):
    notes = Notes()
    with Tracker(journal, sinks=(notes,)) as tracker:
        tracker.record({"level": 1}, step=0, epoch=0, slot=0, task="train")
        evaluation = tracker.begin_slot(0, role="eval")
        for level in (7, 7, 8):
            tracker.record({"level": level}, step=0, epoch=0, slot=evaluation, task="evaluate")
            tracker.end_episode(reward=9.0, slot=evaluation)
        tracker.request({"level": 2}, step=5)
        tracker.record({"level": 1}, step=6, epoch=0, slot=0, task="train")
        tracker.end_epoch(step=9, epoch=0)
        tracker.end_slot(evaluation)
    history = load(journal)
    assert notes.told == [(0, 1)]
    assert history.adopted == {"train": 2}
    assert all(mix.rewards is None for mix in history.mixes)
    assert [a.place.slot for a in history.adoptions] == [0]
    assert [answer.place.slot for answer in history.answers] == [0]
    assert [(a.place.slot, a.record.task) for a in history.of_role("eval").adoptions] == [(0, "evaluate")] * 2
    assert (tracker.run, evaluation) == (tracker.run, EVALUATION)


def test_rows_of_an_evaluation_reach_no_sink_no_request_and_no_count(journal):
    notes, evaluated = Notes(), {"level": np.array([1, 8])}
    with Tracker(journal, sinks=(notes,), strict=True) as tracker:
        tracker.record_slots({"level": np.array([1, 1])}, step=0, epoch=0)
        tracker.record_slots(evaluated, role="eval")
        tracker.request({"level": 8}, step=5)
        tracker.record_slots(evaluated, role="eval")
        assert tracker.begin_slot(0, role="eval") == EVALUATION
        tracker.record_slots(evaluated, role="eval")
        tracker.record_slots({"level": np.array([1, 1])}, step=6)
        tracker.end_epoch(step=9, epoch=0)
    history = load(journal)
    assert notes.told == [(0, 1), (1, 1)]
    assert history.adopted == {"": 4}
    assert [(answer.place.slot, answer.state) for answer in history.answers] == [(0, "waiting"), (1, "waiting")]
    seen = [(a.place.slot, history.config(a.record.config)["level"]) for a in history.of_role("eval").adoptions]
    assert seen == [(0, 1), (1, 8), (0, 1)]


def test_rows_of_an_evaluation_of_an_earlier_step_begin_no_phase_of_the_training(journal, capsys):
    level = {"level": np.array([1, 8])}
    with Tracker(journal, strict=True) as tracker:
        tracker.record_slots(level, step=3, role="eval")
        for epoch in range(3):
            tracker.record_slots(level, step=100 * epoch, epoch=epoch)
            tracker.end_epoch(step=100 * epoch + 99, epoch=epoch)
        tracker.record_slots(level, step=4, role="eval")  # of an old checkpoint
        tracker.record_slots(level, step=300, epoch=3)
    history = load(journal)
    assert (history.last_step, len(history.phases)) == (300, 0)
    assert capsys.readouterr().err == ""


def test_a_number_of_the_evaluation_that_nobody_began_is_refused(journal, capsys):
    with Tracker(journal) as tracker:
        tracker.record({"level": 1}, step=0, slot=EVALUATION + 3)
    assert "expected a whole number below 16,777,216, or one that begin_slot returned" in capsys.readouterr().err
    assert {failure.code for failure in load(journal).failures} == {Code.ARGUMENT}


def begin_in_worker(tracker, queue, go):
    queue.put([tracker.begin_slot() for _ in range(2)])
    go.wait()


def test_processes_share_the_numbers_that_are_free(journal):
    spawning = multiprocessing.get_context("spawn")
    with Tracker(journal) as tracker:
        first = tracker.begin_slot()
        queue, go = spawning.Queue(), spawning.Event()
        workers = [spawning.Process(target=begin_in_worker, args=(tracker, queue, go)) for _ in range(2)]
        for worker in workers:
            worker.start()
        given = [number for _ in workers for number in queue.get(timeout=120)]
        given += [first, tracker.begin_slot()]
        go.set()
        for worker in workers:
            worker.join()
    assert sorted(given) == [0, 1, 2, 3, 4, 5]
    assert not list(journal.glob(".*"))


def alternate(tracker, mine, other, level):
    for step in range(3):
        mine.wait()
        mine.clear()
        tracker.record({"level": level + step}, step=10 * step + level // 100, slot=0)
        other.set()


def test_two_workers_that_write_one_slot_by_turns_are_reported(journal, capsys):
    spawning = multiprocessing.get_context("spawn")
    with Tracker(journal) as tracker:
        tracker.request({"level": 5}, step=0)
        turns = [spawning.Event(), spawning.Event()]
        workers = [
            spawning.Process(target=alternate, args=(tracker, turns[n], turns[1 - n], 100 * n)) for n in range(2)
        ]
        for worker in workers:
            worker.start()
        turns[0].set()
        for worker in workers:
            worker.join()
    assert "two environments record as slot 0 at the same time" in capsys.readouterr().err
    history = load(journal)
    assert Code.TWO_ENVIRONMENTS in {failure.code for failure in history.failures}
    assert len(history.adoptions.places) == 2  # told apart by their workers


def live(tracker, ready):
    tracker.record({"level": 5}, slot=7)
    ready.set()
    time.sleep(600)


def test_the_death_of_a_worker_is_told_by_the_process_that_started_it(journal):
    spawning, notes = multiprocessing.get_context("spawn"), Notes()
    with Tracker(journal, sinks=(notes,)) as tracker:
        tracker.record({"level": 1}, step=0, epoch=0)
        ready = spawning.Event()
        worker = spawning.Process(target=live, args=(tracker, ready))
        worker.start()
        ready.wait()
        tracker.end_epoch(step=10, epoch=0)
        worker.kill()
        worker.join()
        for epoch in (1, 2):
            tracker.end_epoch(step=10 + 10 * epoch, epoch=epoch)
        tracker.record({"level": 2}, step=40, epoch=3)
        tracker.set_step(step=50)
    history = load(journal)
    assert lives(history) == [(0, 0, None, None), (7, 0, 30, "died")]
    assert notes.told == [(0, 1), (7, 5), (7,), (0, 2)]
    assert (history.in_force(40).of, history.in_force(20).of) == (1, 2)
