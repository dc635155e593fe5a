"""A replay repeats the recorded schedule slot by slot, and finds divergences."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import configs

from envcfg import Cause, EnvcfgError, Redaction, Tracker, load, replay
from envcfg.core.encoding import digest
from envcfg.rerun.divergence import divergences
from envcfg.rerun.replay import DivergenceError


class Spy:
    """A run whose slots are reset at random to one of the configs. It keeps its own log of their configs."""

    def __init__(self, folder, pool, *, seed, slots=3, steps=20):
        self.resets, draws = [], random.Random(seed)
        with Tracker(folder, run="r", redaction=Redaction(allow=("*",))) as tracker:
            for step in sorted(draws.sample(range(1000), steps)):
                for slot in draws.sample(range(slots), draws.randint(1, slots)):
                    config, task = draws.choice(pool), draws.choice(["easy", "hard"])
                    self.resets.append((slot, step, digest(config), task))
                    tracker.record(config, step=step, slot=slot, task=task)


@given(st.lists(configs, min_size=1, max_size=3), st.integers(0, 2**16))
def test_every_slot_gets_at_each_reset_its_config_of_that_step(tmp_path_factory, pool, seed):
    folder = tmp_path_factory.mktemp("journal")
    spy = Spy(folder, pool, seed=seed)
    again = replay(folder)
    for slot, step, ran, task in spy.resets:
        planned = again.adopt(slot, at=step)
        assert again.check(planned, planned.config) is None
        assert (planned.record.config, planned.task) == (ran, task)
    assert again.divergences == []


def test_a_replay_by_step_epoch_or_episode_repeats_the_recording(journal):
    with Tracker(journal, run="r") as tracker:
        for number, (step, level) in enumerate([(0, 1), (40, 2), (90, 3)]):
            tracker.record({"level": level}, step=step, epoch=number * 5, episode=number * 2, task=f"level/{level}")
    for by, moments in {
        "step": [(0, 1), (39, 1), (40, 2), (89, 2), (1000, 3)],
        "epoch": [(0, 1), (4, 1), (5, 2), (10, 3)],
        "episode": [(0, 1), (1, 1), (2, 2), (4, 3), (5, 3)],
    }.items():
        again = replay(load(journal), by=by)
        assert [(at, again.adopt(at=at).config["level"]) for at, _ in moments] == moments


def test_several_adoptions_of_one_step_are_given_one_by_one(journal):
    with Tracker(journal, run="r") as tracker:
        for level in (1, 2, 3):
            tracker.record({"level": level}, step=0)
        tracker.record({"level": 4}, step=9)
    again = replay(journal)
    assert [again.adopt(at=0).config["level"] for _ in range(4)] == [1, 2, 3, 3]
    assert [again.adopt(at=at).config["level"] for at in (5, 9, 9, 0)] == [3, 4, 4, 1]


def test_a_slot_that_begins_late_begins_with_its_first_config(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 1}, step=100)
    assert replay(journal).adopt(at=3).config == {"level": 1}


def test_a_planned_adoption_has_the_cause_and_the_task(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 1}, step=5, task="easy", requested_at=2, cause=Cause("manual", note="hand"))
    planned = replay(journal).adopt(at=5)
    assert (planned.task, planned.cause.note, planned.record.requested_at, planned.place.slot) == ("easy", "hand", 2, 0)


def test_a_config_is_returned_with_its_recorded_types(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"seeds": range(3), "tags": {"a"}, "map": b"##"}, step=0)
    assert replay(journal).adopt(at=0).config == {"seeds": range(3), "tags": {"a"}, "map": b"##"}


def test_the_first_key_that_differs_is_named(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"a": 1, "game": {"lives": 3, "speed": 1.0}}, step=7, slot=2)
    again = replay(journal)
    found = again.check(again.adopt(2, at=7), {"a": 1, "game": {"lives": 4, "speed": 2.0}})
    assert str(found) == "slot 2, step 7: game.lives: recorded 3, found 4"
    assert again.divergences == [found]


def test_values_that_differ_only_in_late_digits_are_printed_in_full(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"scale": 0.1}, step=0)
    again = replay(journal)
    assert "recorded 0.1, found 0.10000000000000002" in str(
        again.check(again.adopt(at=0), {"scale": 0.10000000000000002})
    )


def test_a_strict_replay_stops_at_the_first_divergence(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 1}, step=0)
    again = replay(journal, strict=True)
    with pytest.raises(DivergenceError, match=r"replay of r: slot 0, step 0: level: recorded 1, found 1\.0"):
        again.check(again.adopt(at=0), {"level": 1.0})


def test_a_redacted_value_is_not_a_divergence_and_stays_a_marker(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"api_key": "hunter2hunter2", "level": 1}, step=0)
    again = replay(journal)
    planned = again.adopt(at=0)
    assert planned.config["api_key"].kind == "redacted"
    assert again.check(planned, {"api_key": "another", "level": 1}) is None
    assert again.check(planned, {"api_key": "another", "level": 2}) is not None


def test_a_replay_returns_the_stated_probabilities(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.mix({"easy": 0.9, "hard": 0.1}, step=0, epoch=0)
        tracker.record({"level": 1}, step=0, epoch=0, task="easy", slot=0)
        tracker.record({"level": 2}, step=0, epoch=0, task="hard", slot=1)
        tracker.end_epoch(step=49, epoch=0)
        tracker.mix({"easy": 0.5, "hard": 0.5}, step=50, epoch=4)
        tracker.record({"level": 2}, step=50, epoch=4, task="hard", slot=0)
    by_step, by_epoch = replay(journal), replay(journal, by="epoch")
    assert [by_step.stated(at)["easy"] for at in (0, 49, 50)] == [0.9, 0.9, 0.5]
    assert [by_epoch.stated(at)["easy"] for at in (3, 4)] == [0.9, 0.5]
    intervened = replay(journal, intervention="shift:1:-20")
    assert [intervened.stated(at) for at in (0, 30)] == [{"easy": 0.5, "hard": 0.5}, {"hard": 1.0}]


def test_the_error_for_a_missing_slot_or_unit_names_it(journal, tmp_path):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 1}, step=0, slot=0)
        tracker.record({"level": 1}, step=0, slot=7)
    with pytest.raises(EnvcfgError, match="run r recorded no slot 3; it has 2, from slot 0 to slot 7"):
        replay(journal).adopt(3, at=0)
    with pytest.raises(EnvcfgError, match="no slot 0 of rank 1, worker 2"):
        replay(journal).adopt(0, at=0, rank=1, worker=2)
    with pytest.raises(EnvcfgError, match="did not record the episode of each adoption: replay it by step"):
        replay(journal, by="episode")
    with pytest.raises(EnvcfgError, match="invalid by='year': expected one of step, epoch, episode"):
        replay(journal, by="year")
    Tracker(tmp_path / "empty", run="e").close()
    with pytest.raises(EnvcfgError, match="no records to replay"):
        replay(tmp_path / "empty")


def test_a_slot_is_found_in_its_worker_unless_several_workers_had_it(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 0}, step=0, slot=0)
        shards = [tracker.shard(worker) for worker in (1, 2)]
        for worker, slot in ((1, 0), (2, 5)):
            shards[worker - 1].record({"level": worker}, step=0, slot=slot)
        for step, level in ((1, 3), (3, 4)):  # the two environments of slot 0 take turns
            tracker.record({"level": level}, step=step, slot=0)
            shards[0].record({"level": level + 10}, step=step + 1, slot=0)
    again = replay(journal)
    assert (again.adopt(5, at=0).config, again.adopt(0, at=0, worker=1).config) == ({"level": 2}, {"level": 1})
    with pytest.raises(EnvcfgError, match="recorded slot 0 of workers 0, 1: choose one with worker="):
        again.adopt(0, at=0)


def test_decreasing_episodes_raise_an_error(journal):
    with Tracker(journal, run="r") as tracker:
        tracker.record({"level": 1}, step=0, episode=4)
        tracker.record({"level": 2}, step=30, episode=0)
    with pytest.raises(EnvcfgError, match="episodes of slot 0 go back from 4 to 0 at step 30"):
        replay(journal, by="episode")


def rerun(folder, sequence, run="r"):
    with Tracker(folder, run=run) as tracker:
        for step, slot, task, config in sequence:
            tracker.record(config, step=step, slot=slot, task=task)
    return load(folder)


SEQUENCE = [(0, 0, "a", {"x": 1}), (0, 1, "a", {"x": 1}), (8, 1, "b", {"x": 2}), (9, 0, "b", {"x": 2})]


def test_two_equal_runs_have_no_divergence(tmp_path):
    recorded, again = rerun(tmp_path / "1", SEQUENCE), rerun(tmp_path / "2", SEQUENCE, run="other")
    assert divergences(recorded, again) == ()


@pytest.mark.parametrize(
    ("index", "instead", "said"),
    [
        (2, (8, 1, "b", {"x": 3}), "slot 1, step 8: x: recorded 2, found 3"),
        (2, (8, 1, "c", {"x": 2}), "slot 1, step 8: task: recorded b, found c"),
        (2, (7, 1, "b", {"x": 2}), "slot 1, step 8: step of adoption: recorded 8, found 7"),
        (2, None, "slot 1, step 8: adoption: recorded b, found (absent)"),
        (3, (9, 5, "b", {"x": 2}), "slot 0, step 9: adoption: recorded b, found (absent)"),
    ],
)
def test_the_first_divergence_between_two_runs_is_named(tmp_path, index, instead, said):
    changed = [*SEQUENCE[:index], *([instead] if instead else []), *SEQUENCE[index + 1 :]]
    changed.sort(key=lambda entry: entry[0])
    found = divergences(rerun(tmp_path / "1", SEQUENCE), rerun(tmp_path / "2", changed))
    assert str(found[0]) == said
