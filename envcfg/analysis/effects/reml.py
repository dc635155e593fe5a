"""Estimate, the regression: residual maximum likelihood (REML) with AR(1) noise, for one or many series at once.

The noise of two points that are *d* bins apart has the correlation rho to the power *d*. The likelihood is by Patterson
and Thompson (1971, doi 10.1093/biomet/58.3.545). Turner et al. (2021, doi 10.1186/s12874-021-01364-0) compared the
usual methods for interrupted time series and found REML the best.

A learning curve bends, and a straight trend would take its bend for a jump. So the regression may have a random smooth
curve, see `whitened`. `STRICT` decides how much bend is assumed.
"""

from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, Ints, np, stdtr, stdtrit
from envcfg.analysis.effects.whitened import BENDS, Whitened, smooth_basis

RHO: Final = np.arange(0.0, 0.996, 0.02)
"""The autocorrelations that are tried. Negative ones would only give smaller p values, so the smallest is 0."""
STRICT: Final = 0.5
"""Assume the strongest bend whose log likelihood is at most this much below the best. Unbalanced windows: more."""


class Fit(NamedTuple):
    """One coefficient for each series; each array has the shape (series,)."""

    value: Floats
    se: Floats
    """From the noise and from the bend of the curve."""
    rho: Floats
    sd: Floats
    """The standard deviation of the noise at one point."""
    points: Floats
    """The number of independent points that the points are worth: n(1 - rho)/(1 + rho)."""
    df: Floats
    """The degrees of freedom, at least 1: the effective points, as if both sides had as many, without those that the
    curve takes, minus one for each coefficient and one for the autocorrelation."""
    bend: Floats
    """The part of *se* that comes from the bend of the curve; 0 for a straight one. More runs do not make it smaller
    if their curves bend in the same way."""
    choice: Ints
    """The autocorrelation and the bend, for `Design.apply`."""
    likelihood: Floats
    """The highest residual log likelihood. It can be compared with that of other designs for the same bins."""

    @property
    def t(self) -> Floats:
        return self.value / self.se

    @property
    def p(self) -> Floats:
        """Two-sided."""
        return p_value(self.t, self.df)


def p_value(t: Floats, df: Floats | float) -> Floats:
    """The two-sided p of Student's *t*."""
    return np.asarray(2 * stdtr(df, -np.abs(t)), dtype=np.float64)


def quantile(df: float, *, level: float = 0.95) -> float:
    """The half width of an interval of *level*, in standard errors."""
    return float(stdtrit(df, (1 + level) / 2))


class Design:
    """The columns of a regression. They are whitened once for each autocorrelation, and then fitted to many series."""

    def __init__(self, columns: Floats, bins: Ints, *, of: int, bends: bool = False, balance: float = 1.0) -> None:
        """*columns* is (points, coefficients). *bins* increase and may have gaps. *of* is the coefficient to return.

        With *bends*, the columns must contain a constant and a straight line. *balance* is the share of the points that
        would do as well if both sides had as many: an unbalanced window depends more on the shape of the curve.
        """
        self._columns, self._bins, self._of, self._balance = columns, bins, of, balance
        self._bends = BENDS if bends else BENDS[:1]

    def fit(self, series: Floats) -> Fit:
        """Fit each row of *series*, (series, points) or (points,)."""
        rows = np.atleast_2d(series)
        count, coefficients = self._columns.shape
        likelihoods, sums = self._profile(rows)
        choice = _chosen(likelihoods, STRICT / self._balance)
        each = np.arange(len(rows))
        position, strength = np.divmod(choice, len(self._bends))
        variance = sums[position, strength, each] / (count - coefficients)
        rho = RHO[position]
        points = count * (1 - rho) / (1 + rho)
        straight = self._table("straight")[position, strength]
        df = np.maximum(points * self._balance * straight - coefficients - 1, 1.0)
        scale, bend = (np.sqrt(variance * self._table(name)[position, strength]) for name in ("scale", "bend"))
        best = likelihoods.max(axis=(0, 1)) + 0.5 * np.linalg.slogdet(self._columns.T @ self._columns)[1]
        return Fit(self.apply(rows, choice), scale, rho, np.sqrt(variance), points, df, bend, choice, best)

    def apply(self, series: Floats, choice: Ints) -> Floats:
        """The coefficient of each row, with the autocorrelation and the bend that *choice* gives for each row."""
        rows = np.atleast_2d(series)
        found = np.empty(len(rows))
        for one in np.unique(choice):
            position, strength = divmod(int(one), len(self._bends))
            chosen = choice == one
            found[chosen] = self._whitened[position].coefficient(rows[chosen], strength)
        return found

    def precision(self, rho: float) -> tuple[float, float, float]:
        """For a straight metric with noise of variance one: the standard error, the effective points and their df."""
        position = int(np.argmin(np.abs(RHO - rho)))
        count, coefficients = self._columns.shape
        points = count * (1 - rho) / (1 + rho)
        return float(self._whitened[position].scale[0]) ** 0.5, points, max(points - coefficients - 1, 1.0)

    def _profile(self, rows: Floats) -> tuple[Floats, Floats]:
        """The residual log likelihood and the residual sum of squares, each (autocorrelations, bends, series)."""
        count, coefficients = self._columns.shape
        sums = np.stack([each.sums(rows) for each in self._whitened])
        sums = np.maximum(sums, np.finfo(float).tiny)
        likelihoods: Floats = -0.5 * ((count - coefficients) * np.log(sums) + self._table("penalty")[:, :, None])
        return likelihoods, sums

    def _table(self, name: str) -> Floats:
        """One number for each autocorrelation and bend."""
        found: Floats = np.array([getattr(each, name) for each in self._whitened])
        return found

    @cached_property
    def _whitened(self) -> list[Whitened]:
        basis = smooth_basis(self._bins) if len(self._bends) > 1 else np.zeros((len(self._bins), 0))
        gaps = np.diff(self._bins)
        return [Whitened(self._columns, basis, rho**gaps, of=self._of, bends=self._bends) for rho in RHO]


def _chosen(likelihoods: Floats, strict: float) -> Ints:
    """For each series the strongest bend that is nearly as likely as the best one, with its best autocorrelation."""
    by_bend = likelihoods.max(axis=0)
    is_likely = by_bend >= by_bend.max(axis=0) - strict
    strength = len(by_bend) - 1 - np.argmax(is_likely[::-1], axis=0)
    position = np.argmax(likelihoods[:, strength, np.arange(len(strength))], axis=0)
    chosen: Ints = position * len(by_bend) + strength
    return chosen


def step_design(bins: Ints, change: int, *, trend: bool = True) -> Design:
    """The regression y = a + b·t + c·[bin ≥ *change*] with a smooth curve; its fit returns c.

    Without *trend* there is neither a line nor a curve.
    """
    shifted = tuple((bins - bins[0]).tolist())
    return _step_design(shifted, int(change - bins[0]), trend=trend)


@lru_cache(maxsize=64)
def _step_design(bins: tuple[int, ...], change: int, *, trend: bool) -> Design:
    at = np.array(bins)
    return _jump(at, (at >= change).astype(float), trend=trend)


@lru_cache(maxsize=64)
def _ramp_design(bins: tuple[int, ...], change: int, width: int) -> Design:
    at = np.array(bins)
    return _jump(at, np.clip((at + 0.5 - change) / width + 0.5, 0.0, 1.0), trend=True)


def ramp_design(bins: Ints, change: int, width: int) -> Design:
    """The same, but the metric moves evenly over *width* bins around the change, instead of between two bins."""
    return _ramp_design(tuple((bins - bins[0]).tolist()), int(change - bins[0]), width)


def _jump(bins: Ints, step: Floats, *, trend: bool) -> Design:
    middle = (bins - bins.mean()) / max(1.0, float(np.ptp(bins)))
    columns = [np.ones(len(bins)), *([middle] if trend else []), step]
    after = float(np.mean(step > 0.5))
    balance = 4 * after * (1 - after) if trend else 1.0
    return Design(np.stack(columns, axis=1), bins, of=len(columns) - 1, bends=trend, balance=balance)
