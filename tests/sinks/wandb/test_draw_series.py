"""Parameters that are drawn anew at each reset have four series in W&B, within the limit of series."""

import numpy as np
import pytest

from envcfg.core.drawn import Draws
from envcfg.core.params import Selection
from envcfg.sinks.wandb.metrics import EPOCH, KEYFRAME, STEP, LiveMetrics
from envcfg.tracking.draws.summary import summaries

ENDS = ("", "/p10", "/p50", "/p90")


def drew(live, *, task=None, **columns):
    resets = len(next(iter(columns.values())))
    drawn = summaries({f"/{name.replace('__', '/')}": np.asarray(column) for name, column in columns.items()})
    live.drew(Draws(0, 1, 1.0, resets, 4, drawn, task=task))


def test_the_series_are_those_of_all_draws_of_the_epoch():
    live, rng = LiveMetrics(), np.random.default_rng(0)
    for epoch in range(3):
        parts = [rng.uniform(epoch, epoch + 1, 4_000) for _ in range(3)]
        for number, part in enumerate(parts):
            drew(live, task=f"task-{number}", physics__friction=part)
        every, row = np.concatenate(parts), live.row(step=epoch, epoch=epoch)
        mean, *quantiles = (row[f"env/physics.friction{end}"] for end in ENDS)
        assert mean == pytest.approx(every.mean())
        assert quantiles == pytest.approx(np.quantile(every, [0.1, 0.5, 0.9]), abs=1 / 40)


def test_an_epoch_without_draws_has_no_point_but_a_keyframe_has():
    live = LiveMetrics()
    drew(live, mass=[1.0, 2.0, 3.0])
    assert live.row(step=0, epoch=1000)["env/mass/p50"] == 2.0
    assert not {f"env/mass{end}" for end in ENDS} & live.row(step=1, epoch=1001).keys()
    assert live.row(step=2, epoch=1000 + KEYFRAME)["env/mass"] == 2.0


def test_with_more_parameters_than_the_limit_the_means_come_first_and_the_rest_is_named():
    live = LiveMetrics(max_series=10)
    drew(live, **{f"k{number}": [float(number), number + 1.0] for number in range(8)})
    row = live.row(step=0, epoch=0)
    assert {f"env/k{number}" for number in range(8)} | {"env/k0/p50", "env/k1/p50"} == {
        key for key in row if key.startswith("env/")
    }
    assert len(live.left_out) == 8 * 4 - 10
    assert len(row.keys() - {EPOCH, STEP}) == 10 + 1


def test_only_selected_parameters_are_charted_and_texts_are_not():
    live = LiveMetrics(Selection(globs=("physics.*",)))
    drew(live, physics__mass=[1.0, 2.0], physics__floor=["wood", "ice"], other=[1.0, 2.0])
    assert {key for key in live.row(step=0, epoch=0) if key.startswith("env/")} == {
        f"env/physics.mass{end}" for end in ENDS
    }
