"""With strict, any failure of recording fails the job, even if the exception was suppressed."""

import contextlib
import multiprocessing
import shutil

import pytest
import workers
from strategies import Rude

from envcfg import Cause, Tracker, load
from envcfg.core.errors import ConfigError, EnvcfgError, JournalError

FAILING = {
    "a leaf": lambda tracker: tracker.record({"fn": print}, step=0),
    "an object that raises": lambda tracker: tracker.record({"rude": Rude()}, step=0),
    "a step": lambda tracker: tracker.record({"a": 1}, step="soon"),
    "a slot": lambda tracker: tracker.record({"a": 1}, step=0, slot=[1]),
    "a cause": lambda tracker: tracker.record({"a": 1}, step=0, cause=Cause("weather")),
    "arrays": lambda tracker: tracker.record_slots({"a": []}, step=0),
    "a request": lambda tracker: tracker.request(3, step=0),
    "a mix": lambda tracker: tracker.mix({"easy": -1.0}, step=0),
    "rewards": lambda tracker: tracker.end_epoch(step=0, epoch=0, rewards={"easy": [float("nan")]}),
    "an epoch": lambda tracker: tracker.end_epoch(step=0, epoch=-1),
    "progress": lambda tracker: tracker.set_step(step=-1),
}


@pytest.mark.parametrize("fail", FAILING.values(), ids=FAILING)
def test_every_failing_call_raises_and_close_raises_if_it_was_suppressed(fail, journal):
    tracker = Tracker(journal, run="r", strict=True)
    with pytest.raises(ConfigError):
        fail(tracker)
    tracker.record({"a": 1}, step=1)
    assert tracker.digest() is not None
    with pytest.raises(EnvcfgError, match="not everything was recorded"):
        tracker.close()
    history = load(journal)
    assert history.status == "completed"
    assert max(failure.count for failure in history.failures) == 1


@pytest.mark.parametrize("fail", FAILING.values(), ids=FAILING)
def test_nothing_raises_without_strict(fail, journal, capsys):
    with Tracker(journal, run="r") as tracker:
        fail(tracker)
        tracker.record({"a": 1}, step=1)
        assert tracker.digest() is not None
    assert capsys.readouterr().err.count("training goes on") == 1


class Broken:
    """A sink that fails in one method."""

    def __init__(self, occasion):
        self.occasion = occasion
        self.closed_as = None

    def __getattr__(self, occasion):
        def call(*arguments, **_):
            if occasion == "closed":
                self.closed_as = arguments[0].status
            if occasion == self.occasion:
                raise OSError(occasion)

        return call


def train(tracker):
    tracker.record({"a": 1}, step=0, epoch=0)
    tracker.request({"a": 2}, step=1)
    tracker.mix({"easy": 1.0}, step=2)
    tracker.end_epoch(step=3, epoch=0)


@pytest.mark.parametrize("occasion", ["recorded", "mixed", "epoch_ended", "missed"])
def test_a_failing_sink_fails_the_job_and_is_still_closed(occasion, journal):
    sink = Broken(occasion)
    tracker = Tracker(journal, run="r", sinks=(sink,), strict=True)
    with pytest.raises(OSError, match=occasion):
        train(tracker)
    with pytest.raises((EnvcfgError, OSError), match=occasion):
        tracker.close()
    assert sink.closed_as == "completed"


def test_a_sink_that_cannot_be_closed_fails_the_job_but_the_journal_is_complete(journal):
    tracker = Tracker(journal, run="r", sinks=(Broken("closed"),), strict=True)
    train(tracker)
    with pytest.raises(OSError, match="closed"):
        tracker.close()
    assert load(journal).status == "completed"


def test_a_sink_that_cannot_be_opened_fails_the_job_before_it_begins(journal):
    with pytest.raises(OSError, match="opened"):
        Tracker(journal, run="r", sinks=(Broken("opened"),), strict=True)


def test_a_journal_that_cannot_be_sealed_fails_the_job_but_is_complete(journal):
    tracker = Tracker(journal, run="r", strict=True)
    tracker.record({"a": 1}, step=0)
    (journal / "r0-w0-000001.json.gz.partial").mkdir()
    with pytest.raises(JournalError, match="cannot write a journal"):
        tracker.close()
    assert [adoption.record.step for adoption in load(journal).adoptions] == [0]


@pytest.mark.parametrize("advances", [True, False])
def test_a_folder_that_is_removed_fails_the_job(advances, journal):
    tracker = Tracker(journal, run="r", strict=True)
    tracker.record({"a": 1}, step=0, epoch=0)
    if advances:
        tracker.end_epoch(step=0, epoch=0)
    shutil.rmtree(journal)
    with pytest.raises(JournalError, match="deleted while being written"):
        tracker.close()


def test_our_error_does_not_hide_an_error_of_the_program(journal):
    def program():
        with Tracker(journal, run="r", strict=True) as tracker:
            workers.fail_and_swallow(tracker, journal)
            raise KeyError

    with pytest.raises(KeyError):
        program()


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("work", [workers.fail, workers.fail_and_swallow, workers.lose_the_folder])
def test_a_worker_that_fails_ends_with_status_1(method, work, journal, capfd):
    context = multiprocessing.get_context(method)
    tracker = Tracker(journal, run="r", strict=True)
    worker = context.Process(target=work, args=(tracker.shard(1), str(journal)))
    worker.start()
    worker.join()
    assert worker.exitcode == 1, capfd.readouterr().err
    with contextlib.suppress(EnvcfgError):
        tracker.close()


def test_a_failure_in_the_first_call_of_a_worker_is_in_its_journal(journal):
    with Tracker(journal, run="r") as tracker:
        worker = multiprocessing.get_context("fork").Process(target=workers.fail_and_go_on, args=(tracker,))
        worker.start()
        worker.join()
    assert [failure.where for failure in load(journal).failures][:1] == ["record"]
