"""When a version of the history is saved: at the start, on change, after an interval without one, at the end."""

from dataclasses import dataclass, replace
from typing import Final, Literal

Occasion = Literal["initial", "change", "interval", "final"]

MAX_VERSIONS: Final = 200
"""Enough for a year of changes in each epoch, with a gap of a minute that doubles sixteen times."""
_DOUBLINGS: Final = 16


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
        growth = 2 ** (_DOUBLINGS * self.versions // self.most)
        if self.is_changed:
            return "change" if time - self.time >= self.gap * growth else None
        is_over = epoch - self.epoch >= self.interval and time - self.time >= self.gap * (growth - 1)
        return "interval" if is_over else None

    def saved(self, *, epoch: int, time: float) -> "SavePolicy":
        return replace(self, epoch=epoch, time=time, is_changed=False, versions=self.versions + 1)
