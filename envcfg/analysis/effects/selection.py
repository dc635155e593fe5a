"""Estimate, for adaptive changes: the bias of the moment that a rule chose.

A curriculum promotes because a metric rose. The noise was high at that moment, and falls afterwards without any effect.
The recorded rule is simulated in noise of the fitted kind. The mean noise around the simulated decisions is then
subtracted from the metric.
"""

from collections.abc import Sequence
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
LEAST: Final = 3
"""The points before the decision that are needed."""
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
    trigger = values if rule.is_own else rule.values[bins]
    offsets = bins - rule.fired
    if not np.isfinite(trigger).all() or (offsets < 0).sum() < LEAST:
        return None
    (found,) = selections([rule], offsets, values[None, :], trigger[None, :], design)
    return found if np.isfinite(found).all() else None


def selections(rules: Sequence[Rule], offsets: Ints, values: Floats, triggers: Floats, design: Design) -> Floats:
    """The same for many runs whose bins have the same *offsets* from their decision. NaN where a rule is hardly met."""
    bias, rule_bias = np.zeros_like(values), np.zeros_like(values)
    is_own = np.array([rule.is_own for rule in rules])
    at = np.clip(offsets + MEMORY, 0, 3 * MEMORY - 1)
    for _ in range(ROUNDS):
        rests, trigger_rests = values - np.nan_to_num(bias), triggers - np.nan_to_num(rule_bias)
        fit = design.fit(rests)
        rule_fit = fit if is_own.all() else design.fit(trigger_rests)
        for row, rule in enumerate(rules):
            one, other = _strength(fit, row), _strength(rule_fit, row)
            r = 1.0 if rule.is_own else _related(offsets, rests[row], trigger_rests[row])
            found = expected(_noise(rule, offsets, trigger_rests[row], one, other, r=r))
            sign = 1.0 if rule.is_rise else -1.0
            bias[row] = np.nan if found is None else sign * one.sd * found[0][at]
            rule_bias[row] = np.nan if found is None else sign * other.sd * found[1][at]
    return bias


class Strength(NamedTuple):
    """The noise of one metric."""

    sd: float
    rho: float


def _strength(fit: Fit, row: int) -> Strength:
    return Strength(float(fit.sd[row]), float(fit.rho[row]))


def _noise(rule: Rule, offsets: Ints, trigger: Floats, own: Strength, other: Strength, *, r: float) -> Noise:
    """The noise to simulate, rounded so that similar changes share one simulation."""
    x, y = offsets[offsets < 0].astype(float), trigger[offsets < 0]
    centred = x - x.mean()
    squares = max(float(centred @ centred), 1.0)
    slope = float(centred @ y) / squares
    error = other.sd * ((1 + other.rho) / (1 - other.rho) / squares) ** 0.5
    if abs(slope) < _SLOPE * error:
        slope = 0.0
    level = float(y.mean()) - slope * float(x.mean())
    sign = 1.0 if rule.is_rise else -1.0
    return Noise(
        rho=min(0.9, _rounded(own.rho, 0.1)),
        rule_rho=min(0.9, _rounded(other.rho, 0.1)),
        r=r,
        height=_rounded(sign * (rule.threshold - level) / other.sd, 0.1),
        slope=_rounded(sign * slope / other.sd, 0.02),
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


@lru_cache(maxsize=10_000)
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
    rule_paths = _autoregressive(steps, noise.rule_rho)
    if noise.r == 1 and noise.rho == noise.rule_rho:
        return rule_paths, rule_paths
    own = noise.r * steps + (1 - noise.r**2) ** 0.5 * draw.standard_normal((length, PATHS))
    return rule_paths, _autoregressive(own, noise.rho)


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
