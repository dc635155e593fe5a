"""Estimate, on control windows: the same measurement where nothing changed.

These placebos show how large an effect the method finds in the noise of the run alone.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, Ints, ndtri, np
from envcfg.analysis.effects.reml import Fit, step_design

MOST: Final = 300
"""The most placebos of one kind that are measured. If there are more, evenly spaced ones are used."""
ENOUGH: Final = 10
"""The placebos that a calibration needs."""
_MEDIAN: Final = 0.4549364
"""The median of chi-squared with one degree of freedom."""


class Placebos(NamedTuple):
    """Measurements at moments without a change; each array has the shape (placebos,)."""

    positions: Ints
    fit: Fit

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def inflation(self) -> float:
        """The factor by which squared statistics exceed the model: at least 1, and 1 for fewer than `ENOUGH` placebos.

        Genomic control by Devlin and Roeder (1999, doi 10.1111/j.0006-341X.1999.00997.x).
        """
        if len(self) < ENOUGH:
            return 1.0
        z = ndtri(np.clip(self.fit.p, 1e-12, 1.0) / 2)
        return max(1.0, float(np.mean(z**2)), float(np.median(z**2)) / _MEDIAN)

    @property
    def rejections(self) -> float:
        """The false-positive rate in this noise: the share that is significant at 5 % without calibration."""
        return float(np.mean(self.fit.p < 0.05)) if len(self) else float("nan")


class ControlWindows:
    """The parts of a series in which nothing changed; placebos are measured there."""

    def __init__(self, values: Floats, stretches: Sequence[tuple[int, int]]) -> None:
        """*stretches* are the ranges of bins without a change, [start, end)."""
        self._values = values
        self.stretches = tuple(stretches)
        self._everywhere: dict[tuple[int, int], Placebos] = {}

    def placebos(self, before: int, after: int) -> Placebos:
        """A placebo at every bin around which *before* and *after* bins without a change fit."""
        shape = (before, after)
        if shape not in self._everywhere:
            places = [np.arange(start + before, end - after + 1) for start, end in self.stretches]
            found = self._measured(np.concatenate([np.empty(0, dtype=np.int64), *places]), before, after)
            self._everywhere[shape] = found
        return self._everywhere[shape]

    def _measured(self, positions: Ints, before: int, after: int) -> Placebos:
        around = np.arange(-before, after)
        rows = self._values[positions[:, None] + around]
        is_whole = np.isfinite(rows).all(axis=1) & (np.ptp(rows, axis=1) > 0 if len(rows) else True)
        kept = np.flatnonzero(is_whole)
        kept = kept[np.linspace(0, len(kept) - 1, MOST).astype(int)] if len(kept) > MOST else kept
        return Placebos(positions[kept], step_design(around, 0).fit(rows[kept]))
