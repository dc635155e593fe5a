"""Paired differences, against published values."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envcfg.analysis.effects.paired import EXACT, least_p, paired

SLEEP = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
"""Student (1908), The probable error of a mean: additional hours of sleep, the differences of two drugs."""
MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
"""Darwin's plants in Fisher (1935), The Design of Experiments, section 17: in eighths of an inch."""


def test_students_sleep():
    found = paired(SLEEP)
    assert (found.value, found.pairs, found.positive) == (pytest.approx(1.58), 10, 9)
    assert found.p == pytest.approx(0.002833, abs=5e-7)
    assert (found.low, found.high) == (pytest.approx(0.7001142, abs=5e-7), pytest.approx(2.4598858, abs=5e-7))


def test_darwins_maize_by_fishers_own_test():
    found = paired(MAIZE)
    assert found.p == pytest.approx(0.0497, abs=5e-5)
    assert found.flips_p == 2 * 863 / 2**15


def test_one_pair_has_a_difference_and_no_interval():
    found = paired([0.25])
    assert (found.value, found.low, found.high, found.p, found.flips_p) == (0.25, None, None, None, 1.0)


def test_pairs_that_agree_to_the_last_digit_have_no_interval():
    assert paired([0.5, 0.5, 0.5]).low is None


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=7))
def test_signs_are_flipped_in_every_way(differences):
    sums = [
        abs(sum(s * d for s, d in zip(signs, differences, strict=True)))
        for signs in product((-1, 1), repeat=len(differences))
    ]
    expected = sum(each >= abs(sum(differences)) for each in sums) / len(sums)
    assert paired(differences).flips_p == pytest.approx(expected)
    assert paired(differences).flips_p >= least_p(len(differences)) or not any(differences)


def test_signs_of_many_pairs_are_drawn_at_random():
    many = [1.0] * (EXACT + 4) + [-1.0] * 2
    assert paired(many).flips_p == pytest.approx(0.00013, abs=0.0001)
    assert paired(many) == paired(many)
