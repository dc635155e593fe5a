import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg import Cause, Tracker, load
from envcfg.core.encoding import digest
from envcfg.core.errors import SourceError
from envcfg.history.adoptions import Place


def recorded(folder, calls):
    with Tracker(folder, run="r") as tracker:
        for call in calls:
            tracker.record(call.pop("config"), **call)
    return load(folder)


def test_slots_that_adopt_one_request_are_one_change(journal):
    promoted = Cause("curriculum", metric="success", value=0.81, threshold=0.8)
    calls = [{"config": {"level": 0}, "step": 0, "slot": slot, "task": "easy", "requested_at": 0} for slot in range(3)]
    calls += [
        {
            "config": {"level": 1},
            "step": 100 + 7 * slot,
            "slot": slot,
            "task": "hard",
            "requested_at": 96,
            "cause": promoted,
        }
        for slot in (2, 0, 1)
    ]
    history = recorded(journal, calls)
    (initial,), (promotion,) = history.changes.initial, history.changes
    assert (initial.number, initial.is_initial) == (0, True)
    assert (promotion.number, promotion.step, promotion.last_step) == (1, 100, 114)
    assert promotion.places == tuple(Place(0, 0, slot) for slot in (0, 1, 2))
    assert promotion.cause == promoted
    assert [(change.before, change.after) for change in history.edits(promotion)] == [(0, 1)]


def test_without_a_request_adoptions_at_one_step_are_one_change(journal):
    calls = [{"config": {"level": step}, "step": step, "slot": slot} for step in (0, 5) for slot in range(2)]
    assert [change.step for change in recorded(journal, calls).changes.with_initial] == [0, 5]


def test_the_first_config_of_each_slot_has_number_0_and_is_not_counted(journal):
    calls = [{"config": {"level": slot}, "step": 0, "slot": slot} for slot in range(2)]
    calls += [{"config": {"level": 5}, "step": 10, "slot": 0}]
    calls += [{"config": {"level": 5}, "step": 10, "slot": 2, "task": "late"}]
    calls += [{"config": {"level": 6}, "step": 20, "slot": slot} for slot in range(3)]
    changes = recorded(journal, calls).changes
    assert [(change.number, change.step) for change in changes] == [(1, 10), (2, 20)]
    assert [(change.step, change.config) for change in changes.initial] == [
        (0, digest({"level": 0})),
        (0, digest({"level": 1})),
        (10, digest({"level": 5})),
    ]
    assert [change.number for change in changes.with_initial] == [0, 0, 1, 0, 2]
    assert list(changes.numbers) == [0, 0, 1, 0, 2, 2, 2]
    assert (len(changes), repr(changes)) == (2, "<2 changes>")


def test_the_number_0_of_several_initial_configs_is_the_config_that_most_slots_began_with(journal):
    calls = [{"config": {"level": level}, "step": 0, "slot": slot} for slot, level in enumerate((3, 4, 4))]
    history = recorded(journal, calls)
    assert [change.number for change in history.numbered(0)] == [0, 0]
    assert history.at("change:0") == {"level": 4}


def test_an_adoption_of_the_same_config_has_no_number(journal):
    recorded(journal, [{"config": {"level": 0}, "step": 0}])
    history = recorded(journal, [{"config": {"level": 0}, "step": 10}])
    assert (list(history.changes.numbers), len(history.changes)) == ([0, -1], 0)


def test_a_second_session_with_the_same_config_makes_no_change(journal):
    recorded(journal, [{"config": {"level": 0}, "step": 0}])
    history = recorded(journal, [{"config": {"level": 0}, "step": 10}, {"config": {"level": 1}, "step": 20}])
    assert [change.step for change in history.changes] == [20]
    assert history.sessions == 2
    assert history.status == "completed"


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=30))
def test_the_config_in_force_is_the_last_one_that_its_slot_adopted(tmp_path_factory, plan):
    calls = [{"config": {"level": level}, "step": step, "slot": slot} for step, (slot, level) in enumerate(plan)]
    history = recorded(tmp_path_factory.mktemp("journal"), calls)
    for step in range(len(plan)):
        held = dict(plan[: step + 1])
        for slot, level in held.items():
            assert history.at(step, Place(0, 0, slot)) == {"level": level}


def test_every_config_that_is_read_has_its_recorded_digest(journal):
    history = recorded(journal, [{"config": {"level": step, "row": [0] * 99}, "step": step} for step in range(20)])
    for adoption in history.adoptions:
        assert digest(history.config(adoption.record.config)) == adoption.record.config


def test_before_the_first_record_nothing_was_in_force(journal):
    history = recorded(journal, [{"config": {}, "step": 5}])
    with pytest.raises(SourceError, match="up to step 4"):
        history.at(4)


def test_shards_of_ranks_and_workers_are_merged_by_step(journal):
    for rank in (1, 0):
        with Tracker(journal, run="r", rank=rank, worker=rank) as tracker:
            for step in range(rank, 6, 2):
                tracker.record({"level": step}, step=step)
    history = load(journal)
    assert [adoption.record.step for adoption in history.adoptions] == list(range(6))
    assert {adoption.place for adoption in history.adoptions} == {Place(0, 0, 0), Place(1, 0, 0)}


def test_another_run_in_the_folder_is_named_and_is_no_loss(journal):
    recorded(journal, [{"config": {"a": 1}, "step": 0}])
    with Tracker(journal, run="another") as tracker:
        tracker.record({"a": 2}, step=0)
    history = load(journal)
    assert (history.run, len(history.adoptions)) == ("another", 1)
    assert [(other.run, other.is_concurrent) for other in history.others] == [("r", False)]
    assert (history.losses, history.status) == ((), "completed")


def at(steps, level=0):
    return [{"config": {"level": level + step}, "step": step, "epoch": step} for step in steps]


def test_a_restart_from_the_beginning_abandons_the_first_attempt(journal):
    with Tracker(journal, run="r") as tracker:
        for record in at(range(5)):
            tracker.record(**record)
        tracker.close("interrupted")
    history = recorded(journal, at(range(3), level=100))
    assert [adoption.record.step for adoption in history.adoptions] == [0, 1, 2]
    assert history.at(2) == {"level": 102}
    assert len(history.abandoned) == 5
    assert sum(history.adopted.values()) == 3


def test_a_resume_from_a_checkpoint_keeps_what_came_before_it(journal):
    recorded(journal, at(range(6)))
    history = recorded(journal, at(range(4, 8), level=100))
    assert [history.at(step)["level"] for step in range(8)] == [0, 1, 2, 3, 104, 105, 106, 107]
    assert [adoption.record.step for adoption in history.abandoned] == [4, 5]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6)), min_size=1, max_size=5))
def test_the_records_of_the_last_session_to_reach_a_step_count(tmp_path_factory, sessions):
    folder, expected = tmp_path_factory.mktemp("journal"), {}
    for number, (start, length) in enumerate(sessions):
        history = recorded(folder, at(range(start, start + length), level=100 * number))
        expected = {step: level for step, level in expected.items() if step < start}
        expected |= {step: 100 * number + step for step in range(start, start + length)}
    assert {a.record.step: history.config(a.record.config)["level"] for a in history.adoptions} == expected


def test_a_session_that_was_cut_off_and_resumed_ends_as_its_last_session(journal):
    cut_off = Tracker(journal, run="r")
    cut_off.record({"a": 1}, step=0)
    assert load(journal).status == "cut off"
    assert recorded(journal, at([5])).status == "completed"
