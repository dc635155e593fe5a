"""Series: a metric as means over bins of equal width. The values are never smoothed."""

import math
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.core.errors import SourceError
from envcfg.sources.series import Series

MAX_BINS: Final = 2_000


class Bins(NamedTuple):
    """Bin *i* covers the steps from `end + (i - 1) * width` (not included) to `end + i * width`.

    A trainer logs a value for the steps since its last row. So a value belongs to the steps before it.
    """

    name: str
    end: float
    width: float
    values: Floats
    """The mean of the points in each bin; NaN for a bin without points."""

    def until(self, step: float) -> int:
        """The number of bins that end at *step* or before."""
        return min(len(self.values), max(0, math.floor((step - self.end) / self.width) + 1))

    def since(self, step: float) -> int:
        """The first bin that begins at *step* or after."""
        return min(len(self.values), max(0, math.ceil((step - self.end) / self.width) + 1))

    def step(self, index: int) -> float:
        return self.end + index * self.width


def binned(series: Series, *, most: int = MAX_BINS) -> Bins:
    """Put *series* on at most *most* bins. Their width is the median distance between points, or more if needed.

    Raises `SourceError` for a series with fewer than two different steps.
    """
    steps = np.asarray(series.steps, dtype=float)
    gaps = np.diff(np.unique(steps))
    if not len(gaps):
        raise SourceError(f"metric {series.name} was logged at one step only: an effect needs 12 or more")
    width = max(float(np.median(gaps)), float(steps[-1] - steps[0]) / most)
    index = np.ceil((steps - steps[0]) / width - 1e-9).astype(int)
    counts = np.bincount(index)
    sums = np.bincount(index, weights=np.asarray(series.values, dtype=float))
    values = np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)
    return Bins(series.name, float(steps[0]), width, values)
