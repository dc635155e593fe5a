"""The figure must show planted effects, and nothing in runs without an effect."""

import numpy as np
import pytest
from wandb_logs import write_log

from envcfg import Cause, Tracker, load_sweep, sample
from envcfg.analysis.sweep.event_study import event_study
from envcfg.core.errors import SourceError


@pytest.fixture
def planted(tmp_path):
    """Makes runs whose reward steps by *effect* at each of their changes, every so many rows of ten steps."""

    def made(effect, *, runs=6, changes=5, rows=60, noise=0.1, each=10, first=0, folder="sweep"):
        chance = np.random.default_rng(0)
        for run in range(first, first + runs):
            place = tmp_path / folder / f"run-{run}"
            with Tracker(place / "envcfg", run=f"run-{run}") as tracker:
                for change in range(changes):
                    cause = Cause("schedule") if change else None
                    tracker.record({"wind": change}, step=change * rows * 10, cause=cause)
                tracker.end_epoch(step=changes * rows * 10, epoch=1)
            steps = range(each, changes * rows * 10 + 1, each)
            values = [effect * ((step - 1) // (rows * 10)) + noise * chance.standard_normal() for step in steps]
            write_log(place, [{"step": step, "reward": value} for step, value in zip(steps, values, strict=True)])
        return load_sweep(tmp_path / folder)

    return made


def test_what_was_planted_is_drawn_after_zero_and_nothing_before(planted):
    data = event_study(planted(1.0))
    (schedule,) = data.kinds
    assert (schedule.kind, schedule.runs, schedule.events) == ("schedule", 6, 24)
    for offset, middle, low, high in zip(data.offsets, schedule.middle, schedule.low, schedule.high, strict=True):
        assert middle == pytest.approx(float(offset > 0), abs=0.12)
        assert low < middle < high


def test_the_grey_band_contains_random_moments(planted):
    data = event_study(planted(0.0))
    low, high = data.placebo
    inside = [least < middle < most for least, middle, most in zip(low, data.kinds[0].middle, high, strict=True)]
    assert sum(inside) / len(inside) > 0.85


def test_windows_stop_at_neighbouring_changes(planted):
    data = event_study(planted(1.0, rows=12), reach=30)
    counts = dict(zip(data.offsets, data.kinds[0].counts, strict=True))
    assert counts[-115.0] == counts[115.0] == 24
    assert counts[-125.0] == counts[125.0] == 0


def test_runs_that_logged_less_often_share_the_axis(planted, tmp_path):
    planted(1.0, runs=3)
    data = event_study(planted(1.0, runs=1, each=20, first=3))
    assert data.kinds[0].runs == 4
    after = [middle for offset, middle in zip(data.offsets, data.kinds[0].middle, strict=True) if 0 < offset < 250]
    assert after == pytest.approx([1.0] * len(after), abs=0.25)


def test_the_same_seed_draws_the_same_bands(planted):
    sweep = planted(1.0, runs=2)
    assert event_study(sweep, seed=3) == event_study(sweep, seed=3)
    assert event_study(sweep, seed=3) != event_study(sweep, seed=4)


def test_notes_say_that_it_is_descriptive_and_count_the_redefining_changes_that_are_left_out():
    notes = event_study(load_sweep(sample("sweep")), metric_name="reward").notes
    assert notes[0].startswith("descriptive")
    assert "left out, because the metric then has another meaning" in notes[1]


def test_notes_say_that_two_runs_have_no_band_and_few_runs_a_rough_one(planted):
    data = event_study(planted(1.0, runs=2))
    assert set(data.kinds[0].low) == {None}
    assert data.kinds[0].middle[-1] == pytest.approx(1.0, abs=0.12)
    assert data.notes[-1] == "no band, because there are two runs only: schedule"
    assert (
        event_study(planted(1.0, runs=4, folder="four")).notes[-1]
        == "the band is rough, because there are few runs: schedule"
    )
    assert event_study(planted(1.0, folder="six")).notes[0] == "descriptive only: not corrected for triggers or trends"


def test_the_band_of_one_run_is_over_its_changes_and_a_note_says_so(planted):
    data = event_study(planted(1.0, runs=1))
    assert data.kinds[0].low[-1] < 1.0 < data.kinds[0].high[-1]
    assert data.notes[-1] == "the band covers the changes of one run only: schedule"


def test_runs_that_never_changed_are_refused(planted):
    with pytest.raises(SourceError, match="no change in 2 runs with this metric has 6 points"):
        event_study(planted(0.0, runs=2, changes=1))
