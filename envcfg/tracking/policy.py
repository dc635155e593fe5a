"""When a version of the history is saved: at the start, on change, after an interval without one, at the end."""

from dataclasses import dataclass, replace
from typing import Literal

Occasion = Literal["initial", "change", "interval", "final"]


@dataclass(frozen=True, slots=True)
class SavePolicy:
    """A value that says when a save is due; saving makes the next one.

    *interval* counts epochs without a save, *gap* is the least number of seconds between two versions: what
    changes sooner is saved together, at the first epoch after the gap.
    """

    interval: int
    gap: float
    epoch: int | None = None
    time: float | None = None
    is_changed: bool = False

    def changed(self) -> "SavePolicy":
        """Something was recorded since the last save."""
        return self if self.is_changed else replace(self, is_changed=True)

    def due(self, *, epoch: int, time: float) -> Occasion | None:
        """The occasion to save at the end of *epoch*, if it is one."""
        if self.time is None or self.epoch is None:
            return "initial" if self.is_changed else None
        if self.is_changed and time - self.time >= self.gap:
            return "change"
        return "interval" if not self.is_changed and epoch - self.epoch >= self.interval else None

    def saved(self, *, epoch: int, time: float) -> "SavePolicy":
        return replace(self, epoch=epoch, time=time, is_changed=False)
