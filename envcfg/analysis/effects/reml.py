"""Estimate, the regression: residual maximum likelihood (REML) with AR(1) noise, for one or many series at once.

The noise of two points that are *d* bins apart has the correlation rho to the power *d*. The likelihood is by Patterson
and Thompson (1971, doi 10.1093/biomet/58.3.545). Turner et al. (2021, doi 10.1186/s12874-021-01364-0) compared the
usual methods for interrupted time series and found REML the best.
"""

from functools import cached_property
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, Ints, np, stdtr, stdtrit

RHO: Final = np.arange(0.0, 0.996, 0.01)
"""The autocorrelations that are tried. Negative ones would only give smaller p values, so the smallest is 0."""


class Fit(NamedTuple):
    """One coefficient for each series; each array has the shape (series,)."""

    value: Floats
    se: Floats
    rho: Floats
    sd: Floats
    """The standard deviation of the noise at one point."""
    points: Floats
    """The number of independent points that the points are worth: n(1 - rho)/(1 + rho)."""
    df: Floats
    """The degrees of freedom: the effective points minus the number of coefficients, at least 1."""

    @property
    def t(self) -> Floats:
        return self.value / self.se

    @property
    def p(self) -> Floats:
        """Two-sided."""
        return p_value(self.t, self.df)


def p_value(t: Floats, df: Floats) -> Floats:
    """The two-sided p of Student's *t*."""
    return np.asarray(2 * stdtr(df, -np.abs(t)), dtype=np.float64)


def quantile(df: float, *, level: float = 0.95) -> float:
    """The half width of an interval of *level*, in standard errors."""
    return float(stdtrit(df, (1 + level) / 2))


class Design:
    """The columns of a regression. They are whitened once for each autocorrelation, and then fitted to many series."""

    def __init__(self, columns: Floats, bins: Ints, *, of: int) -> None:
        """*columns* is (points, coefficients). *bins* increase and may have gaps. *of* is the coefficient to return."""
        self._columns = columns
        self._gaps = np.diff(bins)
        self._of = of

    def fit(self, series: Floats) -> Fit:
        """Fit each row of *series*, (series, points) or (points,)."""
        rows = np.atleast_2d(series)
        count, coefficients = self._columns.shape
        likelihoods, sums = self._profile(rows)
        best = np.argmax(likelihoods, axis=0)
        variance = sums[best, np.arange(len(rows))] / (count - coefficients)
        value = np.empty(len(rows))
        for position in np.unique(best):
            chosen = best == position
            value[chosen] = self._whiten(rows[chosen], position) @ self._solvers[position]
        rho = RHO[best]
        points = count * (1 - rho) / (1 + rho)
        df = np.maximum(points - coefficients, 1.0)
        return Fit(value, np.sqrt(variance * self._scales[best]), rho, np.sqrt(variance), points, df)

    def _profile(self, rows: Floats) -> tuple[Floats, Floats]:
        """The residual log likelihood and the residual sum of squares, each (autocorrelations, series)."""
        count, coefficients = self._columns.shape
        sums = np.empty((len(RHO), len(rows)))
        for position in range(len(RHO)):
            whitened = self._whiten(rows, position)
            fitted = whitened @ self._bases[position]
            sums[position] = np.square(whitened).sum(1) - np.square(fitted).sum(1)
        sums = np.maximum(sums, np.finfo(float).tiny)
        likelihoods: Floats = -0.5 * ((count - coefficients) * np.log(sums) + self._penalties[:, None])
        return likelihoods, sums

    def _whiten(self, rows: Floats, position: int) -> Floats:
        """Subtract from each point its prediction from the point before: the noise becomes independent."""
        carried, spread = self._steps[position]
        whitened: Floats = np.concatenate([rows[:, :1], (rows[:, 1:] - carried * rows[:, :-1]) / spread], axis=1)
        return whitened

    @cached_property
    def _steps(self) -> list[tuple[Floats, Floats]]:
        carried = [rho**self._gaps for rho in RHO]
        return [(share, np.sqrt(1 - share**2)) for share in carried]

    @cached_property
    def _whitened(self) -> list[Floats]:
        return [self._whiten(self._columns.T, position).T for position in range(len(RHO))]

    @cached_property
    def _bases(self) -> list[Floats]:
        return [np.linalg.qr(columns)[0] for columns in self._whitened]

    @cached_property
    def _solvers(self) -> list[Floats]:
        return [np.linalg.pinv(columns)[self._of] for columns in self._whitened]

    @cached_property
    def _scales(self) -> Floats:
        return np.array([np.linalg.inv(columns.T @ columns)[self._of, self._of] for columns in self._whitened])

    @cached_property
    def _penalties(self) -> Floats:
        """log|V| + log|X'V⁻¹X|."""
        spreads = np.array([2 * np.log(spread).sum() for _, spread in self._steps])
        found = np.array([np.linalg.slogdet(columns.T @ columns)[1] for columns in self._whitened])
        penalties: Floats = spreads + found
        return penalties


def step_design(bins: Ints, change: int, *, trend: bool = True) -> Design:
    """The regression y = a + b·t + c·[bin ≥ *change*]; its fit returns c."""
    step = (bins >= change).astype(float)
    middle = (bins - bins.mean()) / max(1.0, float(np.ptp(bins)))
    columns = [np.ones(len(bins)), *([middle] if trend else []), step]
    return Design(np.stack(columns, axis=1), bins, of=len(columns) - 1)
