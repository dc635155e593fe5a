"""What is recorded without an epoch belongs to the epoch that runs, and what an epoch counted stays with it."""

import pytest
from command_line import envcfg

from envcfg import Tracker, load
from envcfg.history.queries.moments import moment
from envcfg.sources.returns import returns
from envcfg.tables.frames.changes import changes
from envcfg.tables.frames.parameters import parameters


def test_a_call_without_an_epoch_is_of_the_epoch_that_runs_also_after_a_resume(journal):
    for first in (0, 2):
        with Tracker(journal, run="r") as tracker:
            for epoch in range(first, first + 2):
                tracker.record({"level": epoch}, step=10 * epoch)
                tracker.request({"level": epoch + 1}, step=10 * epoch + 5)
                tracker.end_epoch(step=10 * epoch + 10, epoch=epoch)
            tracker.record({"level": "after the last epoch"}, step=10 * first + 20)
    history = load(journal)
    assert [(a.record.step, a.record.epoch) for a in history.adoptions] == [
        (0, 0),
        (10, 1),
        (20, 2),
        (30, 3),
        (40, 4),
    ]
    assert [(r.request.step, r.request.epoch) for r in history.requests] == [(5, 0), (15, 1), (25, 2), (35, 3)]
    assert [moment(history, f"epoch:{epoch}").step for epoch in range(4)] == [10, 20, 30, 40]


def test_counts_of_an_epoch_that_ended_where_a_session_goes_on_are_kept(journal):
    for first in (0, 2):
        with Tracker(journal, run="r") as tracker:
            for epoch in range(first, first + 2):
                for step in range(0, 10, 5):
                    tracker.record({"level": epoch}, step=10 * epoch + step, task="a")
                    tracker.end_episode(reward=epoch, task="a")
                tracker.end_epoch(step=10 * epoch + 10, epoch=epoch)
    history = load(journal)
    assert history.adopted == {"a": 8}
    assert [(step, epoch, part.episodes) for step, epoch, part in returns(history)] == [
        (10, 0, 2),
        (20, 1, 2),
        (30, 2, 2),
        (40, 3, 2),
    ]


@pytest.mark.parametrize("first", [0, 1, 7])
def test_what_came_before_the_first_end_of_an_epoch_is_of_this_epoch(journal, first):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 0}, step=0)
        tracker.record({"level": 0}, step=0, slot=tracker.begin_slot(role="eval"))
        tracker.request({"level": 1}, step=5)
        with tracker.shard(1) as worker:
            worker.record({"level": 0}, step=6, slot=1)
            worker.record({"level": 1}, step=7, slot=1)
            tracker.end_epoch(step=10, epoch=first)
    history = load(journal)
    everything = [*history.adoptions, *history.evaluation.adoptions]
    assert [adoption.record.epoch for adoption in everything] == [first] * 4
    assert [asked.request.epoch for asked in history.requests] == [first]
    assert set(parameters(history)["epoch"]) == set(changes(history)["epoch"]) == {first}
    assert f"epoch {first}" in envcfg("log", journal).stdout


def test_what_came_before_the_first_end_is_of_no_epoch_if_another_one_may_have_run(journal):
    killed = Tracker(journal, run="r")
    killed.request({"level": 1}, step=0)
    killed.record({"level": 0}, step=0)
    killed.record({"level": 1}, step=10, epoch=3)
    killed._out.journal.close()
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 2}, step=20, epoch=5)
        tracker.end_epoch(step=25, epoch=5)
    history = load(journal)
    assert [adoption.record.epoch for adoption in history.adoptions] == [None, 3, 5]
    assert [asked.request.epoch for asked in history.requests] == [None]
