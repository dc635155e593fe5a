"""What a randomised environment drew, and what was stated, can be asked by parameter and by step."""

import numpy as np
import pytest

from envcfg import Cause, LogUniform, Tracker, Uniform, join, load
from envcfg.core.errors import SourceError


@pytest.fixture
def history(journal):
    rng = np.random.default_rng(0)
    with Tracker(journal, strict=True) as tracker:
        tracker.state_draws({"friction": Uniform(0, 1), "delay": LogUniform(1, 9)}, step=0, epoch=0)
        for epoch in range(6):
            if epoch == 3:
                tracker.state_draws({"friction": Uniform(0, 10)}, step=300, cause=Cause("schedule"))
            columns = {"friction": rng.uniform(0, 1 if epoch < 3 else 10, 500), "push": rng.normal(size=(500, 2))}
            tracker.record_draws(columns, step=100 * epoch, epoch=epoch)
            tracker.end_epoch(step=100 * epoch + 50, epoch=epoch)
    return load(journal)


def test_the_draws_of_the_epoch_at_a_step_are_given(history):
    drawn = history.draws("friction")
    assert drawn.pooled.count == 3000
    assert drawn.at(250).high < 1
    assert drawn.at(550).high > 9
    assert drawn.at(250).count == drawn.at(299).count == 500
    assert drawn.between(0, 299).count == 1500


def test_a_part_of_an_array_is_a_parameter(history):
    assert [*history.drawn_parameters] == ["friction", "push[0]", "push[1]", "delay"]
    assert history.draws("push[1]").pooled.count == 3000


def test_each_statement_has_its_step(history):
    assert [(said.step, said.stated) for said in history.draws("friction").statements] == [
        (0, Uniform(0, 1)),
        (300, Uniform(0, 10)),
    ]
    assert history.draws("friction").stated_at(299) == Uniform(0, 1)
    assert history.draws("delay").pooled.count == 0
    assert history.draws("push[0]").statements == ()


def test_the_sample_of_a_period_has_only_its_values(history):
    sample = history.draws("friction").sample(0, 299)
    assert len(sample) > 100
    assert all(draw.value <= 1 and draw.step < 300 for draw in sample)


def test_an_unknown_parameter_is_refused_with_the_nearest(history):
    with pytest.raises(SourceError, match="fricton; there is friction"):
        history.draws("fricton")


def test_a_run_without_draws_has_no_parameters(journal):
    with Tracker(journal) as tracker:
        tracker.record({"gravity": 9.81}, step=0)
    assert load(journal).drawn_parameters == {}


def test_draws_after_the_step_of_a_restart_do_not_count(journal):
    for session, first in enumerate((0, 200)):
        with Tracker(journal, run="r", strict=True) as tracker:
            for step in range(first, 400, 100):
                tracker.record_draws({"wind": np.full(10, float(session))}, step=step, epoch=step // 100)
                tracker.end_epoch(step=step, epoch=step // 100)
    assert load(journal).draws("wind").pooled.counts == (20, 20)


def test_joined_runs_pool_their_draws(tmp_path):
    for part in range(2):
        with Tracker(tmp_path / str(part), run="r", strict=True) as tracker:
            tracker.record_draws({"wind": np.full(10, float(part))}, step=100 * part + 1, epoch=part)
    joined = join([load(tmp_path / "0"), load(tmp_path / "1")])
    assert joined.draws("wind").pooled.counts == (10, 10)
