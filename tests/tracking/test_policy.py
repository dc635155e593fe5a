from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from envcfg.tracking.policy import SavePolicy

MINUTE, DAY = 60.0, 86_400.0


def eighths(least, most):
    """Seconds whose sums and differences are exact, so that a law of distances has no rounding."""
    return st.integers(8 * least, 8 * most).map(lambda count: count / 8)


def saves(policy, epochs):
    """The occasions of a run in which *epochs* gives (seconds, changed) for each epoch."""
    found = []
    for epoch, (time, is_changed) in enumerate(epochs):
        policy = policy.changed() if is_changed else policy
        occasion = policy.due(epoch=epoch, time=time)
        if occasion is not None:
            found.append((epoch, occasion))
            policy = policy.saved(epoch=epoch, time=time)
    return found


def test_versions_are_saved_initially_after_a_change_and_after_an_interval():
    changes = {0, 3}
    epochs = [(float(epoch), epoch in changes) for epoch in range(12)]
    assert saves(SavePolicy(interval=5, gap=0), epochs) == [(0, "initial"), (3, "change"), (8, "interval")]


def test_changes_within_the_gap_are_saved_together_once_it_is_over():
    epochs = [(float(epoch), True) for epoch in range(100)]
    assert [epoch for epoch, _ in saves(SavePolicy(interval=1000, gap=30), epochs)] == [0, 30, 60, 90]


def test_before_anything_was_recorded_nothing_is_saved():
    assert saves(SavePolicy(interval=1, gap=0), [(float(epoch), False) for epoch in range(5)]) == []


@given(st.lists(st.tuples(eighths(0, 10), st.booleans()), max_size=60), st.integers(1, 20), eighths(1, 50))
def test_versions_are_never_closer_than_the_gap_unless_an_interval_is_over(steps, interval, gap):
    clock, epochs = 0.0, []
    for elapsed, is_changed in steps:
        clock += elapsed
        epochs.append((clock, is_changed))
    found = saves(SavePolicy(interval, gap), epochs)
    for (before, _), (after, occasion) in pairwise(found):
        assert epochs[after][0] - epochs[before][0] >= gap if occasion == "change" else after - before >= interval


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.booleans()), max_size=80),
    st.integers(1, 3),
    st.floats(0, 5),
    st.integers(1, 12),
)
def test_the_versions_of_a_run_never_exceed_the_limit_final_one_included(epochs, interval, gap, most):
    assert len(saves(SavePolicy(interval, gap, most), epochs)) <= most - 1


def test_a_year_of_changes_in_each_epoch_never_runs_out_of_versions():
    """One epoch each minute: thirty versions in the first hour, later at most a tenth of the run's age apart."""
    year = [(epoch * MINUTE, True) for epoch in range(366 * 24 * 60)]
    found = [year[epoch][0] for epoch, _ in saves(SavePolicy(interval=1000, gap=MINUTE), year)]
    assert len(found) < 199
    assert sum(time < 3600 for time in found) == 30
    assert all(after - before <= 0.1 * after for before, after in pairwise(found) if after > 3600)
    assert found[-1] > 330 * DAY


def test_a_year_without_a_change_never_runs_out_of_versions_either():
    year = [(epoch * MINUTE, epoch == 0) for epoch in range(366 * 24 * 60)]
    found = saves(SavePolicy(interval=1000, gap=MINUTE), year)
    assert len(found) < 199
    assert found[-1][0] > 340 * 24 * 60
