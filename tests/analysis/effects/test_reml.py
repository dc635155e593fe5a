"""The regression against published values, and against the same likelihood written out with dense matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nile import NILE
from noise import autoregressive

from envcfg.analysis.effects.reml import RHO, Design, step_design


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
