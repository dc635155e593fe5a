"""Laws of curricula with stages, for any outcomes."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from envcfg.demo.curricula import ThresholdCurriculum
from envcfg.demo.task import Task

TASKS = tuple(Task(name, {}) for name in ("easy", "middle", "hard"))
WINDOW, THRESHOLD = 3, 0.75
outcomes = st.lists(st.integers(0, 8).map(lambda eighths: eighths / 8), max_size=60)


def stages(results, patience=10**6):
    """The stage after each epoch, with one episode of the current task in each."""
    curriculum = ThresholdCurriculum(TASKS, threshold=THRESHOLD, window=WINDOW, patience=patience)
    walked = []
    for number, result in enumerate(results):
        curriculum.finished(curriculum.task, result)
        curriculum.decide(number, number + 1)
        assert curriculum.probabilities == {task.name: float(task is curriculum.task) for task in TASKS}
        walked.append(TASKS.index(curriculum.task))
    return walked


@given(outcomes)
def test_stages_are_walked_through_in_order_without_going_back(results):
    assert all(after - before in (0, 1) for before, after in pairwise([0, *stages(results)]))


@given(outcomes)
def test_a_stage_is_left_exactly_when_the_mean_of_a_full_window_reaches_the_threshold(results):
    began = 0
    for index, (before, after) in enumerate(pairwise([0, *stages(results)])):
        window = results[max(began, index + 1 - WINDOW) : index + 1]
        is_earned = len(window) == WINDOW and sum(window) / WINDOW >= THRESHOLD
        assert (after > before) == (is_earned and before < len(TASKS) - 1)
        began = index + 1 if after > before else began


@given(outcomes, st.integers(1, 9))
def test_no_stage_but_the_last_outlives_patience(results, patience):
    walked = stages(results, patience)
    assert max((walked.count(stage) for stage in (0, 1)), default=0) <= patience
