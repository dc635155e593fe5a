import random

import pytest
from noise import autoregressive, run, series

from envcfg.analysis.effects.correlation import correlations


def walk(count, seed, *, every=3):
    """A parameter that goes up and down every few bins."""
    draw, value, found = random.Random(seed), 5, {}
    for index in range(0, count, every):
        value = max(0, value + draw.choice([-1, 1]))
        found[index] = value
    return found


def test_a_parameter_that_moves_the_metric_correlates_in_differences(journal):
    held = walk(240, 1)
    history = run(journal, {index: {"wall": value} for index, value in held.items()})
    values = [held[index - index % 3] + 0.3 * noise for index, noise in enumerate(autoregressive(240, seed=2))]
    (found,) = correlations(history, series(values))
    assert found.parameter == "wall"
    assert 0.3 < found.low < found.differences < found.high <= 1


def test_two_trends_correlate_in_levels_and_not_in_differences(journal):
    history = run(journal, {index: {"wall": index} for index in range(0, 200, 5)})
    climbing = [0.1 * index + noise for index, noise in enumerate(autoregressive(200, seed=5))]
    (found,) = correlations(history, series(climbing))
    assert found.levels > 0.9
    assert found.low < 0 < found.high


@pytest.mark.slow
def test_intervals_contain_the_truth_for_unrelated_series(tmp_path):
    misses = 0
    for seed in range(20):
        history = run(tmp_path / str(seed), {index: {"wall": value} for index, value in walk(150, seed).items()})
        for other in range(20):
            (found,) = correlations(history, series(autoregressive(150, rho=0.5, seed=100 * seed + other)))
            misses += not found.low <= 0 <= found.high
    assert misses / 400 <= 0.08


@pytest.mark.slow
def test_few_changes_have_a_wider_interval_that_contains_the_truth_as_often(tmp_path):
    misses = 0
    for seed in range(20):
        history = run(tmp_path / str(seed), {index: {"wall": v} for index, v in walk(150, seed, every=12).items()})
        for other in range(20):
            (found,) = correlations(history, series(autoregressive(150, seed=100 * seed + other)))
            misses += not found.low <= 0 <= found.high
    assert 8 <= found.changes <= 12
    assert misses / 400 <= 0.1


def test_few_changes_are_refused_and_texts_have_no_correlation(journal):
    history = run(journal, {0: {"wall": 1, "map": "a"}, 50: {"wall": 2, "map": "b"}})
    (found,) = correlations(history, series(autoregressive(100)))
    assert (found.parameter, found.differences) == ("wall", None)
    assert found.refusal == "it changed only 1 time: see the effects instead"
