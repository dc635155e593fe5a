"""The regression against published values, and against the same likelihood written out with dense matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nile import NILE
from noise import autoregressive

from envcfg.analysis.effects.reml import RHO, Design, step_design
from envcfg.analysis.effects.whitened import BENDS, smooth_basis


def test_the_nile_stepped_down_by_249_with_a_standard_error_of_34():
    assert (np.mean(NILE[:28]), round(np.mean(NILE[28:]), 2)) == (1097.75, 849.97)
    fit = step_design(np.arange(100), 28, trend=False).fit(np.array(NILE, dtype=float))
    assert (round(fit.value[0]), round(fit.se[0])) == (-249, 34)
    assert fit.p[0] < 1e-9


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.5, 0.9]), st.sets(st.integers(1, 60), min_size=14))
def test_the_fit_is_that_of_the_dense_likelihood_also_where_bins_are_missing(seed, rho, chosen):
    bins = np.array(sorted(chosen))
    values = np.array(autoregressive(61, rho=rho, seed=seed))[bins]
    change = int(bins[len(bins) // 2])
    columns = np.stack([np.ones(len(bins)), bins / 60, bins >= change], axis=1)
    best = max((dense(columns, bins, values, rho) for rho in RHO), key=lambda found: found[0])
    fit = Design(columns.astype(float), bins, of=2).fit(values)
    assert fit.value[0] == pytest.approx(best[1], abs=1e-6)
    assert fit.se[0] == pytest.approx(best[2], rel=1e-6)


def dense(columns, bins, values, rho):
    """(log likelihood, coefficient, standard error) from the whole correlation matrix."""
    columns = columns.astype(float)
    correlation = np.where(bins[:, None] == bins, 1.0, rho ** np.abs(bins[:, None] - bins).astype(float))
    inverse = np.linalg.inv(correlation)
    information = columns.T @ inverse @ columns
    coefficients = np.linalg.solve(information, columns.T @ inverse @ values)
    residual = values - columns @ coefficients
    freedom = len(values) - columns.shape[1]
    variance = residual @ inverse @ residual / freedom
    determinants = np.linalg.slogdet(correlation)[1] + np.linalg.slogdet(information)[1]
    likelihood = -0.5 * (freedom * np.log(variance * freedom) + determinants)
    return likelihood, coefficients[2], np.sqrt(variance * np.linalg.inv(information)[2, 2])


def test_many_series_are_fitted_as_each_alone():
    rows = np.array([autoregressive(40, rho=rho, seed=seed) for seed in range(5) for rho in (0.0, 0.7)])
    design = step_design(np.arange(40), 20)
    together = design.fit(rows)
    for index, row in enumerate(rows):
        assert [column[0] for column in design.fit(row)] == pytest.approx([column[index] for column in together])


def test_a_slope_is_not_reported_as_a_step():
    values = np.array(autoregressive(60, seed=3))
    plain = step_design(np.arange(60), 30).fit(values)
    steep = step_design(np.arange(60), 30).fit(values + 0.5 * np.arange(60))
    assert steep.value[0] == pytest.approx(plain.value[0], abs=1e-9)


@given(st.integers(0, 1000), st.floats(-5, 5), st.floats(-100, 100), st.floats(0.01, 100))
def test_a_line_adds_no_jump_and_the_unit_changes_only_the_unit(seed, slope, offset, scale):
    values = np.array(autoregressive(60, rho=0.5, seed=seed))
    design = step_design(np.arange(60), 25)
    plain, other = design.fit(values), design.fit(scale * values + slope * np.arange(60) + offset)
    assert other.value[0] == pytest.approx(scale * plain.value[0], rel=1e-3, abs=1e-3 * scale)
    assert other.se[0] == pytest.approx(scale * plain.se[0], rel=1e-2)


@given(st.integers(0, 1000), st.sampled_from([20, 30, 45]), st.floats(-10, 10))
def test_a_jump_at_the_change_is_added_exactly(seed, change, size):
    values = np.array(autoregressive(60, rho=0.3, seed=seed)) + 0.01 * np.arange(60) ** 1.5
    design = step_design(np.arange(60), change)
    plain, jumped = design.fit(values), design.fit(values + size * (np.arange(60) >= change))
    assert jumped.value[0] == pytest.approx(plain.value[0] + size, abs=1e-6)
    assert jumped.se[0] == pytest.approx(plain.se[0], rel=1e-6)


@given(st.integers(0, 1000))
def test_reversing_time_turns_the_jump_around(seed):
    values = np.array(autoregressive(60, rho=0.3, seed=seed))
    design = step_design(np.arange(60), 30)
    assert design.fit(values[::-1]).value[0] == pytest.approx(-design.fit(values).value[0], abs=1e-6)


def test_with_a_bend_the_fit_is_that_of_the_dense_likelihood():
    """The coefficient and its variance under the chosen noise and curve, by generalised least squares."""
    at = np.arange(50)
    values = 6 * (1 - np.exp(-at / 8)) + np.array(autoregressive(50, seed=4))
    design = step_design(at, 25)
    fit = design.fit(values)
    position, strength = divmod(int(fit.choice[0]), len(BENDS))
    assert strength > 0
    basis = smooth_basis(at)
    covariance = np.where(at[:, None] == at, 1.0, RHO[position] ** np.abs(at[:, None] - at).astype(float))
    covariance += BENDS[strength] * basis @ basis.T
    columns = np.stack([np.ones(50), at / 50, at >= 25], axis=1).astype(float)
    inverse = np.linalg.inv(covariance)
    information = columns.T @ inverse @ columns
    weights = np.linalg.solve(information, columns.T @ inverse)[2]
    assert fit.value[0] == pytest.approx(weights @ values, abs=1e-8)
    residual = values - columns @ np.linalg.solve(information, columns.T @ inverse @ values)
    variance = residual @ inverse @ residual / 47
    assert fit.se[0] == pytest.approx(np.sqrt(variance * np.linalg.inv(information)[2, 2]))
    assert fit.bend[0] == pytest.approx(np.sqrt(variance * BENDS[strength] * np.square(weights @ basis).sum()))
