"""When each slot adopted what was requested, and which requests never became effective."""

import shutil
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg import Cause, Tracker, load
from envcfg.core.diff import ABSENT
from envcfg.core.requested import agrees, nearest, unmet
from envcfg.history.adoptions import Place
from envcfg.sources.join import join

EARTH = {"gravity": 9.8, "length": 0.5}


@pytest.fixture
def ran(journal, clock):
    """Two slots. Gravity is requested at step 100; one slot adopts it at step 110, the other at 130."""
    with Tracker(journal, run="r", clock=clock) as tracker:
        for slot in range(2):
            tracker.record(EARTH, step=0, slot=slot)
        why = Cause("curriculum", metric="reward", value=0.9, threshold=0.8)
        tracker.request({"gravity": 20.0}, step=100, epoch=1, cause=why)
        for slot, step in enumerate((110, 130)):
            tracker.record({**EARTH, "gravity": 20.0}, step=step, epoch=1, slot=slot)
    return load(journal)


def test_each_slot_has_both_times_and_a_lag(ran):
    found = [(answer.place.slot, answer.requested_at, answer.effective_at, answer.lag) for answer in ran.answers]
    assert found == [(0, 100, 110, 10), (1, 100, 130, 30)]
    assert ran.never_effective() == ()
    assert ran.unrequested() == {}


def test_slots_that_fulfil_one_request_are_one_change_with_its_cause(ran):
    (initial,), (change,) = ran.changes.initial, ran.changes
    assert (change.step, change.last_step, change.requested_at) == (110, 130, 100)
    assert (change.cause.metric, change.cause.threshold) == ("reward", 0.8)
    assert initial.cause is None


def test_a_key_that_slots_do_not_adopt_is_named_with_their_own_value(journal):
    with Tracker(journal) as tracker:
        tracker.record(EARTH, step=0)
        tracker.request({"gravity": 15.0, "length": 1.0}, step=10)
        tracker.request({"gravity": 20.0}, step=15)
        tracker.record({**EARTH, "length": 1.0}, step=20)
    history = load(journal)
    (ineffective,) = history.never_effective()
    assert (ineffective.path, ineffective.values, ineffective.held, ineffective.first_step) == (
        ("gravity",),
        (15.0, 20.0),
        9.8,
        10,
    )
    assert (ineffective.is_unknown, ineffective.meant) == (False, None)
    assert [answer.state for answer in history.answers] == ["effective", "waiting"]


@pytest.mark.parametrize(
    ("key", "meant"), [("gravty", ("physics", "gravity")), ("gravity", ("physics", "gravity")), ("zzz", None)]
)
def test_a_key_that_no_config_has_is_reported_with_the_one_that_was_probably_meant(journal, key, meant):
    with Tracker(journal) as tracker:
        tracker.record({"physics": {"gravity": 9.8}, "steps": 10}, step=0)
        tracker.request({key: 20.0}, step=10)
    (ineffective,) = load(journal).never_effective()
    assert (ineffective.is_unknown, ineffective.meant, ineffective.held) == (True, meant, ABSENT)


def test_a_value_that_a_slot_had_already_does_not_prove_that_the_key_works(journal):
    with Tracker(journal) as tracker:
        tracker.record(EARTH, step=0)
        for step, gravity in ((10, 9.8), (20, 15.0), (30, 9.8)):
            tracker.request({"gravity": gravity}, step=step)
    history = load(journal)
    assert [answer.state for answer in history.answers] == ["effective", "superseded", "effective"]
    (ineffective,) = history.never_effective()
    assert ineffective.values == (15.0,)


def test_changes_without_a_request_are_counted_from_the_first_request_on(journal):
    with Tracker(journal) as tracker:
        for step, length in enumerate((1, 2)):
            tracker.record({"gravity": 9.8, "length": length}, step=step)
        tracker.request({"gravity": 20.0}, step=10)
        tracker.record({"gravity": 20.0, "length": 3}, step=20)
    assert load(journal).unrequested() == {("length",): 1}


def test_a_request_to_one_slot_does_not_concern_another(journal):
    with Tracker(journal) as tracker:
        tracker.request({"gravity": 20.0}, step=5, slot=[1, 7])
        for slot in range(2):
            tracker.record({"gravity": 20.0}, step=10, slot=slot)
    found = [(answer.place.slot, answer.state) for answer in load(journal).answers]
    assert found == [(1, "effective"), (7, "waiting")]


def test_a_request_for_a_task_alone_is_fulfilled_by_the_task_name(journal):
    with Tracker(journal) as tracker:
        tracker.record({"level": 1}, step=0, task="easy")
        tracker.request({}, task="hard", step=10)
        tracker.record({"level": 1}, step=20, task="easy")
        tracker.record({"level": 2}, step=30, task="hard")
    (answer,) = load(journal).answers
    assert answer.lag == 20


def test_repeating_a_request_does_not_shorten_the_lag(journal):
    with Tracker(journal) as tracker:
        tracker.record(EARTH, step=0)
        for step in (10, 20, 30):
            tracker.request({"gravity": 20.0}, step=step)
        tracker.record({**EARTH, "gravity": 20.0}, step=40)
    history = load(journal)
    assert [answer.lag for answer in history.answers] == [30, 20, 10]
    assert history.changes[0].requested_at == 10


def test_adoptions_of_a_worker_are_matched_with_requests_of_the_trainer(journal, clock):
    with Tracker(journal, run="r", clock=clock) as trainer, Tracker(journal, run="r", worker=3, clock=clock) as worker:
        worker.record(EARTH, step=0, slot=2)
        trainer.request({"gravity": 20.0}, step=100, slot=2, cause=Cause("schedule"))
        worker.record({**EARTH, "gravity": 20.0}, step=140, slot=2)
    history = load(journal)
    (answer,) = history.answers
    assert (answer.place, answer.lag) == (Place(0, 0, 2), 40)
    assert (history.changes[0].requested_at, history.changes[0].cause) == (100, Cause("schedule"))


def test_requests_on_an_abandoned_branch_do_not_count(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record(EARTH, step=0)
        tracker.request({"gravity": 20.0}, step=50)
    with Tracker(journal, run="r") as tracker:
        tracker.record(EARTH, step=40)
    assert load(journal).requests == ()


def test_requests_of_a_run_that_continues_in_another_folder_are_kept(journal, tmp_path, clock):
    for place, step in ((journal, 0), (tmp_path / "other", 100)):
        with Tracker(place, run="r", clock=clock) as tracker:
            tracker.record({"gravity": float(step)}, step=step)
            tracker.request({"gravity": step + 1.0}, step=step + 10)
    whole = join([load(journal), load(tmp_path / "other")])
    assert [asked.request.step for asked in whole.requests] == [10, 110]
    assert [answer.state for answer in whole.answers] == ["superseded", "waiting"]


def test_a_request_is_the_same_in_an_open_and_in_a_sealed_segment(journal, tmp_path):
    with Tracker(journal) as tracker:
        tracker.record(EARTH, step=0)
        tracker.request({"gravity": 20.0}, step=10, slot=0, task="t", cause=Cause("manual", note="by hand"))
        shutil.copytree(journal, tmp_path / "open")
    assert load(journal).requests == load(tmp_path / "open").requests != ()


def test_requests_of_one_moment_are_answered_in_their_order(journal):
    with Tracker(journal, clock=lambda: 1.0) as tracker:
        tracker.record(EARTH, step=0)
        for gravity in (1.0, 2.0, 3.0):
            tracker.request({"gravity": gravity}, step=10)
        tracker.record({**EARTH, "gravity": 3.0}, step=20)
    assert [answer.state for answer in load(journal).answers] == ["superseded", "superseded", "effective"]


numbers = st.floats(-1e9, 1e9) | st.integers(-(2**40), 2**40)


@given(numbers)
def test_equal_numbers_of_different_types_agree(number):
    assert agrees(number, float(number))
    assert agrees(number, number)


@pytest.mark.parametrize(("asked", "held"), [(2, True), (True, 0), (0.1, 0.2), (1, None), ("1", 1), (1, ABSENT)])
def test_different_values_do_not_agree(asked, held):
    assert not agrees(asked, held)


def test_single_precision_agrees_and_lists_are_compared_item_by_item():
    assert unmet({"a": [0.1, 2]}, {"a": [0.10000000149011612, 3], "b": 1}) == {("a", 1)}


def test_the_same_key_elsewhere_is_preferred_to_a_similar_spelling():
    known = {("a", "gravity"), ("gravitx",)}
    assert nearest(("gravity",), known) == ("a", "gravity")


@pytest.mark.parametrize("is_one_folder", [True, False])
@pytest.mark.parametrize("skew", [0, -3600])
def test_a_request_at_the_step_where_a_later_session_begins_counts_if_nothing_replaced_came_before(
    tmp_path, is_one_folder, skew
):
    folders, ticks = [tmp_path / "a", tmp_path / ("a" if is_one_folder else "b")], count(1_764_000_000)
    for folder, first in zip(folders, (0, 100), strict=True):
        with Tracker(folder, run="r", clock=lambda at=first: next(ticks) + at * skew / 100) as tracker:
            tracker.record(EARTH | {"gravity": 9.8 if first == 0 else 20.0}, step=first)
            if first == 0:
                tracker.end_epoch(step=100, epoch=0)
                tracker.request({"gravity": 20.0}, step=100, cause=Cause("manual", note="kept"))
                tracker.record(EARTH | {"gravity": 30.0}, step=100)
                tracker.request({"gravity": 40.0}, step=100, cause=Cause("manual", note="replaced"))
    history = load(folders[0]) if is_one_folder else join([load(folder) for folder in folders])
    assert [asked.request.cause.note for asked in history.requests] == ["kept"]
    assert [answer.effective_at for answer in history.answers] == [100]
    if not skew:
        assert [(change.step, change.requested_at) for change in history.changes] == [(100, 100)]
