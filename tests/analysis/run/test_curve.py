from hypothesis import given
from hypothesis import strategies as st

from envcfg.analysis.run.curve import BAND_POINTS, MAX_POINTS, curve
from envcfg.sources.series import Series


def series(values):
    steps = tuple(float(10 * index) for index in range(len(values)))
    return Series("reward", "step", steps, tuple(values), (None,) * len(values))


def test_no_band_mixes_values_from_both_sides_of_a_cut():
    before, after = curve(series([100.0] * 50 + [0.0] * 50), cuts=[500]).segments
    assert {around.low for around in before.band} == {100.0}
    assert {around.high for around in after.band} == {0.0}


def test_without_a_cut_a_drop_is_smeared():
    (whole,) = curve(series([100.0] * 50 + [0.0] * 50)).segments
    assert any((around.low, around.high) == (0.0, 100.0) for around in whole.band)


@given(st.integers(1, 6_000), st.lists(st.integers(-10, 70_000), max_size=20))
def test_a_curve_is_small_and_begins_and_ends_where_the_metric_does(count, cuts):
    found = curve(series(range(count)), cuts=cuts)
    steps = [step for stretch in found.segments for step in stretch.steps]
    assert len(found.steps) <= MAX_POINTS
    assert len(steps) <= BAND_POINTS + 2 * len(found.segments)
    assert steps == sorted(set(steps))
    assert (steps[0], steps[-1]) == (0, 10 * (count - 1))
