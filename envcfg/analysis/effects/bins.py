"""A metric on equal steps: raw means of what was logged, never smoothed."""

import math
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.core.errors import SourceError
from envcfg.sources.series import Series

MAX_BINS: Final = 2_000


class Bins(NamedTuple):
    """Bin *i* covers the steps from `end + (i - 1) * width` (not included) to `end + i * width`.

    A trainer logs what happened since its last row: a value belongs to the steps before it.
    """

    name: str
    end: float
    width: float
    values: Floats
    """The mean of the bin's points, NaN where it has none."""

    def until(self, step: float) -> int:
        """How many bins end at *step* or before."""
        return min(len(self.values), max(0, math.floor((step - self.end) / self.width) + 1))

    def since(self, step: float) -> int:
        """The first bin that begins at *step* or after."""
        return min(len(self.values), max(0, math.ceil((step - self.end) / self.width) + 1))

    def step(self, index: int) -> float:
        return self.end + index * self.width


def binned(series: Series, *, most: int = MAX_BINS) -> Bins:
    """The series in bins as wide as its usual distance between points; wider where they would be more than *most*.

    Raises `SourceError` for a series that has fewer than two steps.
    """
    steps = np.asarray(series.steps, dtype=float)
    gaps = np.diff(np.unique(steps))
    if not len(gaps):
        raise SourceError(f"metric {series.name} was logged at {len(steps)} steps: an effect needs a dozen or more")
    width = max(float(np.median(gaps)), float(steps[-1] - steps[0]) / most)
    index = np.ceil((steps - steps[0]) / width - 1e-9).astype(int)
    counts = np.bincount(index)
    sums = np.bincount(index, weights=np.asarray(series.values, dtype=float))
    values = np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)
    return Bins(series.name, float(steps[0]), width, values)
