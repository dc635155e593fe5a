from hypothesis import given
from hypothesis import strategies as st

from envcfg.analysis.run.sampling import clusters, extremes, quantiles

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300)


@given(values, st.integers(4, 60))
def test_the_least_and_the_greatest_value_are_kept(series, most):
    kept = extremes(series, most)
    assert len(kept) <= most
    assert kept == sorted(set(kept))
    assert {0, len(series) - 1} <= set(kept)
    assert min(series) == min(series[index] for index in kept)
    assert max(series) == max(series[index] for index in kept)


@given(values.map(sorted), st.integers(1, 40))
def test_every_position_is_in_one_cluster(positions, most):
    groups = clusters(len(positions), positions.__getitem__, most)
    assert len(groups) <= max(most, 1) or len(positions) <= most
    assert sorted(index for group in groups for index in group) == list(range(len(positions)))


@given(values)
def test_a_band_lies_within_the_values_around_its_median(series):
    around = quantiles(series)
    assert min(series) <= around.low <= around.median <= around.high <= max(series)
