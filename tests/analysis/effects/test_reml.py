"""The regression against published values, and against the same likelihood written out with dense matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from noise import autoregressive

from envcfg.analysis.effects.reml import RHO, Design, step_design

# fmt: off
NILE = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958, 1140,
    1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050, 969,
    831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
    781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890,
    744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
]
# fmt: on
"""Flow of the Nile at Aswan, 1871 to 1970 (Cobb 1978); the break is at 1898, after 28 years."""


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


def test_a_slope_is_no_step():
    values = np.array(autoregressive(60, seed=3))
    plain = step_design(np.arange(60), 30).fit(values)
    steep = step_design(np.arange(60), 30).fit(values + 0.5 * np.arange(60))
    assert steep.value[0] == pytest.approx(plain.value[0], abs=1e-9)
