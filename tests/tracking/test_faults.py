"""What happens when things die, fill up or disappear: training goes on, and nothing acknowledged is lost."""

import itertools
import random

import faults
import pytest
from command_line import envcfg

from envcfg import Tracker, load
from envcfg.history.adoptions import Place


@pytest.mark.parametrize("seed", range(9))
def test_nothing_acknowledged_is_lost_to_a_signal_at_any_moment(seed, journal):
    promised = faults.stopped(journal, faults.SIGNALS[seed % 3], seed)
    assert promised
    assert faults.lost(journal, promised) == 0


@pytest.mark.parametrize("fault", ["disk full", "no file handles"])
def test_training_goes_on_and_recording_too_when_there_is_room_again(fault, journal):
    status, promised, error = faults.faced(journal, fault)
    assert status == 0
    assert error.count("training goes on; shown once") == 1
    assert set(range(100)) | set(range(200, 400)) <= promised.keys()
    assert len(promised) < 400
    assert faults.lost(journal, promised) == 0
    history = load(journal)
    assert history.status == "completed"
    (failure,) = {failure.where for failure in history.failures}
    assert failure == "record"
    assert max(failure.count for failure in history.failures) == 400 - len(promised)


def test_a_folder_that_is_removed_is_begun_anew_and_says_so(journal):
    status, promised, error = faults.faced(journal, "folder removed")
    assert status == 0
    assert "was removed" in error
    history = load(journal)
    assert {step for step in promised if step >= 110} <= {adoption.record.step for adoption in history.adoptions}
    assert any("was removed" in failure.message for failure in history.failures)


def test_doctor_explains_what_failed(journal):
    faults.faced(journal, "disk full")
    said = envcfg("doctor", journal).stdout
    assert "record" in said
    assert "the disk is full (" in said


def test_a_clock_that_goes_back_changes_no_order(journal):
    times = itertools.chain([1_800_000_000.0], (1_700_000_000.0 - tick for tick in itertools.count()))
    with Tracker(journal, run="r", clock=lambda: next(times)) as tracker:
        for step in range(50):
            tracker.record({"level": step}, step=step)
    assert [adoption.record.step for adoption in load(journal).adoptions] == list(range(50))


def test_two_trainings_in_one_folder_lose_nothing(journal):
    one, other = Tracker(journal, run="r"), Tracker(journal, run="r")
    promised = {}
    for step in range(60):
        tracker = (one, other)[step % 2]
        promised[step] = tracker.record({"level": step}, step=step, slot=step % 2)
    one.close()
    other.close()
    history = load(journal)
    found = [*history.adoptions, *history.abandoned]
    assert {adoption.record.step: adoption.record.config for adoption in found} == promised


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_journal_is_resumed_and_keeps_what_is_whole(seed, journal):
    draws = random.Random(seed)
    with Tracker(journal, run="r") as tracker:
        tracker._out.journal.rotate_at = 2_000
        for step in range(40):
            tracker.record({"level": step, "rows": [step] * 20}, step=step)
    victim = draws.choice(sorted(journal.iterdir()))
    content = bytearray(victim.read_bytes())
    for place in draws.sample(range(len(content)), 3):
        content[place] ^= 1 << draws.randrange(8)
    victim.write_bytes(bytes(content))
    with Tracker(journal, run="r") as tracker:
        promised = {step: tracker.record({"level": step}, step=step) for step in range(40, 60)}
    history = load(journal)
    assert history.status == "completed"
    assert faults.lost(journal, promised) == 0
    assert history.losses or len(history.adoptions) == 60


class Rude:
    """An object that wants nothing to do with anybody."""

    def __repr__(self):
        raise RuntimeError("no")

    __eq__ = __bool__ = __str__ = __repr__
    __hash__ = object.__hash__


def cycle():
    config = {"level": 1}
    config["self"] = config
    return config


HOSTILE = {
    "nan": {"level": float("nan"), "more": [float("inf")]},
    "cycle": cycle(),
    "ten megabytes": {"map": ["#" * 1000] * 10_000},
    "an object that raises": {"level": 1, "rude": Rude(), "rudes": [Rude()]},
    "a key that raises": {Rude(): 1, "level": 1},
    "no config": Rude(),
    "deep": {"a": [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[{}]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]},
    "huge numbers": {"level": 10**5000, "negative": -(10**400)},
}


@pytest.mark.parametrize("config", HOSTILE.values(), ids=HOSTILE)
def test_whatever_a_curriculum_hands_over_training_goes_on_and_so_does_recording(config, journal, capsys):
    with Tracker(journal, run="r") as tracker:
        for step in range(3):
            tracker.record(config, step=step, task="hostile")
        assert tracker.record({"level": 2}, step=9) is not None
    history = load(journal)
    assert history.at("last", Place(0, 0, 0)) == {"level": 2}
    assert capsys.readouterr().err.count("\n") <= 2


def test_a_hundred_thousand_tasks_are_a_hundred_thousand_tasks(journal):
    with Tracker(journal, run="r") as tracker:
        for step in range(100_000):
            tracker.record({"level": step % 50}, step=step, task=f"task/{step}")
    history = load(journal)
    assert len(history.adopted) == 100_000
    assert history.losses == ()
