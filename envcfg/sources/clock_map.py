"""Relates times and rows of a tracking service to the run clock, from what the journal recorded."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from envcfg.history.recording import Recording, Span

_MILLISECOND: Final = 0.0005
"""Times of the journal are rounded to milliseconds."""
_NEARLY_ALL: Final = 0.95


@dataclass(frozen=True, slots=True)
class ClockMap:
    """The steps of the run clock at the times that the journal has."""

    times: Sequence[float]
    """In seconds since the Unix epoch, in order."""
    steps: Sequence[float]
    """The step of the run from each of *times* on."""
    end_times: Sequence[float]
    end_steps: Sequence[float]
    """When and where epochs ended, in order."""
    end_epochs: Sequence[int]
    spans: Sequence[Span]

    @classmethod
    def of(cls, history: Recording) -> Self:
        """The map of a run. Before format version 4, the counts at the end of each epoch say where it ended."""
        said = history.epochs or history.mixes
        ends = sorted((end.time, end.step, end.epoch) for end in said if end.epoch is not None)
        knots: list[tuple[float, float]] = []
        for columns in (history.adoptions.columns, history.abandoned.columns):
            knots += [(time / 1000, step) for time, step in zip(columns.time, columns.step, strict=True)]
        knots += [(time, step) for time, step, _ in ends]
        knots.sort()
        times, steps = _unzipped(knots)
        end_times, end_steps = _unzipped([(time, step) for time, step, _ in ends])
        return cls(times, steps, end_times, end_steps, [epoch for *_, epoch in ends], history.spans)

    @property
    def moves(self) -> bool:
        """Whether the journal has more than one step."""
        return len(set(self.steps[:1]) | set(self.steps[-1:])) > 1

    @property
    def has_ends(self) -> bool:
        """Whether the journal tells where epochs ended; before format version 4, it may not."""
        return len(self.end_steps) > 1

    def step_at(self, time: float) -> float:
        """The last step that the journal has up to *time*."""
        place = bisect_right(self.times, time + _MILLISECOND)
        return self.steps[place - 1] if place else (self.steps[0] if self.steps else 0)

    def bounds(self, time: float) -> tuple[float, float]:
        """The steps between which a row that was logged at *time* may lie: one epoch further on both sides.

        Without ends of epochs, it lies between the step that was told last and the one that was told next.
        """
        place = bisect_right(self.end_times, time + _MILLISECOND)
        ends = self.end_steps
        if not self.has_ends:
            after = bisect_right(self.times, time + _MILLISECOND)
            return self.step_at(time), self.steps[after] if after < len(self.steps) else float("inf")
        low = ends[place - 2] if place > 1 else 0
        length = ends[-1] - (ends[-2] if len(ends) > 1 else 0)
        high = ends[place + 1] if place + 1 < len(ends) else ends[-1] + 2 * max(length, 1)
        return low, high

    def end_of(self, epoch: float) -> float | None:
        """The step at which *epoch* ended; None if it is not known."""
        place = bisect_left(self.end_epochs, epoch)
        return self.end_steps[place] if place < len(self.end_epochs) and self.end_epochs[place] == epoch else None

    def has_ends_at(self, steps: Sequence[float]) -> bool:
        """Whether nearly all of these numbers are steps at which epochs ended, so that they need no time."""
        is_moving = self.has_ends and len(set(steps)) >= min(2, len(self.end_steps))
        return is_moving and sum(map(self._is_end, steps)) >= _NEARLY_ALL * len(steps)

    def ends_with(self, steps: Sequence[float]) -> bool:
        """Whether the last of these numbers is where the run ended, so that they count no updates, for example."""
        if not self.has_ends or len(set(steps)) < 2:
            return False
        length = self.end_steps[-1] - self.end_steps[-2]
        return 0 <= self.end_steps[-1] + 1 - max(steps) <= max(length, 1)

    def has_epochs(self, epochs: Sequence[float]) -> bool:
        """Whether numbers without a time are epochs of the run: all are known, and the last epoch is one of them."""
        known = set(self.end_epochs)
        return self.has_ends and known.issuperset(epochs) and self.end_epochs[-1] in epochs

    def _is_end(self, step: float) -> bool:
        place = bisect_left(self.end_steps, step - 1)
        return place < len(self.end_steps) and self.end_steps[place] <= step + 1

    def is_replaced(self, step: float, time: float | None) -> bool:
        """Whether a row is of a part of a session that a later session has replaced."""
        if time is None or len(self.spans) < 2:
            return False
        place = bisect_right(self.spans, time + _MILLISECOND, key=lambda span: span.begun)
        return place > 0 and step >= self.spans[place - 1].end


def _unzipped(pairs: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [time for time, _ in pairs], [step for _, step in pairs]
