import math

import pytest
from noise import autoregressive, run, series

from envcfg.analysis.effects.event_study import event_study
from envcfg.core.errors import SourceError


def planted(folder, *, runs, step=0.0, changes=(80, 160)):
    """Runs whose metric steps up by *step* at each change, and how to get their metrics."""
    histories, metrics = [], {}
    for seed in range(runs):
        configs = {0: {"wall": 0}, **{at: {"wall": at} for at in changes}}
        history = run(folder / str(seed), configs)
        values = [noise + step * sum(index >= at for at in changes) for index, noise in _noise(seed)]
        histories.append(history)
        metrics[id(history)] = series(values)
    return histories, lambda history: metrics[id(history)]


def _noise(seed):
    return list(enumerate(autoregressive(240, rho=0.3, seed=seed)))


def test_a_step_stands_out_of_the_placebos_after_the_change_and_not_before(tmp_path):
    found = event_study(*planted(tmp_path, runs=6, step=2.0))
    assert (found.runs, found.changes) == (6, 12)
    assert found.offsets == tuple(range(-20, 20))
    assert found.counts == (12,) * 40
    outside = [mean > high for mean, high in zip(found.mean, found.placebo_high, strict=True)]
    assert all(outside[20:])
    assert sum(outside[:20]) <= 3
    assert all(low <= mean <= high for low, mean, high in zip(found.low, found.mean, found.high, strict=True))


def test_without_an_effect_the_curve_stays_among_the_placebos(tmp_path):
    found = event_study(*planted(tmp_path, runs=6))
    band = zip(found.placebo_low, found.mean, found.placebo_high, strict=True)
    assert sum(low <= mean <= high for low, mean, high in band) >= 36


def test_windows_are_cut_at_the_neighbouring_change(tmp_path):
    found = event_study(*planted(tmp_path, runs=3, changes=(80, 92)))
    assert found.counts[:8] == (3,) * 8  # of the second change, only the twelve points since the first
    assert found.counts[8:20] == (6,) * 12
    assert found.counts[32:] == (3,) * 8


def test_a_parameter_chooses_its_changes(tmp_path):
    history = run(tmp_path, {0: {"a": 0, "b": 0}, 80: {"a": 1, "b": 0}, 160: {"a": 1, "b": 1}})
    metric = series(autoregressive(240))
    assert event_study([history], lambda _: metric).changes == 2
    assert event_study([history], lambda _: metric, param="b").changes == 1
    with pytest.raises(SourceError, match="no change of c has 3 points"):
        event_study([history], lambda _: metric, param="c")


def test_one_run_is_resampled_by_its_changes(tmp_path):
    found = event_study(*planted(tmp_path, runs=1, step=2.0))
    assert found.runs == 1
    assert all(map(math.isfinite, found.low))
