import numpy as np
import pytest

from envcfg.analysis.effects.clusters import LEAST_CLUSTERS, band
from envcfg.analysis.effects.reml import quantile


@pytest.mark.parametrize("clusters", [3, 5, 12])
def test_a_band_holds_the_mean_that_is_common_to_all_runs_in_95_of_100_cases(clusters):
    chance, held = np.random.default_rng(clusters), []
    for _ in range(300):
        own = chance.standard_normal((clusters, 1)).repeat(4, axis=0)
        found = band(own + chance.standard_normal((4 * clusters, 2)), np.repeat(range(clusters), 4).tolist(), chance)
        held += ((found.low < 0) & (found.high > 0)).tolist()
    assert np.mean(held) == pytest.approx(0.95, abs=0.035)


def test_rows_that_are_their_own_clusters_have_students_interval():
    rows = np.random.default_rng(0).standard_normal((40, 1))
    found = band(rows, range(40), np.random.default_rng(1))
    assert found.middle == pytest.approx(rows.mean())
    assert (found.high - found.middle)[0] == pytest.approx(quantile(39) * rows.std(ddof=1) / 40**0.5, rel=0.1)


def test_a_column_that_too_few_clusters_reach_has_a_mean_and_no_band():
    rows = np.ones((4, 3))
    rows[LEAST_CLUSTERS - 1 :, 1] = np.nan
    rows[:, 2] = np.nan
    found = band(rows, [0, 1, 2, 3], np.random.default_rng(0))
    assert found.middle[:2].tolist() == [1.0, 1.0]
    assert np.isnan([found.middle[2], found.low[1], found.high[2]]).all()
    assert (found.low[0], found.high[0]) == (1.0, 1.0)
