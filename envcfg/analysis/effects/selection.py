"""Estimate, for adaptive changes: the bias of the moment that a rule chose.

A curriculum promotes because a metric rose. The noise was high at that moment, and falls afterwards without any effect.
The recorded rule is simulated in noise of the fitted kind. The mean noise around the simulated decisions is then
subtracted from the metric.
"""

from functools import lru_cache
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, Ints, np
from envcfg.analysis.effects.reml import Design, Fit
from envcfg.analysis.effects.rule import Rule

PATHS: Final = 3_000
"""The series that are simulated."""
ENOUGH: Final = 200
"""The simulated decisions that a correction needs."""
MEMORY: Final = 45
"""The most points before the decision that are simulated."""
ROUNDS: Final = 3
"""How often the noise is fitted, each time without the bias that was found before."""
DOUBT: Final = 0.2
"""The share of the correction that counts as its standard error: the fitted noise is not exactly the true one."""
_SLOPE: Final = 2.0
"""A trend of the metric before the decision counts if it is this many standard errors from 0."""


class Noise(NamedTuple):
    """What is simulated, in standard deviations of the noise of the rule's metric."""

    rho: float
    """The autocorrelation of the measured metric."""
    rule_rho: float
    """The autocorrelation of the metric of the rule."""
    r: float
    """The correlation of the two; 1 if they are the same."""
    height: float
    """The threshold above the expected value at the decision."""
    slope: float
    """The trend of the rule's metric for each bin."""
    width: int
    waited: int
    """The number of bins from the start of the stage to the decision."""


def selection(rule: Rule, bins: Ints, values: Floats, design: Design) -> Floats | None:
    """The part of *values* (at *bins*) that comes from the chosen moment; None if the rule is too rarely met.

    *design* is the regression of the measured metric in its window.
    """
    offsets = bins - rule.fired
    trigger = values if rule.is_own else rule.values[bins]
    if not np.isfinite(trigger).all() or (offsets < 0).sum() < 3:
        return None
    bias, rule_bias = np.zeros(len(bins)), np.zeros(len(bins))
    for _ in range(ROUNDS):
        fit = design.fit(values - bias)
        rule_fit = fit if rule.is_own else design.fit(trigger - rule_bias)
        noise = _noise(rule, offsets, trigger - (bias if rule.is_own else rule_bias), fit, rule_fit)
        noise = noise._replace(r=1.0 if rule.is_own else _related(offsets, values - bias, trigger - rule_bias))
        found = expected(noise)
        if found is None:
            return None
        sign = 1.0 if rule.is_rise else -1.0
        at = np.clip(offsets + MEMORY, 0, 3 * MEMORY - 1)
        bias, rule_bias = sign * float(fit.sd[0]) * found[0][at], sign * float(rule_fit.sd[0]) * found[1][at]
    return bias


def _noise(rule: Rule, offsets: Ints, trigger: Floats, fit: Fit, rule_fit: Fit) -> Noise:
    """The noise to simulate, rounded so that similar changes share one simulation."""
    sd, rho = float(rule_fit.sd[0]), float(rule_fit.rho[0])
    x, y = offsets[offsets < 0].astype(float), trigger[offsets < 0]
    centred = x - x.mean()
    squares = max(float(centred @ centred), 1.0)
    slope = float(centred @ y) / squares
    error = sd * ((1 + rho) / (1 - rho) / squares) ** 0.5
    if abs(slope) < _SLOPE * error:
        slope = 0.0
    level = float(y.mean()) - slope * float(x.mean())
    sign = 1.0 if rule.is_rise else -1.0
    return Noise(
        rho=min(0.9, _rounded(float(fit.rho[0]), 0.1)),
        rule_rho=min(0.9, _rounded(rho, 0.1)),
        r=1.0,
        height=_rounded(sign * (rule.threshold - level) / sd, 0.1),
        slope=_rounded(sign * slope / sd, 0.02),
        width=rule.width,
        waited=max(rule.width, min(MEMORY, int(_rounded(rule.fired - rule.start, 5)))),
    )


def _rounded(value: float, step: float) -> float:
    return round(min(round(value / step) * step, 1e6), 6)


def _related(offsets: Ints, values: Floats, trigger: Floats) -> float:
    """The correlation of the two metrics, without the mean and the trend of each side."""
    rests = []
    for chosen in (offsets < 0, offsets >= 0):
        line = np.linalg.qr(np.stack([np.ones(chosen.sum()), offsets[chosen]], axis=1))[0]
        both = np.stack([values[chosen], trigger[chosen]], axis=1)
        rests.append(both - line @ (line.T @ both))
    x, y = np.concatenate(rests).T
    spread = float(np.sqrt((x @ x) * (y @ y)))
    return _rounded(float(x @ y) / spread, 0.1) if spread > 0 else 0.0


@lru_cache(maxsize=1_000)
def expected(noise: Noise) -> tuple[Floats, Floats] | None:
    """The mean noise of the measured metric and of the rule's, at each offset from -`MEMORY` to 2·`MEMORY`."""
    rule_paths, paths = _simulated(noise)
    at = _decisions(noise, rule_paths)
    chosen = np.flatnonzero((at >= noise.waited / 2) & (at <= 2 * noise.waited))
    if len(chosen) < ENOUGH:
        return None
    index = at[chosen, None] + np.arange(-MEMORY, 2 * MEMORY)
    is_inside = (index >= 0) & (index < paths.shape[1])
    index = np.clip(index, 0, paths.shape[1] - 1)
    counts = np.maximum(is_inside.sum(axis=0), 1)
    own, other = (
        np.where(is_inside, each[chosen[:, None], index], 0.0).sum(0) / counts for each in (paths, rule_paths)
    )
    return own, other


def _simulated(noise: Noise) -> tuple[Floats, Floats]:
    """AR(1) noise of variance one: that of the rule's metric, and that of the measured one."""
    length = 2 * noise.waited + 2 * MEMORY
    draw = np.random.default_rng(0)
    steps = draw.standard_normal((length, PATHS))
    own = steps if noise.r == 1 else noise.r * steps + (1 - noise.r**2) ** 0.5 * draw.standard_normal((length, PATHS))
    return _autoregressive(steps, noise.rule_rho), _autoregressive(own, noise.rho)


def _autoregressive(steps: Floats, rho: float) -> Floats:
    found, share = steps.copy(), (1 - rho**2) ** 0.5
    for point in range(1, len(found)):
        found[point] = rho * found[point - 1] + share * steps[point]
    return found.T


def _decisions(noise: Noise, paths: Floats) -> Ints:
    """The point after which the rule fires for the first time in each series; 0 if it does not fire."""
    length = 2 * noise.waited
    trend = noise.slope * (np.arange(length) - noise.waited)
    sums = np.cumsum(np.pad(paths[:, :length] + trend, ((0, 0), (1, 0))), axis=1)
    is_high = (sums[:, noise.width :] - sums[:, : -noise.width]) / noise.width >= noise.height
    found: Ints = np.where(is_high.any(axis=1), is_high.argmax(axis=1) + noise.width, 0)
    return found
