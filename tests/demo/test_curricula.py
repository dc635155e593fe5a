import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg.demo.curricula import DecisionCounter, ScheduleCurriculum, ThresholdCurriculum
from envcfg.demo.learning_progress import LearningProgressCurriculum
from envcfg.demo.task import Assignment, Task

TASKS = [Task(f"t{number}", {}) for number in range(3)]


def played(curriculum, outcomes, *, epoch):
    """The decision at the start of *epoch*, after an epoch with episodes of these *outcomes*."""
    for outcome in outcomes:
        curriculum.finished(curriculum.task, outcome)
    return curriculum.decide(100 * epoch, epoch)


def test_a_threshold_promotes_when_the_mean_of_its_last_epochs_is_good_enough():
    curriculum = ThresholdCurriculum(TASKS, threshold=0.5, window=2, patience=99)
    assert played(curriculum, [0.9, 0.7], epoch=1) is None
    decided = played(curriculum, [0.2], epoch=2)
    assert (decided.task, decided.requested_at, decided.cause.kind) == (TASKS[1], 200, "curriculum")
    assert (decided.cause.metric, decided.cause.threshold) == ("returns", 0.5)
    assert decided.cause.value == pytest.approx(0.5)
    assert curriculum.assign(0, 209) == decided


def test_patience_promotes_a_stage_that_is_not_good_enough():
    curriculum = ThresholdCurriculum(TASKS, threshold=0.5, window=2, patience=3)
    decided = [played(curriculum, [0.0], epoch=epoch) for epoch in (1, 2, 3)]
    assert [found is None for found in decided] == [True, True, False]
    assert decided[-1].cause.note == "patience"


def promoted(*, jitter, seed):
    """The epoch and the cause of the first promotion, whose rule fires at epoch 3."""
    rng = np.random.default_rng(seed)
    curriculum = ThresholdCurriculum(TASKS, threshold=0.5, window=3, patience=99, jitter=jitter, rng=rng)
    for epoch in range(1, 20):
        decided = played(curriculum, [1.0], epoch=epoch)
        if decided is not None:
            return epoch, decided.cause
    raise AssertionError("it never promoted")


def test_with_a_jitter_a_promotion_waits_for_a_time_that_is_drawn_evenly_and_recorded():
    found = [promoted(jitter=5, seed=seed) for seed in range(600)]
    delays = [cause.delay for _, cause in found]
    assert [epoch for epoch, _ in found] == [3 + delay for delay in delays]
    assert {cause.propensity for _, cause in found} == {1 / 6}
    assert all(delays.count(delay) == pytest.approx(100, abs=40) for delay in range(6))


def test_without_a_jitter_a_promotion_comes_at_once_and_nothing_was_drawn():
    epoch, cause = promoted(jitter=0, seed=1)
    assert (epoch, cause.delay, cause.propensity) == (3, None, None)


def test_an_epoch_in_which_an_episode_of_an_earlier_stage_ended_does_not_count():
    curriculum = ThresholdCurriculum(TASKS, threshold=0.5, window=1, patience=99)
    played(curriculum, [1.0], epoch=1)
    assert curriculum.task is TASKS[1]
    curriculum.finished(TASKS[0], 1.0)
    assert played(curriculum, [1.0], epoch=2) is None
    assert played(curriculum, [1.0], epoch=3).task is TASKS[2]


@given(st.lists(st.floats(0, 1), max_size=60))
def test_a_schedule_is_at_the_stage_of_its_epoch_whatever_the_outcomes(outcomes):
    curriculum = ScheduleCurriculum(TASKS, epochs=[5, 9])
    for epoch, outcome in enumerate(outcomes):
        played(curriculum, [outcome], epoch=epoch)
        assert curriculum.task is TASKS[(epoch >= 5) + (epoch >= 9)]


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0, 1)), max_size=50))
def test_learning_progress_states_a_distribution_with_no_task_left_out(episodes):
    curriculum = LearningProgressCurriculum(TASKS, fast=0.5, slow=0.1, floor=0.05, rng=np.random.default_rng(0))
    for task, outcome in episodes:
        curriculum.finished(TASKS[task], outcome)
    probabilities = curriculum.probabilities
    assert sum(probabilities.values()) == pytest.approx(1.0)
    assert min(probabilities.values()) > 0


def test_learning_progress_draws_where_the_outcome_moves():
    curriculum = LearningProgressCurriculum(TASKS, fast=0.5, slow=0.1, floor=0.01, rng=np.random.default_rng(0))
    for _ in range(5):
        curriculum.finished(TASKS[1], 1.0)
    assert max(curriculum.probabilities, key=curriculum.probabilities.get) == "t1"


def test_learning_progress_draws_as_often_as_it_states():
    curriculum = LearningProgressCurriculum(TASKS, fast=0.5, slow=0.1, floor=0.1, rng=np.random.default_rng(0))
    for _ in range(3):
        curriculum.finished(TASKS[2], 1.0)
    drawn = [curriculum.assign(0, step).task.name for step in range(4000)]
    for task, probability in curriculum.probabilities.items():
        assert drawn.count(task) / 4000 == pytest.approx(probability, abs=0.03)


def test_a_ledger_counts_a_decision_once_for_all_slots():
    counter = DecisionCounter()
    for slot in range(4):
        counter.count(slot, 0, Assignment(TASKS[0], None, 0))
    for slot in range(4):
        counter.count(slot, 90 + slot, Assignment(TASKS[1], None, 88))
        counter.count(slot, 95 + slot, Assignment(TASKS[1], None, 88))
    assert counter.changes == 1
