"""A figure says how its metric was placed on the run clock, unless envcfg wrote the step into each row."""

import pytest

from envcfg import Tracker, load
from envcfg.core.record import Link
from envcfg.figures import effect_intervals, event_study, multiples, timeline, trajectories
from envcfg.sources.sweep import SweepRun
from envcfg.sources.wandb.metric_rows import FILE, packed_rows

BEGIN, EPOCHS, STEPS = 1_800_000_000.0, 60, 1000
OF_ONE = [timeline, effect_intervals]
OF_SEVERAL = [multiples, trajectories, event_study]
SAID = "reward is placed by global_step"


def trained(folder, *, marked, ends=True):
    """A run with a change in the middle, and one row for each epoch."""
    now, rows = [BEGIN], []
    with Tracker(folder / "envcfg", run=folder.name, clock=lambda: now[0]) as tracker:
        if marked:
            tracker._out.append(Link(BEGIN, "wandb", "abc", marked=True))
        for epoch in range(EPOCHS):
            step = (epoch + 1) * STEPS - 1
            tracker.record({"level": epoch >= EPOCHS // 2}, step=epoch * STEPS, epoch=epoch)
            now[0] += 50
            if ends:
                tracker.end_epoch(step=step, epoch=epoch)
            said = {"env_config/step": step} if marked else {"global_step": step}
            reward = float(epoch < EPOCHS // 2) + epoch % 3 / 10
            rows.append({"_step": 3 * epoch, "_timestamp": now[0] + 1, "reward": reward, **said})
    (folder / FILE).write_bytes(packed_rows(rows))
    return load(folder)


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("marked"), marked=True)


@pytest.fixture(scope="module")
def unmarked(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("unmarked"), marked=False)


def summary(figure):
    return figure.layout.meta["summary"]


def sweep(*runs):
    return [SweepRun(f"run {number}", run) for number, run in enumerate(runs)]


@pytest.mark.parametrize("draw", OF_ONE, ids=lambda draw: draw.__name__)
def test_a_figure_of_a_run_says_what_its_metric_is_placed_by(draw, marked, unmarked):
    assert SAID in summary(draw(unmarked))
    assert "placed by" not in summary(draw(marked))


@pytest.mark.parametrize("draw", OF_SEVERAL, ids=lambda draw: draw.__name__)
def test_a_figure_of_a_sweep_says_in_how_many_runs_its_metric_is_placed_by_what(draw, marked, unmarked):
    assert f"{SAID} in 1 of 2 runs" in summary(draw(sweep(marked, unmarked)))
    assert f"{SAID} in" not in summary(draw(sweep(unmarked, unmarked)))
    assert SAID in summary(draw(sweep(unmarked, unmarked)))
    assert "placed by" not in summary(draw(sweep(marked, marked)))
