"""Estimate: the jump of a metric at a change, with an interval that placebos calibrate."""

from dataclasses import dataclass
from typing import Final

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.placebo import ENOUGH, ENOUGH_MATCHED, ControlWindows, Placebos, Trigger
from envcfg.analysis.effects.reml import p_value, quantile, step_design
from envcfg.analysis.effects.windows import Window

LEAST_POINTS: Final = 12
"""The points that a test needs. With fewer, an effect has a size but no interval and no p."""
LEAST_EFFECTIVE: Final = 4.0
"""The number of independent points that a test needs, after autocorrelation is taken into account."""
NO_NOISE: Final = 1e-9
"""A noise below this share of the metric's range is rounding of floating-point numbers."""
LEAST_SIDE: Final = 3
"""The points that each side needs for an estimate."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The jump of a metric after removing its trend, in the unit of the metric. It is an association, not a cause."""

    value: float
    se: float
    low: float | None
    """The lower end of the 95 % interval; None if there are too few points for one."""
    high: float | None
    sd: float
    """*value* in standard deviations of the metric's noise."""
    percent: float | None
    """*value* in per cent of the mean before; None if that mean is 0."""
    p: float | None
    """Two-sided, calibrated by placebos; None if there are too few points for a test."""
    points: tuple[int, int]
    """The number of points before and after."""
    means: tuple[float, float]
    """The plain means before and after; the trend is not removed."""
    rho: float
    """Autocorrelation of neighbouring bins."""
    effective: float
    """The number of independent points that the autocorrelated points are worth."""
    placebos: int
    inflation: float
    """The factor by which placebos increased the variance; 1 if they did not."""
    matched: int
    """The placebos that corrected an adaptive change: the same rule would have fired there. 0 if there were too few."""
    correction: float
    """The mean jump at these placebos. It is already subtracted from *value*."""


def estimate(
    values: Floats, window: Window, controls: ControlWindows, *, trigger: Trigger | None = None, trend: bool = True
) -> Estimate | None:
    """The jump of *values* at *window*; None if a side has fewer than `LEAST_SIDE` points, or there is no noise."""
    bins = window.indices(values)
    found = values[bins]
    before = int((bins < window.change).sum())
    after = len(bins) - before
    if min(before, after) < LEAST_SIDE or np.ptp(found) == 0:
        return None
    fit = step_design(bins, window.change, trend=trend).fit(found)
    if fit.sd[0] < NO_NOISE * np.ptp(found):
        return None
    everywhere = _calibration(controls, before, after, trend=trend)
    matched = _matched(controls, trigger, before, after, trend=trend)
    correction, doubt = _correction(matched)
    value, sd, df = float(fit.value[0]) - correction, float(fit.sd[0]), float(fit.df[0])
    se = float(np.sqrt(everywhere.inflation * fit.se[0] ** 2 + doubt))
    has_interval, has_test = len(bins) >= LEAST_POINTS, fit.points[0] >= LEAST_EFFECTIVE
    reach = quantile(df) * se
    means = float(found[:before].mean()), float(found[before:].mean())
    return Estimate(
        value=value,
        se=se,
        low=value - reach if has_interval else None,
        high=value + reach if has_interval else None,
        sd=value / sd if sd > 0 else 0.0,
        percent=100 * value / abs(means[0]) if means[0] else None,
        p=float(p_value(np.array(value / se), np.array(df))) if has_interval and has_test and se > 0 else None,
        points=(before, after),
        means=means,
        rho=float(fit.rho[0]),
        effective=float(fit.points[0]),
        placebos=len(everywhere) if len(everywhere) >= ENOUGH else 0,
        inflation=everywhere.inflation,
        matched=0 if matched is None else len(matched),
        correction=correction,
    )


def _calibration(controls: ControlWindows, before: int, after: int, *, trend: bool) -> Placebos:
    """Placebos of the size of this window. If too few fit between changes, smaller ones, down to a test's least."""
    for share in (1.0, 0.7, 0.5, 0.35, 0.0):
        sides = [max(LEAST_POINTS // 2, round(share * side)) for side in (before, after)]
        found = controls.placebos(*sides, trend=trend)
        if len(found) >= ENOUGH:
            break
    return found


def _matched(
    controls: ControlWindows, trigger: Trigger | None, before: int, after: int, *, trend: bool
) -> Placebos | None:
    if trigger is None or trigger.height <= 0:
        return None
    found = controls.matched(trigger, before, after, trend=trend)
    return found if len(found) >= ENOUGH_MATCHED else None


def _correction(matched: Placebos | None) -> tuple[float, float]:
    """The mean jump that the rule alone produces, and the variance of this mean."""
    if matched is None:
        return 0.0, 0.0
    found = matched.fit.value
    return float(found.mean()), float(found.var(ddof=1)) / len(found)
