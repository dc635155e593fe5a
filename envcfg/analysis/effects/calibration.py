"""How often the method finds an effect where there is none, in the noise of a run."""

from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.effect import metric_windows
from envcfg.analysis.effects.estimate import LEAST_EFFECTIVE
from envcfg.analysis.effects.placebo import ENOUGH
from envcfg.analysis.effects.reml import p_value, step_design
from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.sources.metrics import metric as metric_of
from envcfg.sources.series import Series

SIDES: Final = (30, 21, 15, 10, 6)
"""The numbers of bins on each side of a placebo that are tried, from the largest on."""
SIMULATED: Final = 2_000


class Calibration(NamedTuple):
    """False-positive rates at 5 %, as shares from 0 to 1."""

    metric: str
    side: int
    """Bins on each side of a window."""
    rho: float
    """The autocorrelation of neighbouring bins: the median over the windows."""
    windows: int
    """The number of windows in which nothing changed."""
    independent: int
    """The number of these windows that share no bin."""
    found: float
    """The rate in these windows, by the test of an effect before placebos calibrate it."""
    inflation: float
    """The factor by which placebos increase the variance of this run's effects."""
    welch: float
    """The rate in these windows, by Welch's t-test, which assumes independent points."""
    simulated: float
    """The rate in simulated series of the same autocorrelation and length, by the test of an effect."""


def calibration(history: History, metric: str | Series | None = None, *, seed: int = 0) -> Calibration:
    """The false-positive rates of the effects of a run. About 0.05 is right.

    *metric* is a name or a `Series`; by default the run's reward. *seed* is that of the simulated series. Raises
    `SourceError` if no part of the run without a change is long enough, or if the run did not log the metric.

    >>> from envcfg import calibration, load, sample
    >>> rates = calibration(load(sample("forage")))
    >>> rates.metric, 0 <= rates.simulated <= 0.1
    ('returns', True)
    """
    series = metric if isinstance(metric, Series) else metric_of(history, metric)
    data = metric_windows(history, series)
    for side in SIDES:
        placebos = data.controls.placebos(side, side)
        if len(placebos) >= ENOUGH:
            break
    else:
        raise SourceError(
            f"{data.series.name} has too few points between changes for a calibration: {len(placebos)} windows with "
            f"{side} points on each side were found, and {ENOUGH} are needed"
        )
    fit, rho = placebos.fit, float(np.median(placebos.fit.rho))
    rows = data.bins.values[placebos.positions[:, None] + np.arange(-side, side)]
    return Calibration(
        metric=data.series.name,
        side=side,
        rho=rho,
        windows=len(placebos),
        independent=_apart(placebos.positions.tolist(), 2 * side),
        found=float(np.mean((fit.p < 0.05) & (fit.points >= LEAST_EFFECTIVE))),
        inflation=placebos.inflation,
        welch=float(np.mean(_welch(rows) < 0.05)),
        simulated=_simulated(rho, side, np.random.default_rng(seed)),
    )


def _apart(positions: list[int], distance: int) -> int:
    count, last = 0, -distance
    for position in positions:
        if position - last >= distance:
            count, last = count + 1, position
    return count


def _welch(rows: Floats) -> Floats:
    side = rows.shape[1] // 2
    sides = (rows[:, :side], rows[:, side:])
    before, after = (part.var(axis=1, ddof=1) / side for part in sides)
    total = np.maximum(before + after, np.finfo(float).tiny)
    df = (side - 1) * total**2 / np.maximum(before**2 + after**2, np.finfo(float).tiny)
    return p_value((sides[1].mean(axis=1) - sides[0].mean(axis=1)) / np.sqrt(total), df)


def _simulated(rho: float, side: int, rng: np.random.Generator) -> float:
    rows = rng.standard_normal((SIMULATED, 2 * side))
    for point in range(1, rows.shape[1]):
        rows[:, point] = rho * rows[:, point - 1] + (1 - rho**2) ** 0.5 * rows[:, point]
    fit = step_design(np.arange(2 * side), side).fit(rows)
    return float(np.mean((fit.p < 0.05) & (fit.points >= LEAST_EFFECTIVE)))
