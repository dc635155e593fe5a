from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from envcfg.tracking.policy import SavePolicy


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


def test_the_notes_occasions():
    changes = {0, 3}
    epochs = [(float(epoch), epoch in changes) for epoch in range(12)]
    assert saves(SavePolicy(interval=5, gap=0), epochs) == [(0, "initial"), (3, "change"), (8, "interval")]


def test_changes_within_the_gap_are_saved_together_once_it_is_over():
    epochs = [(float(epoch), True) for epoch in range(100)]
    assert [epoch for epoch, _ in saves(SavePolicy(interval=1000, gap=30), epochs)] == [0, 30, 60, 90]


def test_before_anything_was_recorded_nothing_is_saved():
    assert saves(SavePolicy(interval=1, gap=0), [(float(epoch), False) for epoch in range(5)]) == []


@given(st.lists(st.tuples(st.floats(0, 10), st.booleans()), max_size=60), st.integers(1, 20), st.floats(0.5, 50))
def test_versions_are_never_closer_than_the_gap_unless_an_interval_is_over(steps, interval, gap):
    clock, epochs = 0.0, []
    for elapsed, is_changed in steps:
        clock += elapsed
        epochs.append((clock, is_changed))
    found = saves(SavePolicy(interval, gap), epochs)
    for (before, _), (after, occasion) in pairwise(found):
        assert epochs[after][0] - epochs[before][0] >= gap if occasion == "change" else after - before >= interval
