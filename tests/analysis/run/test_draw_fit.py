"""Draws that are not as the program meant them are reported, and draws that are as stated are not."""

import numpy as np
import pytest
from scipy.stats import kstest, kstwo, uniform

from envcfg import Choice, LogUniform, Normal, Tracker, Uniform, load
from envcfg.analysis.run.draw_fit import FEWEST, _tail_of_distance, fit, problems


def record(journal, draw, stated=None, epochs=4):
    """The history of a run that draws 200 values of `it` in each epoch."""
    rng = np.random.default_rng(0)
    with Tracker(journal, strict=True) as tracker:
        if stated is not None:
            tracker.state_draws({"it": stated}, step=0, epoch=0)
        for epoch in range(epochs):
            tracker.record_draws({"it": draw(rng, epoch)}, step=1000 * epoch, epoch=epoch)
            tracker.end_epoch(step=1000 * epoch + 999, epoch=epoch)
    return load(journal)


SOUND = {
    "uniform": (lambda rng, _: rng.uniform(0.5, 1.5, 200).astype(np.float32), Uniform(0.5, 1.5)),
    "log uniform": (lambda rng, _: np.exp(rng.uniform(np.log(0.01), np.log(10), 200)), LogUniform(0.01, 10)),
    "normal": (lambda rng, _: rng.normal(5, 2, 200), Normal(5, 2)),
    "choice": (lambda rng, _: rng.choice([1, 2, 3], 200, p=[0.5, 0.25, 0.25]), Choice([1, 2, 3], [2, 1, 1])),
    "texts": (lambda rng, _: rng.choice(["ice", "mud"], 200), Choice(["ice", "mud"])),
    "not stated": (lambda rng, _: rng.uniform(size=200), None),
}


@pytest.mark.parametrize(("draw", "stated"), SOUND.values(), ids=SOUND)
def test_draws_as_stated_are_no_problem(journal, draw, stated):
    history = record(journal, draw, stated)
    assert problems(history) == []
    found = fit(history.draws("it"))
    assert (found is None) if stated is None else found.p > 0.01


WRONG = {
    "another unit": (lambda rng, _: rng.uniform(0, 20, 200), Uniform(0, 0.02), "look for another unit"),
    "degrees": (lambda rng, _: rng.uniform(-180, 180, 200), Normal(0, 1), "look for another unit"),
    "too narrow": (lambda rng, _: rng.uniform(0, 0.02, 200), Uniform(0, 20), "only a small part of the stated range"),
    "constant": (lambda _rng, _: np.full(200, 0.8), None, "never moves: each of 800 draws is 0.8"),
    "to a point": (
        lambda rng, epoch: rng.uniform(0, 1, 200) if epoch < 2 else np.full(200, 0.5),
        None,
        "narrowed to a point: from step 2,000 on, each of 400 draws is 0.5; before, the draws were from 0.00",
    ),
    "zero width": (lambda _rng, _: np.full(9, 2.0), Uniform(2, 2), "which is a single value"),
    "not finite": (lambda rng, _: np.append(rng.uniform(size=199), np.nan), None, "4 of 800 draws are not finite"),
}


@pytest.mark.parametrize(("draw", "stated", "said"), WRONG.values(), ids=WRONG)
def test_draws_that_are_not_as_meant_are_reported(journal, draw, stated, said):
    found = [problem.text for problem in problems(record(journal, draw, stated))]
    assert any(said in text for text in found), found


def test_a_stated_parameter_that_is_never_drawn_is_reported(journal):
    with Tracker(journal, strict=True) as tracker:
        tracker.state_draws({"delay": Uniform(0, 1)}, step=0)
        tracker.record_draws({"dealy": np.random.default_rng(0).uniform(size=50)}, step=0)
    (problem,) = problems(load(journal))
    assert (problem.name, "never drawn" in problem.text) == ("delay", True)


def test_a_few_equal_draws_of_two_values_did_not_narrow(journal):
    def draw(rng, epoch):
        return rng.integers(0, 2, 200) if epoch < 3 else np.array([1, 1, 1])

    assert problems(record(journal, draw)) == []


def test_the_statistic_is_that_of_scipy(journal):
    parameter = record(journal, lambda rng, _: rng.uniform(size=200), Uniform(0, 1)).draws("it")
    found, sample = fit(parameter), [draw.value for draw in parameter.sample()]
    expected = kstest(sample, uniform(0, 1).cdf)
    assert (found.statistic, found.p) == (pytest.approx(expected.statistic), pytest.approx(expected.pvalue, rel=1e-3))


@pytest.mark.parametrize("count", [FEWEST, 60, 512])
def test_the_probability_of_a_distance_is_that_of_scipy(count):
    distances = np.linspace(0.2, 3, 100) / np.sqrt(count)
    found = [_tail_of_distance(distance, count) for distance in distances]
    assert found == pytest.approx(kstwo.sf(distances, count), rel=7e-3)


def test_another_distribution_of_the_same_range_is_found(journal):
    squares = record(journal / "1", lambda rng, _: rng.uniform(size=200) ** 2, Uniform(0, 1))
    loaded = record(journal / "2", lambda rng, _: rng.choice([1, 2], 200, p=[0.9, 0.1]), Choice([1, 2]))
    assert max(fit(history.draws("it")).p for history in (squares, loaded)) < 1e-6
