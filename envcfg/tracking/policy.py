"""Decides when to save a version of the history: at the start, after a change, after an interval, and at the end."""

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

Occasion = Literal["initial", "change", "interval", "final"]

MAX_VERSIONS: Final = 200
"""Enough for a year with changes in each epoch, since a gap of one minute doubles sixteen times."""
_DOUBLINGS: Final = 16
SEAL_AT: Final = 4 << 10
"""An open segment with fewer bytes is not sealed for a version; it is uploaded again with the next version."""


@dataclass(frozen=True, slots=True)
class SavePolicy:
    """A value that decides when the next save is due. `saved` returns the value after a save.

    A save is due after *interval* epochs without one. Two versions are at least *gap* seconds apart: changes within
    the gap are saved together, at the first epoch after it. There are at most *most* versions, the final one included.
    The gap doubles after every sixteen versions. So versions are close together at first, and later about a twelfth of
    the run's age apart. This leaves versions for the end of a long run.
    """

    interval: int
    gap: float
    most: int = MAX_VERSIONS
    versions: int = 0
    epoch: int | None = None
    time: float | None = None
    is_changed: bool = False

    def changed(self) -> "SavePolicy":
        """The value after something was recorded."""
        return self if self.is_changed else replace(self, is_changed=True)

    def due(self, *, epoch: int, time: float) -> Occasion | None:
        """The occasion to save at the end of *epoch*; None if no save is due."""
        if self.versions >= self.most - 1:
            return None
        if self.time is None or self.epoch is None:
            return "initial" if self.is_changed else None
        if self.is_changed:
            return "change" if time >= self.next_change else None
        is_over = epoch - self.epoch >= self.interval and time - self.time >= self.gap * (self._growth - 1)
        return "interval" if is_over else None

    @property
    def next_change(self) -> float:
        """The earliest time at which a change is saved."""
        if self.versions >= self.most - 1:
            return math.inf
        return -math.inf if self.time is None else self.time + self.gap * self._growth

    @property
    def _growth(self) -> float:
        return math.ldexp(1, _DOUBLINGS * self.versions // self.most)

    def saved(self, *, epoch: int, time: float) -> "SavePolicy":
        return replace(self, epoch=epoch, time=time, is_changed=False, versions=self.versions + 1)
