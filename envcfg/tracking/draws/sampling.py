"""Chooses the resets whose values are kept: a random sample that stays bounded however long a run is.

Each reset has a random level, which is N or higher with a probability of 1 in 2^N. Resets of the current level are
kept. The level rises whenever too many were kept. What was written before stays: a reader leaves out the resets below
the last level, and has a uniform sample. So nothing is lost when the program is killed.
"""

from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, Any]

MOST: Final = 512
"""The most resets of a sample. A reader finds from half as many to as many, in a run that has more resets."""
_HIGHEST: Final = 31


class Sampler:
    """Draws the levels of resets from a generator of its own, so that no program's random numbers change."""

    def __init__(self, seed: int | None = None) -> None:
        self.level = 0
        self._seed = seed
        self._rng: Any = None
        self._kept = [0] * (_HIGHEST + 1)
        """The number of kept resets of each level."""

    def choose(self, resets: int) -> "tuple[Array, Array]":
        """The positions of the kept ones of so many resets, and their levels."""
        import numpy as np  # noqa: PLC0415  # only where there are arrays

        if self._rng is None:
            self._rng = np.random.default_rng(self._seed)
        drawn = self._rng.integers(0, 1 << _HIGHEST, resets, dtype=np.int64) | 1 << _HIGHEST
        lowest_bit = drawn & -drawn
        rows = np.flatnonzero(lowest_bit >= 1 << self.level)
        levels = np.log2(lowest_bit[rows]).astype(int)
        for level in levels.tolist():
            self._kept[level] += 1
        while sum(self._kept[self.level :]) > MOST and self.level < _HIGHEST:
            self.level += 1
        kept = levels >= self.level
        return rows[kept], levels[kept]
