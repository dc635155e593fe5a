"""Estimate: the jump of a metric at a change, with an interval that placebos calibrate."""

from dataclasses import dataclass, field
from typing import Final

from envcfg.analysis.effects.around import Around, around
from envcfg.analysis.effects.arrays import np
from envcfg.analysis.effects.bends import is_slope
from envcfg.analysis.effects.bins import Bins
from envcfg.analysis.effects.placebo import ENOUGH, ControlWindows, Placebos
from envcfg.analysis.effects.reml import p_value, quantile, step_design
from envcfg.analysis.effects.rule import Rule, UnknownRule
from envcfg.analysis.effects.selection import DOUBT, selection
from envcfg.analysis.effects.windows import Window

LEAST_POINTS: Final = 12
"""The points that a test needs. With fewer, an effect has a size but no interval and no p."""
LEAST_EFFECTIVE: Final = 4.0
"""The number of independent points that a test needs, after autocorrelation is taken into account."""
NO_NOISE: Final = 1e-9
"""A noise below this share of the metric's range is rounding of floating-point numbers."""
LEAST_SIDE: Final = 3
"""The points that each side needs for an estimate."""
POWER: Final = 0.8
"""The probability with which the smallest detectable effect is found."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The jump of a metric after removing its trend, in the unit of the metric. It is an association, not a cause."""

    value: float
    se: float
    low: float | None
    """The lower end of the 95 % interval; None if there is no honest one."""
    high: float | None
    sd: float
    """*value* in standard deviations of the metric's noise."""
    percent: float | None
    """*value* in per cent of the mean before; None if that mean is 0."""
    p: float | None
    """Two-sided, calibrated by placebos; None if no test is possible."""
    points: tuple[int, int]
    """The number of points before and after."""
    means: tuple[float, float]
    """The plain means before and after; the trend is not removed."""
    rho: float
    """Autocorrelation of neighbouring bins."""
    effective: float
    """The number of independent points that the autocorrelated points are worth."""
    df: float
    """The degrees of freedom of the test."""
    bend: float
    """The part of *se* that comes from the bend of the curve; 0 for a straight one."""
    is_slope: bool
    """Whether the metric moved over several points around the change, rather than jumped. Then there is no test."""
    placebos: int
    inflation: float
    """The factor by which placebos increased the variance; 1 if they did not."""
    rule: str | None
    """The rule of an adaptive change that was simulated; None if there was none, or if it is unknown."""
    correction: float | None
    """The jump that the rule alone produces. It is already subtracted from *value*. None if the change was adaptive and
    could not be corrected; 0 if it was not adaptive."""
    around: Around = field(repr=False, compare=False)
    """The values that were used."""

    @property
    def detectable(self) -> float | None:
        """The smallest effect that a test at 5 % finds in 80 of 100 such runs; None if no test is possible."""
        return None if self.p is None else smallest(self.se, self.df)


def smallest(se: float, df: float) -> float:
    """The smallest effect that a two-sided test at 5 % finds with the probability `POWER`."""
    return se * (quantile(df) + quantile(df, level=2 * POWER - 1))


def estimate(
    data: Bins, window: Window, controls: ControlWindows, *, rule: Rule | UnknownRule | None = None
) -> Estimate | None:
    """The jump of a metric at *window*; None if a side has fewer than `LEAST_SIDE` points, or there is no noise."""
    bins = window.indices(data.values)
    found = data.values[bins]
    before = int((bins < window.change).sum())
    after = len(bins) - before
    if min(before, after) < LEAST_SIDE or np.ptp(found) == 0:
        return None
    design = step_design(bins, window.change)
    bias = selection(rule, bins, found, design) if isinstance(rule, Rule) else None
    rest = found if bias is None else found - bias
    fit = design.fit(rest)
    if fit.sd[0] < NO_NOISE * np.ptp(found):
        return None
    correction = 0.0 if bias is None else float(design.apply(bias, fit.choice)[0])
    is_corrected = rule is None or bias is not None
    slope = is_slope(bins, (window.change + window.after) // 2, rest, fit)
    everywhere = _calibration(controls, before, after)
    value, sd, df = float(fit.value[0]), float(fit.sd[0]), float(fit.df[0])
    se = float(np.sqrt(everywhere.inflation * fit.se[0] ** 2 + (DOUBT * correction) ** 2))
    has_interval = len(bins) >= LEAST_POINTS and is_corrected and not slope
    has_test = has_interval and fit.points[0] >= LEAST_EFFECTIVE and se > 0
    reach = quantile(df) * se
    means = float(found[:before].mean()), float(found[before:].mean())
    return Estimate(
        value=value,
        se=se,
        low=value - reach if has_interval else None,
        high=value + reach if has_interval else None,
        sd=value / sd if sd > 0 else 0.0,
        percent=100 * value / abs(means[0]) if means[0] else None,
        p=float(p_value(np.array(value / se), df)) if has_test else None,
        points=(before, after),
        means=means,
        rho=float(fit.rho[0]),
        effective=float(fit.points[0]),
        df=df,
        bend=float(fit.bend[0]),
        is_slope=slope,
        placebos=len(everywhere) if len(everywhere) >= ENOUGH else 0,
        inflation=everywhere.inflation,
        rule=str(rule) if isinstance(rule, Rule) and bias is not None else None,
        correction=correction if is_corrected else None,
        around=around(data, window, bias),
    )


def _calibration(controls: ControlWindows, before: int, after: int) -> Placebos:
    """Placebos of the size of this window. If too few fit between changes, smaller ones, down to a test's least."""
    for share in (1.0, 0.7, 0.5, 0.35, 0.0):
        sides = [max(LEAST_POINTS // 2, round(share * side)) for side in (before, after)]
        found = controls.placebos(*sides)
        if len(found) >= ENOUGH:
            break
    return found
