from dataclasses import replace

import pytest
from noise import autoregressive, log, run, series

from envcfg import Tracker, effects
from envcfg.core.errors import SourceError
from envcfg.figures.changes.effects import BELOW, draw, effect_intervals
from envcfg.sources.load import load

pytestmark = pytest.mark.needs("figures", "stats")


def test_found_effects_have_their_own_symbol_and_refused_ones_give_the_reason(tmp_path):
    changes = {0: {"wall": 1, "reward": 1}, 60: {"wall": 2, "reward": 1}, 120: {"wall": 3, "reward": 1}}
    run(tmp_path / "envcfg", {**changes, 180: {"wall": 3, "reward": 2}})
    log(tmp_path, series([value + 3 * (index >= 60) for index, value in enumerate(autoregressive(240))], "reward"))
    figure = effect_intervals(load(tmp_path))
    found, _, plain = figure.data
    assert [list(trace.y) for trace in figure.data] == [[BELOW], [1 + BELOW], [2 + BELOW]]
    assert plain.marker.symbol == "diamond-open"
    assert found.x[0] - found.error_x.arrayminus[0] < 3 < found.x[0] + found.error_x.array[0]
    first, second, refused = figure.layout.annotations
    assert (first.text, second.text) == ("<b>1 · to t</b>", "<b>2 · to t</b>")
    assert refused.text.startswith("<b>3 · to t</b>  <i>metric not invariant")
    assert "wall 1 → 2" in found.customdata[0]


def test_one_huge_interval_is_cut_and_squashes_no_other(tmp_path):
    run(tmp_path / "envcfg", {0: {"wall": 1}, 60: {"wall": 2}, 120: {"wall": 3}, 180: {"wall": 4}})
    log(tmp_path, series(autoregressive(240), "reward"))
    found = effects(load(tmp_path))
    assert draw("run", found).layout.xaxis.range is None
    huge = replace(found[0].estimate, low=-1_000.0, high=1_000.0)
    figure = draw("run", [replace(found[0], estimate=huge), *found[1:]])
    assert figure.layout.xaxis.range[1] < 10
    assert [text.text for text in figure.layout.annotations if text.text in "◀▶"] == ["◀", "▶"]
    assert "1 interval wider than the axis" in figure.layout.meta["summary"]


def test_a_refused_effect_shows_task_mix_and_skill(tmp_path):
    with Tracker(tmp_path / "envcfg") as tracker:
        for epoch in range(80):
            tracker.record({"reward": 1 + epoch // 40}, step=100 * epoch, epoch=epoch)
            tracker.end_epoch(step=100 * epoch + 99, epoch=epoch, rewards={"easy": [1.0], "hard": [epoch // 40]})
    log(tmp_path, series(autoregressive(80), "reward"))
    shown = effect_intervals(load(tmp_path)).layout.annotations[-1].text
    assert "no test: metric not invariant · task mix +0 ± 0, skill +0.5 ± 0" in shown


def test_a_run_in_which_nothing_changed_has_no_figure(tmp_path):
    run(tmp_path / "envcfg", {0: {"wall": 1}})
    log(tmp_path, series(autoregressive(60), "reward"))
    with pytest.raises(SourceError, match="nothing changed during run made"):
        effect_intervals(load(tmp_path))
