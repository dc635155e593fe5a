"""A small part of `benchmarks/effects.py`. It fails if the rates of the whole would change clearly."""

import runpy
from pathlib import Path

import numpy as np
import pytest

BENCHMARK = runpy.run_path(str(Path(__file__).parents[3] / "benchmarks" / "effects.py"))
rate, adaptive, DRIFT = BENCHMARK["rate"], BENCHMARK["adaptive"], BENCHMARK["DRIFT"]


@pytest.mark.parametrize("rho", [0.0, 0.5, 0.8, 0.95])
@pytest.mark.parametrize(("count", "drift"), [(24, 0.0), (60, DRIFT)])
def test_seven_in_a_hundred_at_most_are_false_positives(rho, count, drift):
    assert rate("envcfg", rho=rho, count=count, drift=drift, runs=1500) <= 0.07


def test_welchs_test_is_wrong_half_of_the_time_and_this_one_is_not():
    assert rate("Welch", rho=0.8, count=60, drift=0.0, runs=1500) > 0.45


def test_a_large_effect_is_found():
    assert rate("envcfg", rho=0.5, count=60, drift=DRIFT, effect=3.0, runs=300) > 0.9


@pytest.mark.slow
def test_the_correction_removes_the_bias_of_an_adaptive_trigger():
    raw, corrected, rejected = adaptive(0.5, runs=150)
    assert np.mean(raw) < -0.3
    assert abs(np.mean(corrected)) < 0.15  # three standard errors of so few runs
    assert np.mean(rejected) <= 0.07
