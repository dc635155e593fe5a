"""What is recorded without an epoch belongs to the epoch that runs, and what an epoch counted stays with it."""

from envcfg import Tracker, load
from envcfg.history.queries.moments import moment
from envcfg.sources.returns import returns


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
        (0, None),
        (10, 1),
        (20, 2),
        (30, 3),
        (40, 4),
    ]
    assert [(r.request.step, r.request.epoch) for r in history.requests] == [(5, None), (15, 1), (25, 2), (35, 3)]
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
