"""One decision is one change, however many slots adopt it, with whatever values."""

import itertools

import gymnasium
import numpy as np
import pytest

from envcfg import Cause, Tracker, load
from envcfg.adapters import RecordedEnv, RecordedVectorEnv


class Level(gymnasium.Env):
    observation_space = gymnasium.spaces.Box(-1, 1, (1,), np.float32)
    action_space = gymnasium.spaces.Discrete(2)
    level = 0

    def reset(self, *, seed=None, options=None):
        self.left = 5
        return np.zeros(1, np.float32), {}

    def step(self, action):
        self.left -= 1
        return np.zeros(1, np.float32), 0.0, self.left == 0, False, {}


def test_a_batch_of_64_levels_is_one_change_with_64_adoptions(tmp_path):
    with Tracker(tmp_path / "envcfg") as tracker:
        fns = [lambda: RecordedEnv(Level(), tracker, attributes=["level"]) for _ in range(64)]
        envs = RecordedVectorEnv(gymnasium.vector.SyncVectorEnv(fns), tracker, attributes=["level"])
        envs.reset()
        for batch in (1, 101):
            for _ in range(9):
                envs.step(np.zeros(64, int))
            envs.set_attr("level", [batch + slot for slot in range(64)])
        for _ in range(9):
            envs.step(np.zeros(64, int))
        envs.close()
    history = load(tmp_path)
    assert [(len(change.places), len(change.variants)) for change in history.changes] == [(64, 64), (64, 64)]
    assert [len(entry.places) for entry in history.changes.initial] == [64]
    level = history.spreads("change:1").values["level",]
    assert (level.slots, level.values) == (64, tuple(range(1, 65)))
    assert len(history.in_force("change:1").places) == 1


@pytest.mark.parametrize("cause", [None, Cause("curriculum", note="new")])
def test_slots_that_adopt_one_request_at_their_own_resets_are_one_change(cause, tmp_path):
    with Tracker(tmp_path / "envcfg") as tracker:
        for slot in range(4):
            tracker.record({"level": 0}, step=0, slot=slot)
        tracker.request({"level": 1}, step=10, cause=cause)
        for slot in range(4):
            tracker.record({"level": 1}, step=20 + slot, slot=slot)
    (change,) = load(tmp_path).changes
    assert (len(change.places), change.step, change.last_step, change.cause) == (4, 20, 23, cause)


def test_requests_for_one_slot_after_the_other_are_changes_of_their_own(tmp_path):
    with Tracker(tmp_path / "envcfg") as tracker:
        for slot in range(2):
            tracker.record({"level": 0}, step=0, slot=slot)
        for level, slot in ((1, 0), (2, 0), (3, 1)):
            tracker.request({"level": level}, step=10 * level, slot=slot)
            tracker.record({"level": level}, step=10 * level + 5, slot=slot)
    assert len(load(tmp_path).changes) == 3


def test_one_slot_is_asked_twice_in_two_batches(tmp_path):
    ticks = itertools.count(1)
    with Tracker(tmp_path / "envcfg", clock=lambda: next(ticks)) as tracker:  # nobody tells steps
        for slot in range(2):
            tracker.record({"level": 0}, step=0, slot=slot)
        for batch in (10, 20):
            for slot in range(2):
                tracker.request({"level": batch + slot}, step=0, slot=slot)
            for slot in range(2):
                tracker.record({"level": batch + slot}, step=0, slot=slot)
    assert [len(change.places) for change in load(tmp_path).changes] == [2, 2]
