"""How often the method finds effects that do not exist, and effects that do, compared with Welch and Newey-West.

    python benchmarks/effects.py

It prints five tables: false positives at 5 % by autocorrelation, length and trend; the power of envcfg's test; the bias
of an adaptive curriculum with and without the correction; how often intervals of correlations contain the truth; how
often bands over few runs contain it. All random numbers are seeded. It takes three minutes on one core.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from envcfg.analysis.effects.bins import Bins
from envcfg.analysis.effects.clusters import band
from envcfg.analysis.effects.correlation import correlation
from envcfg.analysis.effects.estimate import LEAST_EFFECTIVE, estimate
from envcfg.analysis.effects.placebo import ControlWindows
from envcfg.analysis.effects.reml import p_value, step_design
from envcfg.analysis.effects.rule import Rule
from envcfg.analysis.effects.windows import Window

Floats = NDArray[np.float64]

RHOS: Final = (0.0, 0.5, 0.8, 0.95)
LENGTHS: Final = (24, 60, 200)
WIDTH: Final = 10
"""The points whose mean an adaptive curriculum looks at."""
DRIFT: Final = 1.5
"""A mild learning trend: its rise over a window, in standard deviations."""


def noise(rho: float, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Rows of AR(1) noise of variance one."""
    rows = rng.standard_normal(shape)
    for point in range(1, shape[1]):
        rows[:, point] = rho * rows[:, point - 1] + math.sqrt(1 - rho * rho) * rows[:, point]
    return rows


def welch(rows: Floats) -> Floats:
    """The p of a before/after comparison that assumes independent points."""
    half = rows.shape[1] // 2
    sides = [rows[:, :half], rows[:, half:]]
    squares = np.array([side.var(axis=1, ddof=1) / side.shape[1] for side in sides])
    df = squares.sum(0) ** 2 / sum(square**2 / (side.shape[1] - 1) for square, side in zip(squares, sides, strict=True))
    return p_value((sides[1].mean(1) - sides[0].mean(1)) / np.sqrt(squares.sum(0)), df)


def newey_west(rows: Floats) -> Floats:
    """The p of least squares with a trend term and the standard errors of Newey and West, with the usual lags."""
    count = rows.shape[1]
    columns = np.stack([np.ones(count), np.arange(count) / count, np.arange(count) >= count // 2], axis=1).astype(float)
    solver = np.linalg.pinv(columns)
    residual = rows - (rows @ solver.T) @ columns.T
    scores = residual * solver[2]
    variance = np.square(scores).sum(1)
    lags = math.floor(4 * (count / 100) ** (2 / 9))
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * (scores[:, lag:] * scores[:, :-lag]).sum(1)
    t = rows @ solver[2] / np.sqrt(np.maximum(variance, 1e-12))
    return p_value(t, np.full(len(rows), count - 3.0))


def reml(rows: Floats) -> Floats:
    """The p of envcfg; 1 if it refuses a test because there are too few independent points."""
    count = rows.shape[1]
    fit = step_design(np.arange(count), count // 2).fit(rows)
    return np.where(fit.points >= LEAST_EFFECTIVE, fit.p, 1.0)


METHODS: Final[dict[str, Callable[[Floats], Floats]]] = {"Welch": welch, "Newey-West": newey_west, "envcfg": reml}


def rate(method: str, *, rho: float, count: int, drift: float, effect: float = 0.0, runs: int = 4000) -> float:
    """The share of *runs* in which *method* finds an *effect*, given in standard deviations."""
    rng = np.random.default_rng([int(rho * 100), count])
    rows = noise(rho, (runs, count), rng) + drift * np.linspace(0, 1, count) + effect * (np.arange(count) >= count // 2)
    return float(np.mean(METHODS[method](rows) < 0.05))


def adaptive(rho: float, *, runs: int = 300, side: int = 30) -> tuple[list[float], list[float], list[bool]]:
    """Effects that are none, in sd, of a curriculum that promotes when the ten-point mean is high: raw, corrected, and
    whether the corrected one was found. Each run has 300 points and one promotion, which changes nothing.
    """
    rng = np.random.default_rng(int(rho * 100))
    level = 0.8 * math.sqrt((1 + rho) / (1 - rho) / WIDTH)
    raw: list[float] = []
    corrected: list[float] = []
    rejected: list[bool] = []
    while len(raw) < runs:
        (values,) = noise(rho, (1, 300), rng)
        means = np.convolve(values, np.ones(WIDTH) / WIDTH, mode="valid")
        change = int(np.argmax(means >= level)) + WIDTH
        if not side <= change <= 300 - side:
            continue
        rule = Rule("score", True, values, level, WIDTH, 0, change, True)  # a tuple's fields
        window = Window(change - side, change, change, change + side)
        found = estimate(
            Bins("score", 1.0, 1.0, values), window, ControlWindows(values, ((0, change), (change, 300))), rule=rule
        )
        if found is not None and found.correction is not None:
            raw.append(found.value + found.correction)
            corrected.append(found.value)
            rejected.append(found.p is not None and found.p < 0.05)
    return raw, corrected, rejected


def related(*, count: int, changes: int, rho: float, runs: int = 400) -> float:
    """The share of *runs* whose interval contains 0, for a parameter that is unrelated to the metric."""
    rng = np.random.default_rng([int(rho * 100), count, changes])
    held = 0
    for metric in noise(rho, (runs, count), rng):
        at = rng.choice(np.arange(1, count), changes, replace=False)
        parameter = np.cumsum(np.bincount(at, weights=rng.standard_normal(changes), minlength=count))
        found = correlation("parameter", changes, parameter, Bins("metric", 0.0, 1.0, metric), rng)
        held += found.low is not None and found.high is not None and found.low <= 0 <= found.high
    return held / runs


def banded(runs: int, *, events: int = 4, draws: int = 1000) -> float:
    """The share of *draws* whose band contains the mean of all runs. Runs differ as much as the events of one run."""
    rng = np.random.default_rng(runs)
    owners = np.repeat(np.arange(runs), events)
    held = 0
    for _ in range(draws):
        rows = rng.standard_normal(runs)[owners, None] + rng.standard_normal((len(owners), 1))
        found = band(rows, owners.tolist(), rng)
        held += bool(found.low[0] <= 0 <= found.high[0])
    return held / draws


def main() -> None:
    print("False positives at 5 %, 4,000 series in each cell")
    print(f"{'trend':>6} {'n':>4} " + " ".join(f"{f'rho {rho}':>28}" for rho in RHOS))
    print(f"{'':>11} " + " ".join(f"{' / '.join(METHODS):>28}" for _ in RHOS))
    for drift in (0.0, DRIFT):
        for count in LENGTHS:
            cells = (" / ".join(f"{rate(m, rho=rho, count=count, drift=drift):.3f}" for m in METHODS) for rho in RHOS)
            print(f"{'mild' if drift else 'none':>6} {count:>4} " + " ".join(f"{cell:>28}" for cell in cells))
    print("\nPower of envcfg's test, for an effect of 1 / 2 / 4 sd")
    for count in LENGTHS:
        cells = (
            " / ".join(f"{rate('envcfg', rho=rho, count=count, drift=DRIFT, effect=size):.2f}" for size in (1, 2, 4))
            for rho in RHOS
        )
        print(f"{'':>6} {count:>4} " + " ".join(f"{cell:>28}" for cell in cells))
    print("\nBias of an adaptive promotion without effect, in sd (standard error): raw, corrected; share found at 5 %")
    for rho in RHOS[:3]:
        raw, corrected, rejected = adaptive(rho, runs=500)
        sides = [f"{np.mean(side):+.3f} ({np.std(side) / math.sqrt(len(side)):.3f})" for side in (raw, corrected)]
        print(f"{'':>6} rho {rho:<4} {sides[0]:>18} {sides[1]:>18} {np.mean(rejected):>8.3f}")
    print("\nCorrelations with an unrelated parameter: share of 95 % intervals that contain 0")
    for count, changes in ((60, 8), (60, 20), (150, 8), (150, 20), (400, 20), (400, 100)):
        cells = (f"{related(count=count, changes=changes, rho=rho):.3f}" for rho in RHOS)
        print(f"{'':>6} {count:>4} points, {changes:>3} changes " + " ".join(f"{cell:>8}" for cell in cells))
    print("\nBands over runs of four changes each: share of 95 % bands that contain the mean of all runs")
    print(f"{'':>6} " + ", ".join(f"{runs} runs {banded(runs):.3f}" for runs in (3, 4, 5, 10, 20)))


if __name__ == "__main__":
    main()
