import numpy as np
import pytest
from demo.lever import Lever
from hypothesis import given
from hypothesis import strategies as st

from envcfg import Cause, Tracker, load
from envcfg.demo.curricula import ScheduleCurriculum, ThresholdCurriculum
from envcfg.demo.learning_progress import LearningProgressCurriculum
from envcfg.demo.slots import Slots
from envcfg.demo.task import Assignment, Task
from envcfg.history.queries.requests import never_effective
from envcfg.tracking.ambient import NullTracker

TASKS = [Task(str(length), {"length": length}) for length in (2, 3, 5)]


class Constant:
    """Always gives the same task, and remembers the results."""

    changes = 1

    def __init__(self):
        self.told = []

    def assign(self, slot, step):
        return Assignment(TASKS[1], Cause("initial"), 0)

    def finished(self, task, outcome):
        self.told.append((task.name, outcome))


@pytest.fixture
def constant():
    return Constant()


def pull(slots, times):
    return [slots.act(np.ones(len(slots.observations), dtype=np.int64)) for _ in range(times)]


def test_what_is_recorded_is_the_very_object_that_the_world_adopted(constant):
    heard = []

    class Listener(NullTracker):
        def record(self, config, **when):
            heard.append(config)

    world = Lever()
    pull(Slots([world], constant, Listener(), seed=0), 6)
    assert [id(config) for config in heard] == [id(config) for config in world.adopted]
    assert len(heard) == 3


def test_steps_of_all_slots_are_counted_together(constant):
    slots = Slots([Lever(), Lever(), Lever()], constant, NullTracker(), seed=0)
    pull(slots, 4)
    assert slots.step == 12


def test_the_end_of_an_episode_is_told_with_its_task_and_outcome(constant):
    slots = Slots([Lever()], constant, NullTracker(), seed=0)
    assert [end.item() for _, end in pull(slots, 3)] == [0, 0, 1]
    assert constant.told == [("3", 1.0)]


def test_episodes_are_taken_once(constant):
    slots = Slots([Lever()], constant, NullTracker(), seed=0)
    pull(slots, 6)
    episodes = slots.take_episodes()
    assert (episodes.outcomes, episodes.returns, episodes.rewards) == ({"3": [1.0, 1.0]}, [3.0, 3.0], [1.0, 1.0])
    assert slots.take_episodes().rewards == []


def _threshold():
    return ThresholdCurriculum(TASKS, threshold=0.5, window=2, patience=3)


def _schedule():
    return ScheduleCurriculum(TASKS, epochs=[1, 3])


def _sampler():
    return LearningProgressCurriculum(TASKS, fast=0.5, slow=0.1, floor=0.1, rng=np.random.default_rng(0))


def test_each_decision_for_all_slots_is_recorded_as_a_request_that_became_effective(tmp_path):
    with Tracker(tmp_path) as tracker:
        slots = Slots([Lever(), Lever()], _schedule(), tracker, seed=0)
        for epoch in range(5):
            slots.begin_epoch(epoch)
            pull(slots, 8)
    history = load(tmp_path)
    assert [(asked.request.task, asked.request.step) for asked in history.requests] == [("3", 16), ("5", 48)]
    assert [change.requested_at for change in history.changes] == [16, 48]
    assert never_effective(history) == ()


@given(
    st.sampled_from([_threshold, _schedule, _sampler]),
    st.lists(st.lists(st.integers(0, 1), min_size=3, max_size=3), min_size=1, max_size=40),
)
def test_the_changes_that_a_curriculum_counts_are_those_that_are_recorded(tmp_path_factory, curriculum_of, plan):
    curriculum, folder = curriculum_of(), tmp_path_factory.mktemp("journal")
    with Tracker(folder) as tracker:
        slots = Slots([Lever(), Lever(), Lever()], curriculum, tracker, seed=0)
        for time, actions in enumerate(plan):
            if time % 8 == 0:
                slots.begin_epoch(time // 8)
            slots.act(np.array(actions))
    assert len(load(folder).changes) == curriculum.changes
