"""Slots live and end: what is in force is asked of the living, whatever process they lived in."""

import pytest

from envcfg import Tracker, join, load
from envcfg.core.encoding import digest
from envcfg.core.errors import ConfigError
from envcfg.core.record import EVALUATION, Ending, Record, SlotEvent, Stored, Writer
from envcfg.history.adoptions import Place
from envcfg.journal.sealed.chain import Chain
from envcfg.journal.segment import SegmentWriter


class Shard:
    """Writes the shard of one worker, step by step."""

    def __init__(self, folder, worker=0, session="s1", *, rank=0, seals=False):
        self.journal = SegmentWriter(folder, Writer("run", session, rank, worker))
        self.seals = seals

    def adopt(self, slot, level, step):
        config = {"level": level}
        stored = Stored(digest(config), config)
        self.journal.append_records([Record(step, slot, stored.digest, 1.0 + step)], [stored], time=1.0 + step)
        self._seal()

    def tell(self, event, step, slots=None, **said):
        self.journal.append(SlotEvent(step, 1.0 + step, event, slots, **said), time=1.0 + step)
        self._seal()

    def end(self, step):
        self.journal.append(Ending("completed", 1.0 + step, step), time=1.0 + step)
        self.journal.seal()

    def _seal(self):
        if self.seals:
            self.journal.seal()


@pytest.fixture(params=[False, True], ids=["open", "sealed"])
def shard(tmp_path, request):
    return lambda *args, **kwargs: Shard(tmp_path / "envcfg", *args, seals=request.param, **kwargs)


def in_force(history, moment):
    held = history.in_force(moment)
    return history.config(held.config)["level"], [place.slot for place in held.places], held.of


def test_a_closed_slot_has_no_vote(shard, tmp_path):
    first = shard()
    for slot in range(3):
        first.adopt(slot, 1, 0)
    first.adopt(2, 2, 5)
    first.tell("closed", 10, (0, 1))
    first.adopt(2, 3, 20)
    history = load(tmp_path)
    assert in_force(history, 9) == (1, [0, 1], 3)
    assert in_force(history, 10) == (2, [2], 1)
    assert in_force(history, "last") == (3, [2], 1)
    assert [(life.place.slot, life.born, life.ended, life.reason) for life in history.lives] == [
        (0, 0, 10, "closed"),
        (1, 0, 10, "closed"),
        (2, 0, None, None),
    ]


def test_environments_that_are_closed_when_the_run_ends_are_in_force_at_its_end(shard, tmp_path):
    first = shard()
    first.adopt(0, 1, 0)
    first.adopt(1, 2, 1)
    first.adopt(1, 1, 50)
    first.tell("closed", 99)
    first.end(99)
    history = load(tmp_path)
    assert in_force(history, "last") == (1, [0, 1], 2)
    assert {life.reason for life in history.lives} == {"closed"}


def test_between_two_vector_environments_the_last_living_ones_count(shard, tmp_path):
    first = shard()
    first.adopt(0, 1, 0)
    first.adopt(1, 1, 0)
    first.tell("closed", 50)
    first.adopt(0, 2, 60)
    history = load(tmp_path)
    assert in_force(history, 55) == (1, [0, 1], 2)
    assert in_force(history, 60) == (2, [0], 1)


def test_a_slot_is_the_same_in_whatever_process_its_environment_lives(shard, tmp_path):
    for stage, level in enumerate((1, 1, 1, 2)):
        for slot in range(2):
            worker = shard(1 + 2 * stage + slot)
            worker.adopt(slot, level, 100 * stage + slot)
            worker.end(100 * stage + 99)
    history = load(tmp_path)
    assert in_force(history, "last") == (2, [0, 1], 2)
    assert sorted(history.adoptions.rows) == [Place(0, 0, 0), Place(0, 0, 1)]
    assert history.in_force("last", Place(0, 0, 1)).since.record.step == 301


def test_a_new_worker_replaces_one_that_was_never_closed(shard, tmp_path):
    for stage, level in enumerate((1, 1, 1, 2)):
        for slot in range(2):
            shard(1 + 2 * stage + slot).adopt(slot, level, 100 * stage + slot)
    history = load(tmp_path)
    assert in_force(history, "last") == (2, [0, 1], 2)
    assert [life.reason for life in history.lives.of(Place(0, 0, 0))] == ["replaced"] * 3 + [None]


def test_two_workers_that_use_one_number_by_turns_are_told_apart(shard, tmp_path):
    one, other = shard(1), shard(2)
    for step in range(0, 60, 20):
        one.adopt(0, step, step)
        other.adopt(0, 7, step + 10)
        other.adopt(0, 8, step + 11)
    history = load(tmp_path)
    assert sorted(history.adoptions.rows) == [Place(0, 1, 0), Place(0, 2, 0)]
    assert [len(rows) for rows in history.adoptions.rows.values()] == [3, 6]


def test_evaluation_environments_are_in_no_summary_unless_asked_for(shard, tmp_path):
    first = shard()
    first.adopt(0, 1, 0)
    for step in range(1, 9):
        first.adopt(EVALUATION + 4, 7 + step % 2, step)
    first.tell("closed", 10, (EVALUATION + 4,))
    first.adopt(4, 2, 20)
    history = load(tmp_path)
    assert [(a.place.slot, a.record.step) for a in history.adoptions] == [(0, 0), (4, 20)]
    assert in_force(history, 9) == (1, [0], 1)
    evaluation = history.of_role("eval")
    assert in_force(evaluation, 8) == (7, [4], 1)
    assert len(evaluation.changes) == 7
    assert [(life.role, life.born, life.ended) for life in evaluation.lives] == [("eval", 1, 10)]


def test_a_later_session_ends_the_slots_of_the_earlier_one(shard, tmp_path):
    first = shard()
    for slot in range(4):
        first.adopt(slot, 1, slot)
    first.end(50)
    second = shard(session="s2")
    second.adopt(0, 2, 51)
    history = load(tmp_path)
    assert in_force(history, 50) == (1, [0, 1, 2, 3], 4)
    assert in_force(history, "last") == (2, [0], 1)
    assert {life.reason for life in history.lives if life.place.slot} == {"restarted"}


def test_a_worker_that_stopped_without_a_word_is_named(shard, tmp_path):
    trainer, worker, dead = shard(0), shard(1), shard(2)
    trainer.adopt(0, 1, 0)
    worker.adopt(1, 1, 1)
    dead.adopt(2, 1, 2)
    worker.end(50)
    trainer.end(60)
    assert [(life.place.slot, life.ended, life.is_silent) for life in load(tmp_path).lives] == [
        (0, None, False),
        (1, 50, False),
        (2, None, True),
    ]


def test_the_death_of_a_worker_that_another_process_tells_ends_its_slots(shard, tmp_path):
    trainer, worker = shard(0), shard(1)
    trainer.adopt(0, 1, 0)
    worker.adopt(1, 2, 1)
    worker.adopt(2, 2, 2)
    trainer.tell("died", 30, worker=1)
    trainer.adopt(0, 3, 40)
    history = load(tmp_path)
    assert in_force(history, 20) == (2, [1, 2], 3)
    assert in_force(history, 30) == (1, [0], 1)


def test_the_living_slots_of_a_journal_without_its_first_segment_are_restated(tmp_path):
    first = Shard(tmp_path / "envcfg")
    first.adopt(0, 1, 0)
    first.adopt(EVALUATION + 1, 9, 1)
    first.adopt(2, 1, 2)
    first.tell("closed", 3, (2,))
    sealed = first.journal.seal()
    first.journal._chain = Chain()  # so that the next segment can be read alone
    first.adopt(0, 2, 10)
    sealed.unlink()
    history = load(tmp_path)
    assert [(a.place.slot, a.record.step) for a in history.adoptions] == [(0, 0), (0, 10)]
    assert [a.place.slot for a in history.of_role("eval").adoptions] == [1]


def test_the_parts_of_a_joined_run_keep_their_lives(tmp_path):
    for part, level in enumerate((1, 2)):
        shard = Shard(tmp_path / str(part), session=f"s{part}")
        for slot in range(3 - part):
            shard.adopt(slot, level, 10 * part + slot)
        shard.tell("closed", 10 * part + 5, (0,))
    history = join([load(tmp_path / "0"), load(tmp_path / "1")])
    assert [(life.place.slot, life.ended, life.reason) for life in history.lives] == [
        (0, 5, "closed"),
        (1, 10, "restarted"),
        (2, 10, "restarted"),
        (0, 15, "closed"),
        (1, None, None),
    ]
    assert in_force(history, 8) == (1, [1, 2], 2)
    assert in_force(history, "last") == (2, [0, 1], 2)  # closed when the recording ended


def test_a_role_that_does_not_exist_is_refused(tmp_path):
    Shard(tmp_path / "envcfg").adopt(0, 1, 0)
    with pytest.raises(ConfigError, match="role 'evaluation': expected one of train, eval, all"):
        load(tmp_path).of_role("evaluation")
    assert not load(tmp_path).of_role("eval").adoptions


def test_an_evaluation_slot_ends_when_a_later_session_trains(tmp_path):
    tracker = Tracker(tmp_path / "envcfg", run="r")
    tracker.record({"level": 1}, step=0)
    tracker.record({"level": 8}, step=5, slot=tracker.begin_slot(role="eval"))
    tracker._out.journal.close()  # it was killed
    with Tracker(tmp_path / "envcfg", run="r") as resumed:
        resumed.record({"level": 2}, step=10)
        resumed.record({"level": 3}, step=20)
    history = load(tmp_path)
    (life,) = history.of_role("eval").lives
    assert (life.born, life.ended, life.reason) == (5, 10, "restarted")
    assert [life.reason for life in history.lives] == ["restarted", None]
    assert history.of_role("all").spreads("last").slots == 1
