"""Placebos: the same measurement where nothing changed, which says what the method finds in this run's own noise."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, Ints, ndtri, np
from envcfg.analysis.effects.reml import Fit, step_design

MOST: Final = 300
"""Placebos of a kind that are measured; of more, so many evenly spaced ones."""
ENOUGH: Final = 10
"""Placebos that a calibration needs."""
ENOUGH_MATCHED: Final = 5
"""Placebos at which the same rule would have fired, without which an adaptive change stays uncorrected."""
MEMORY: Final = 10
"""Bins whose mean is taken for what a curriculum looked at when it decided."""
_MEDIAN: Final = 0.4549364
"""The median of chi-squared with one degree of freedom."""


class Trigger(NamedTuple):
    """The rule of an adaptive change: the mean of the last `MEMORY` bins came to stand so far above its stretch."""

    height: float


class Placebos(NamedTuple):
    """What was measured where nothing changed, (placebos,) each."""

    positions: Ints
    fit: Fit

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def inflation(self) -> float:
        """By how much squared statistics are larger than the model says, at least 1; 1 for fewer than `ENOUGH`.

        The genomic control of Devlin and Roeder (1999, doi 10.1111/j.0006-341X.1999.00997.x).
        """
        if len(self) < ENOUGH:
            return 1.0
        z = ndtri(np.clip(self.fit.p, 1e-12, 1.0) / 2)
        return max(1.0, float(np.mean(z**2)), float(np.median(z**2)) / _MEDIAN)

    @property
    def rejections(self) -> float:
        """The share that the uncalibrated method calls significant at 5 %: its false-positive rate in this noise."""
        return float(np.mean(self.fit.p < 0.05)) if len(self) else float("nan")


class ControlWindows:
    """The stretches of a series in which nothing changed."""

    def __init__(self, values: Floats, stretches: Sequence[tuple[int, int]]) -> None:
        self._values = values
        self.stretches = tuple(stretches)
        self._everywhere: dict[tuple[int, int, bool], Placebos] = {}

    def placebos(self, before: int, after: int, *, trend: bool = True) -> Placebos:
        """Every place where a window of so many bins fits."""
        shape = (before, after, trend)
        if shape not in self._everywhere:
            places = [np.arange(start + before, end - after + 1) for start, end in self.stretches]
            found = self._measured(np.concatenate([np.empty(0, dtype=np.int64), *places]), before, after, trend=trend)
            self._everywhere[shape] = found
        return self._everywhere[shape]

    def matched(self, trigger: Trigger, before: int, after: int, *, trend: bool = True) -> Placebos:
        """The places where the rule of *trigger* would have fired for the first time in a window's reach."""
        places = [
            place
            for start, end in self.stretches
            for place in self._crossings(trigger, start, end, wait=max(1, before - MEMORY))
            if start + before <= place <= end - after
        ]
        return self._measured(np.array(places, dtype=np.int64), before, after, trend=trend)

    def _crossings(self, trigger: Trigger, start: int, end: int, *, wait: int) -> list[int]:
        """Where the mean of the last bins reaches the height, after at least *wait* means that did not."""
        stretch = self._values[start:end]
        if end - start <= MEMORY or not np.isfinite(stretch).any():
            return []
        level = float(np.nanmean(stretch)) + trigger.height
        means = np.convolve(stretch, np.ones(MEMORY) / MEMORY, mode="valid")
        found: list[int] = []
        below_since = 0
        for offset, is_high in enumerate(means >= level):
            if is_high and offset - below_since >= wait:
                found.append(start + offset + MEMORY)
            if is_high:
                below_since = offset + 1
        return found

    def _measured(self, positions: Ints, before: int, after: int, *, trend: bool) -> Placebos:
        around = np.arange(-before, after)
        rows = self._values[positions[:, None] + around]
        is_whole = np.isfinite(rows).all(axis=1) & (np.ptp(rows, axis=1) > 0 if len(rows) else True)
        kept = np.flatnonzero(is_whole)
        kept = kept[np.linspace(0, len(kept) - 1, MOST).astype(int)] if len(kept) > MOST else kept
        return Placebos(positions[kept], step_design(around, 0, trend=trend).fit(rows[kept]))
