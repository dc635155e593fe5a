"""Laws of the summary of draws, and of pooling several of them."""

import math
from bisect import bisect_left, bisect_right

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg.core import quantiles
from envcfg.core.distribution import pooled
from envcfg.core.drawn import Drawn
from envcfg.tracking.draws.summary import FEW, summaries

floats = st.floats(-1e6, 1e6, width=32)
draws = st.one_of(
    st.lists(floats, min_size=1, max_size=400).map(lambda values: np.array(values, np.float32)),
    st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=80).map(np.array),
    st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=400).map(np.array),
    st.lists(st.integers(0, 9), min_size=1, max_size=400).map(np.array),
    st.lists(st.booleans(), min_size=1, max_size=40).map(np.array),
    st.builds(
        lambda seed, size, scale: np.random.default_rng(seed).normal(-9.81, scale, size).astype(np.float32),
        st.integers(0, 99),
        st.integers(1, 3000),
        st.sampled_from([0.01, 1.0, 1e4]),
    ),
)


def summary(drawn):
    return summaries({"it": drawn})["it"]


def written_and_read(found):
    return msgspec.json.decode(msgspec.json.encode(found), type=Drawn)


@given(draws)
def test_the_quantiles_of_one_part_are_those_of_its_draws(drawn):
    found, exact = pooled([written_and_read(summary(drawn))]), drawn.astype(np.float64)
    width = exact.max() / 2 - exact.min() / 2
    in_order, last = np.sort(exact), len(exact)
    for share in (0, *quantiles.PER_MILLE, 1000):
        probability, expected = share / 1000, in_order[max(1, -(-last * share // 1000)) - 1]
        tolerance = 2 * quantiles.ROUNDED_BY * min(width, abs(expected)) + abs(expected) * 1e-7
        assert abs(found.quantile(probability) - expected) <= tolerance
    assert [drawn.dtype.type(end) for end in (found.low, found.high)] == [drawn.min(), drawn.max()]


@given(st.lists(draws, min_size=1, max_size=5), st.floats(0.001, 0.999))
def test_the_rank_of_a_pooled_quantile_is_right_to_the_stated_resolution(parts, probability):
    found = pooled([summary(part) for part in parts])
    every = sorted(float(value) for part in parts for value in part)
    value = found.quantile(probability)
    margin = abs(value) * quantiles.ROUNDED_BY * 2
    below, up_to = bisect_left(every, value - margin), bisect_right(every, value + margin)
    slack = found.resolution * len(every) + 1
    assert below - slack <= probability * len(every) <= up_to + slack


@given(st.lists(draws, min_size=1, max_size=5))
def test_the_pooled_number_mean_and_deviation_are_those_of_all_draws(parts):
    found = pooled([summary(part) for part in parts])
    every = np.concatenate([part.astype(np.float64) for part in parts])
    largest = abs(every).max()
    assert found.count == len(every)
    assert math.isclose(found.mean, (every / len(every)).sum(), rel_tol=1e-9, abs_tol=largest * 1e-7)
    if largest < 1e150:
        assert math.isclose(found.sd, every.std(), rel_tol=1e-6, abs_tol=largest * 1e-6)


@given(st.lists(draws, min_size=1, max_size=6), st.randoms())
def test_pooling_does_not_depend_on_the_order_of_the_parts(parts, random):
    summaries = [summary(part) for part in parts]
    one = pooled(summaries)
    random.shuffle(summaries)
    other = pooled(summaries)
    assert (one.values, one.counts, one.resolution) == (other.values, other.counts, other.resolution)


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=50).map(np.array), min_size=1, max_size=4))
def test_few_values_are_counted_exactly_also_when_they_are_pooled(parts):
    found = pooled([written_and_read(summary(part)) for part in parts])
    every = np.concatenate(parts)
    assert dict(zip(found.values, found.counts, strict=True)) == {
        str(value): int((every == value).sum()) for value in every
    }
    assert found.resolution == 0


def test_the_resolution_of_many_draws_is_a_fortieth():
    found = pooled([summary(np.random.default_rng(seed).uniform(size=10_000)) for seed in range(4)])
    assert found.resolution == pytest.approx(1 / 40)


def test_ranges_of_the_parts_that_differ_widely_do_not_spoil_the_quantiles():
    rng = np.random.default_rng(0)
    parts = [rng.uniform(0, 1e-3, 5000), rng.uniform(0, 1e6, 5000), np.exp(rng.uniform(-9, 9, 5000))]
    found, every = pooled(map(summary, parts)), np.concatenate(parts)
    for probability in (0.1, 0.25, 0.5, 0.75, 0.9):
        assert abs((every <= found.quantile(probability)).mean() - probability) <= found.resolution


def test_draws_that_are_not_finite_are_counted_and_left_out():
    found = pooled([summary(np.array([1.0, math.nan, math.inf, -math.inf, 2.0])), summary(np.array([math.nan]))])
    assert (found.count, found.not_finite, found.low, found.high, found.mean) == (6, 4, 1.0, 2.0, 1.5)
    assert math.isnan(pooled([summary(np.array([math.nan]))]).quantile(0.5))


def test_the_most_frequent_texts_are_listed_and_the_others_counted():
    texts = np.array([f"level {number}" for number in range(100)] + ["level 99"] * 5)
    found = pooled([summary(texts)])
    assert (found.values[0], found.counts[0]) == ("level 99", 6)
    assert (len(found.values), found.others) == (FEW, 105 - 6 - (FEW - 1))


def test_a_float_of_32_bits_is_written_with_the_digits_that_it_needs():
    assert summary(np.array([0.1, 0.1], np.float32)).values == (0.1,)


def test_one_repeated_value_is_constant_and_two_are_not():
    assert pooled([summary(np.full(100, 9.81))]).is_constant
    assert not pooled([summary(np.full(100, 9.81)), summary(np.full(100, 9.82))]).is_constant
    assert not pooled([summary(np.arange(100.0))]).is_constant
