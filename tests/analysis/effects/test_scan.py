from nile import NILE
from noise import BIN, autoregressive, run, series

from envcfg.analysis.effects.effect import metric_windows
from envcfg.analysis.effects.scan import unlogged


def test_a_break_without_a_recorded_change_is_found_and_one_with_a_change_is_not(journal):
    history = run(journal, {0: {"wall": 1}, 60: {"wall": 2}})
    values = [noise + 4 * (i >= 60) - 4 * (i >= 130) for i, noise in enumerate(autoregressive(200, seed=3))]
    (found,) = unlogged(metric_windows(history, series(values)))
    assert abs(found.step - 130 * BIN) <= 2 * BIN
    assert found.estimate.high < 0


def test_breaks_are_rare_if_nothing_happened(tmp_path):
    history = run(tmp_path, {0: {"wall": 1}})
    found = [unlogged(metric_windows(history, series(autoregressive(200, rho=0.5, seed=seed)))) for seed in range(40)]
    assert sum(map(bool, found)) <= 4


def test_the_break_in_the_flow_of_the_nile_is_after_28_years(journal):
    (found,) = unlogged(metric_windows(run(journal, {0: {"dam": 0}}), series(NILE)))
    assert found.step == 28 * BIN
    assert found.estimate.low < -249 < found.estimate.high
