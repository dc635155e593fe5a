"""Pooling, the numbers: the mean jump over runs, with Student's t over runs.

Runs are the units. Each counts once: the standard errors of single runs come from few points, and weights from them
would be noise. With equal weights, the interval by Hartung and Knapp (2001, doi 10.1002/sim.791) is Student's. What all
runs have in common does not become smaller with their number, so it is added: the bend of their curve, and the doubt
about the simulated rule. Cochran's Q, I-squared (Higgins and Thompson 2002, doi 10.1002/sim.1186) and the variance
between runs (DerSimonian and Laird 1986, doi 10.1016/0197-2456(86)90046-2) describe how much the runs differ.
"""

from collections.abc import Sequence
from math import comb, sqrt
from typing import NamedTuple

from envcfg.analysis.effects.arrays import np
from envcfg.analysis.effects.estimate import smallest
from envcfg.analysis.effects.reml import p_value, quantile


class Pooled(NamedTuple):
    """The mean effect over runs, and how much the runs differ."""

    value: float
    se: float
    df: float
    low: float
    high: float
    p: float
    shared: float
    """The part of *se* that is common to all runs: the bend of their curve, and the doubt about a simulated rule."""
    controls: int
    """The least number of other runs without the change that each run was compared with; 0 if there were too few."""
    q_statistic: float
    """Cochran's Q."""
    tau_squared: float
    """The variance of the true effects between runs."""
    i_squared: float
    """The share of the variation between runs that is more than noise, in per cent."""
    runs: int
    positive: int
    """The number of runs with an effect above 0."""
    sign_p: float
    """Two-sided, of the sign test."""

    @property
    def detectable(self) -> float:
        """The smallest effect that a test at 5 % finds in 80 of 100 such sweeps."""
        return smallest(self.se, self.df)


class Spread(NamedTuple):
    """How much the effects of several runs differ."""

    q_statistic: float
    tau_squared: float
    i_squared: float


def pool(
    jumps: Sequence[float],
    variances: Sequence[float],
    *,
    shared: float = 0.0,
    least_se: float = 0.0,
    controls: int = 0,
) -> Pooled:
    """Pool at least two effects. *variances* are those of single runs, *shared* is the standard error that all share.

    *least_se* is a standard error from another source; the larger one counts.
    """
    y = np.asarray(jumps, dtype=float)
    count, value, positive = len(y), float(y.mean()), int((y > 0).sum())
    se = sqrt(max(float(y.var(ddof=1)) / count, least_se**2) + shared**2)
    reach = quantile(count - 1) * se
    return Pooled(
        value=value,
        se=se,
        df=count - 1.0,
        low=value - reach,
        high=value + reach,
        p=float(p_value(np.array(value / se), count - 1.0)) if se > 0 else float(value == 0),
        shared=shared,
        controls=controls,
        runs=count,
        positive=positive,
        sign_p=sign_test(positive, int((y != 0).sum())),
        **spread(jumps, variances)._asdict(),
    )


def spread(values: Sequence[float], variances: Sequence[float]) -> Spread:
    """The heterogeneity of *values* with these *variances*."""
    y, weights = np.asarray(values, dtype=float), 1 / np.asarray(variances, dtype=float)
    q_statistic = float(weights @ np.square(y - weights @ y / weights.sum()))
    scale = float(weights.sum() - np.square(weights).sum() / weights.sum())
    excess = q_statistic - (len(y) - 1)
    return Spread(q_statistic, max(0.0, excess / scale), 100 * max(0.0, excess / q_statistic) if q_statistic else 0.0)


def sign_test(positive: int, count: int) -> float:
    """The two-sided p of *positive* out of *count* signs, if both signs have the same probability."""
    tail = sum(comb(count, more) for more in range(max(positive, count - positive), count + 1))
    p: float = 2.0 * tail / 2.0**count
    return min(1.0, p)
