import pytest
from noise import autoregressive, log, run, series

from envcfg.core.errors import SourceError
from envcfg.figures.effects import effects
from envcfg.history.sources import load


def test_found_effects_stand_apart_and_refused_ones_say_why(tmp_path):
    changes = {0: {"wall": 1, "reward": 1}, 60: {"wall": 2, "reward": 1}, 120: {"wall": 3, "reward": 1}}
    run(tmp_path / "envcfg", {**changes, 180: {"wall": 3, "reward": 2}})
    log(tmp_path, series([value + 3 * (index >= 60) for index, value in enumerate(autoregressive(240))], "reward"))
    figure = effects(load(tmp_path))
    found, other = figure.data
    assert (list(found.y), list(other.y)) == ([0], [1])
    assert found.x[0] - found.error_x.arrayminus[0] < 3 < found.x[0] + found.error_x.array[0]
    (refusal,) = figure.layout.annotations
    assert refusal.y == 2
    assert "metric not invariant" in refusal.text
    assert "wall 1 → 2" in found.customdata[0]


def test_a_run_in_which_nothing_changed_has_no_figure(tmp_path):
    run(tmp_path / "envcfg", {0: {"wall": 1}})
    log(tmp_path, series(autoregressive(60), "reward"))
    with pytest.raises(SourceError, match="nothing changed during run made"):
        effects(load(tmp_path))
