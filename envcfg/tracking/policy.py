"""When a version of the history is saved: at the start, on change, after an interval without one, at the end."""

import math
from dataclasses import dataclass, replace
from typing import Final, Literal

Occasion = Literal["initial", "change", "interval", "final"]

MAX_VERSIONS: Final = 200
"""Enough for a year of changes in each epoch, with a gap of a minute that doubles sixteen times."""
_DOUBLINGS: Final = 16
SEAL_AT: Final = 4 << 10
"""Bytes from which an open segment is sealed for a version; what is less goes up again with the next one."""


@dataclass(frozen=True, slots=True)
class SavePolicy:
    """A value that says when a save is due; saving makes the next one.

    *interval* counts epochs without a save, *gap* is the least number of seconds between two versions: what
    changes sooner is saved together, at the first epoch after the gap. There are at most *most* versions, the
    final one included. The gap doubles with each sixteenth of them: they are close together early on, soon about
    a twelfth of the run's age apart, and not used up when it ends.
    """

    interval: int
    gap: float
    most: int = MAX_VERSIONS
    versions: int = 0
    epoch: int | None = None
    time: float | None = None
    is_changed: bool = False

    def changed(self) -> "SavePolicy":
        """Something was recorded since the last save."""
        return self if self.is_changed else replace(self, is_changed=True)

    def due(self, *, epoch: int, time: float) -> Occasion | None:
        """The occasion to save at the end of *epoch*, if it is one."""
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
        """The time from which on a change is an occasion."""
        if self.versions >= self.most - 1:
            return math.inf
        return -math.inf if self.time is None else self.time + self.gap * self._growth

    @property
    def _growth(self) -> float:
        return math.ldexp(1, _DOUBLINGS * self.versions // self.most)

    def saved(self, *, epoch: int, time: float) -> "SavePolicy":
        return replace(self, epoch=epoch, time=time, is_changed=False, versions=self.versions + 1)
