"""Estimate, the regression at one autocorrelation: its columns with independent noise, and a random smooth curve.

The curve is an integrated Wiener process, whose best prediction is a cubic smoothing spline (Wahba 1978, doi
10.1111/j.2517-6161.1978.tb01050.x). Its strength is a variance that the likelihood can estimate (Wang 1998, doi
10.1111/1467-9868.00125). So a metric that bends gets a wider interval, and a straight one does not.
"""

from typing import Final

from envcfg.analysis.effects.arrays import Floats, Ints, np

BENDS: Final = np.concatenate([[0.0], 10.0 ** np.arange(-6, 2.01, 0.5)])
"""The strengths of the curve that are tried: the variance of its second difference, per variance of the noise."""
SPAN: Final = 60.0
"""The number of bins of a window for which `BENDS` are meant. Other windows are rescaled to it."""
PIECES: Final = 14
"""The number of pieces that the curve is made of, from the smoothest on."""


def smooth_basis(bins: Ints) -> Floats:
    """The pieces of the curve at each bin, (bins, pieces). None of them has a mean or a trend."""
    at = (bins - bins[0]) * (SPAN / max(1.0, float(np.ptp(bins))))
    low, high = np.minimum.outer(at, at), np.maximum.outer(at, at)
    covariance = low**2 * (3 * high - low) / 6
    line = np.linalg.qr(np.stack([np.ones(len(at)), at], axis=1))[0]
    off = np.eye(len(at)) - line @ line.T
    values, vectors = np.linalg.eigh(off @ covariance @ off)
    pieces: Floats = (vectors * np.sqrt(np.maximum(values, 0.0)))[:, ::-1][:, :PIECES]
    return pieces


class Whitened:
    """The regression at one autocorrelation. Each table has one number for each strength of the curve."""

    def __init__(self, columns: Floats, basis: Floats, carried: Floats, *, of: int, bends: Floats) -> None:
        """*carried* is the correlation of each point with the point before."""
        self._carried, self._spread = carried, np.sqrt(1 - carried**2)
        inner, pieces = self._whiten(columns.T).T, self._whiten(basis.T).T
        self._line, triangle = np.linalg.qr(inner)
        inverse = np.linalg.inv(triangle)
        self._solver = self._line @ inverse[of]
        self._left, sizes, right = np.linalg.svd(pieces - self._line @ (self._line.T @ pieces), full_matrices=False)
        leaks = right @ (pieces.T @ self._solver)
        squares = np.square(sizes)
        shrunk = 1 + bends[:, None] * squares
        self._taken = bends[:, None] * squares / shrunk
        self._moved = bends[:, None] * sizes * leaks / shrunk
        determinants = 2 * np.log(self._spread).sum() + 2 * np.log(np.abs(np.diagonal(triangle))).sum()
        self.penalty: Floats = determinants + np.log(shrunk).sum(axis=1)
        """log|V| + log|X'V⁻¹X|."""
        self.scale: Floats = inverse[of] @ inverse[of] + (bends[:, None] * leaks**2 / shrunk).sum(axis=1)
        """The variance of the coefficient, per variance of the noise."""
        self.bend: Floats = (bends[:, None] * leaks**2 / shrunk**2).sum(axis=1)
        """The part of it that comes from the curve itself."""
        self.straight: Floats = 1 - self._taken.sum(axis=1) / max(1, len(columns))
        """The share of the points that the curve leaves to the noise."""

    def sums(self, rows: Floats) -> Floats:
        """The residual sums of squares of *rows*, (strengths, rows)."""
        whitened = self._whiten(rows)
        residual = np.square(whitened).sum(1) - np.square(whitened @ self._line).sum(1)
        found: Floats = residual - self._taken @ np.square(whitened @ self._left).T
        return found

    def coefficient(self, rows: Floats, strength: int) -> Floats:
        """The coefficient of each row, with a curve of this strength."""
        whitened = self._whiten(rows)
        found: Floats = whitened @ (self._solver - self._left @ self._moved[strength])
        return found

    def _whiten(self, rows: Floats) -> Floats:
        """Subtract from each point its prediction from the point before: the noise becomes independent."""
        rest = (rows[:, 1:] - self._carried * rows[:, :-1]) / self._spread
        whitened: Floats = np.concatenate([rows[:, :1], rest], axis=1)
        return whitened
