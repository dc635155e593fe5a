"""Live requests: which request an adoption fulfils, and the warning about a key that stays ineffective."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import envcfg
from envcfg import Tracker, load
from envcfg.core.record import Mix
from envcfg.sinks.wandb.metrics import INEFFECTIVE_KEYS, LiveMetrics
from envcfg.tracking.requests import PATIENCE


class RecordingSink:
    """A sink that keeps the counts of ineffective keys."""

    def __init__(self):
        self.counts = []

    def opened(self, journal, job):
        pass

    recorded = opened
    mixed = closed = lambda *_: None

    def epoch_ended(self, *, step, epoch):
        pass

    def missed(self, ineffective_keys):
        self.counts.append(ineffective_keys)


def test_a_key_that_no_slot_adopts_is_named_once_after_some_resets(tracker, capsys):
    tracker.record({"gravity": 9.8}, step=0)
    tracker.request({"gravity": 20.0}, step=100)
    for reset in range(1, PATIENCE):
        tracker.record({"gravity": 9.8}, step=100 + reset)
        assert capsys.readouterr().err == ""
    for reset in range(9):
        tracker.record({"gravity": 9.8}, step=200 + reset)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "the request gravity=20.0 of step 100 is not effective yet" in said
    assert "slot 0 still uses 9.8" in said


def test_an_unknown_key_is_named_with_the_key_that_was_probably_meant(tracker, capsys):
    tracker.request({"gravty": 20.0}, step=0)
    for step in range(PATIENCE):
        tracker.record({"gravity": 9.8}, step=step)
    assert "did you mean gravity?" in capsys.readouterr().err


def test_sinks_receive_the_number_of_ineffective_keys_whenever_it_changes(journal, capsys):
    sink = RecordingSink()
    with Tracker(journal, sinks=[sink]) as tracker:
        tracker.record({"gravity": 9.8}, step=0)
        assert sink.counts == []
        tracker.request({"gravity": 20.0}, step=1)
        for step in range(5):
            tracker.record({"gravity": 9.8}, step=2 + step)
        tracker.record({"gravity": 20.0}, step=9)
    assert sink.counts == [0, 1, 0]


def test_only_a_run_with_requests_has_the_metric():
    live = LiveMetrics()
    live.mix(Mix(0, 0.0))
    assert INEFFECTIVE_KEYS not in live.row(step=0, epoch=0)
    live.miss(2)
    assert live.row(step=1, epoch=1)[INEFFECTIVE_KEYS] == 2.0


def test_an_adoption_keeps_its_own_requested_at(journal):
    with Tracker(journal) as tracker:
        tracker.record({"level": 0}, step=0)
        tracker.request({"level": 1}, step=10)
        tracker.record({"level": 1}, step=20, requested_at=4)
    assert load(journal).changes[0].requested_at == 4


def test_a_request_takes_slots_of_any_integer_type(journal):
    with Tracker(journal, strict=True) as tracker:
        tracker.request({"a": 1}, step=np.int64(1), slot=np.array([3, 1]))
    assert load(journal).requests[0].request.slots == (3, 1)


def test_a_request_that_cannot_be_recorded_does_not_stop_the_training(tracker, capsys):
    tracker.request("gravity", step=0)
    tracker.request({"a": 1}, step=0, slot=-1)
    assert "envcfg: request: a config cannot be of type str: expected a mapping" in capsys.readouterr().err


def test_a_requested_secret_is_not_on_disk(tracker, journal):
    tracker.request({"api_key": "hunter2hunter2"}, step=0)
    assert not any(b"hunter2" in path.read_bytes() for path in journal.iterdir())


def test_without_a_tracker_a_request_does_nothing():
    assert envcfg.tracker().request({"a": 1}, step=0) is None


steps = st.lists(st.tuples(st.sampled_from(["ask", "reset"]), st.integers(0, 2), st.integers(0, 2)), max_size=30)


@given(steps)
def test_the_live_request_of_each_adoption_equals_the_one_in_the_history(tmp_path_factory, plan):
    """The record of an adoption and the answers of its history name the same request."""
    folder = tmp_path_factory.mktemp("journal")
    with Tracker(folder) as tracker:
        for step, (what, slot, level) in enumerate(plan):
            if what == "ask":
                tracker.request({"level": level}, step=step, slot=None if slot == 2 else slot)
            else:
                tracker.record({"level": level}, step=step, slot=slot)
    history = load(folder)
    for answer in history.answers:
        if answer.row >= 0:
            assert history.adoptions[answer.row].record.requested_at is not None
            assert history.adoptions[answer.row].record.requested_at <= answer.requested_at
    brought = {answer.row for answer in history.answers}
    for row, adoption in enumerate(history.adoptions):
        assert (adoption.record.requested_at is not None) == (row in brought)
