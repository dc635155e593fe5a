"""The step of a metric at a change, with its interval and what placebos say of both."""

from dataclasses import dataclass
from typing import Final

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.placebo import ENOUGH, ENOUGH_MATCHED, ControlWindows, Placebos, Trigger
from envcfg.analysis.effects.reml import p_value, quantile, step_design
from envcfg.analysis.effects.windows import Window

LEAST_POINTS: Final = 12
"""Points that a test needs; with fewer, an effect has a size only."""
LEAST_EFFECTIVE: Final = 4.0
"""Independent points that those must be worth."""
NO_NOISE: Final = 1e-9
"""The share of a metric's range below which its noise is that of floating-point numbers."""
LEAST_SIDE: Final = 3
"""Points without which a side says nothing."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How far a metric stepped beyond its trend, in its own unit; an association, whatever the cause."""

    value: float
    se: float
    low: float | None
    """The 95 % interval; None where too few points say how sure one can be."""
    high: float | None
    sd: float
    """*value* in standard deviations of the metric's noise."""
    percent: float | None
    """*value* in per cent of the mean before; None where that is 0."""
    p: float | None
    """Two-sided, calibrated by placebos; None where no test can be made."""
    points: tuple[int, int]
    means: tuple[float, float]
    """The plain means before and after, trend and all."""
    rho: float
    """Autocorrelation of neighbouring bins."""
    effective: float
    """How many independent points the autocorrelated ones are worth."""
    placebos: int
    inflation: float
    """By how much the placebos made the variance larger, 1 where they did not."""
    matched: int
    """Placebos at which the rule of an adaptive change would have fired; they correct it where there are enough."""
    correction: float
    """What those found where nothing changed, already taken from *value*."""


def estimate(
    values: Floats, window: Window, quiet: ControlWindows, *, trigger: Trigger | None = None, trend: bool = True
) -> Estimate | None:
    """The step of *values* at *window*; None where a side has fewer than `LEAST_SIDE` points, or there is no noise."""
    bins = window.indices(values)
    found = values[bins]
    before = int((bins < window.change).sum())
    after = len(bins) - before
    if min(before, after) < LEAST_SIDE or np.ptp(found) == 0:
        return None
    fit = step_design(bins, window.change, trend=trend).fit(found)
    if fit.sd[0] < NO_NOISE * np.ptp(found):
        return None
    everywhere = _calibration(quiet, before, after, trend=trend)
    matched = _matched(quiet, trigger, before, after, trend=trend)
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


def _calibration(quiet: ControlWindows, before: int, after: int, *, trend: bool) -> Placebos:
    """Placebos of this window; of a smaller one, down to a test's least, where too few of it fit between changes."""
    for share in (1.0, 0.7, 0.5, 0.35, 0.0):
        sides = [max(LEAST_POINTS // 2, round(share * side)) for side in (before, after)]
        found = quiet.placebos(*sides, trend=trend)
        if len(found) >= ENOUGH:
            break
    return found


def _matched(
    quiet: ControlWindows, trigger: Trigger | None, before: int, after: int, *, trend: bool
) -> Placebos | None:
    if trigger is None or trigger.height <= 0:
        return None
    found = quiet.matched(trigger, before, after, trend=trend)
    return found if len(found) >= ENOUGH_MATCHED else None


def _correction(matched: Placebos | None) -> tuple[float, float]:
    """What the rule alone does to the measurement, and the variance of knowing it from so few placebos."""
    if matched is None:
        return 0.0, 0.0
    found = matched.fit.value
    return float(found.mean()), float(found.var(ddof=1)) / len(found)
