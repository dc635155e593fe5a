"""The movements of a metric at the changes of a run: its plain means before and after, with the trend."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from statistics import fmean
from typing import Final, NamedTuple

from envcfg.analysis.answer.measurements import Measurements
from envcfg.history.changes import Change
from envcfg.history.history import History
from envcfg.sources.series import Series

REACH: Final = 10
"""The most points on each side of a change."""
LEAST: Final = 3
"""The points that each side needs."""


class Movement(NamedTuple):
    """The means of a metric on both sides of a group of changes."""

    changes: tuple[Change, ...]
    before: float
    after: float
    points: tuple[int, int]
    """The number of points before and after."""

    @property
    def size(self) -> float:
        return self.after - self.before


class Movements(NamedTuple):
    """The movements with enough points. They are some of the *groups* of all *changes* after the initial config."""

    found: tuple[Movement, ...]
    groups: int
    changes: int

    @property
    def largest(self) -> Movement | None:
        return max(self.found, key=lambda movement: abs(movement.size), default=None)


def movements(history: History, measured: Measurements) -> Movements:
    """The movements of the metric, for each group of changes that are too close together to separate.

    The points lie between the changes before and after the group. They are at most `REACH` on each side.
    """
    groups = list(_groups(history.changes, measured))
    found = (_movement(measured.series, groups, index) for index in range(len(groups)) if measured.series is not None)
    seen = tuple(movement for movement in found if movement is not None)
    return Movements(seen, len(groups), len(history.changes))


def _groups(changes: Sequence[Change], measured: Measurements) -> Iterator[tuple[Change, ...]]:
    group: list[Change] = []
    last = 0
    for change in changes:
        if group and change.number > last:
            yield tuple(group)
            group = []
        verdict = measured.verdicts.get(change.number)
        last = max(last, change.number if verdict is None else verdict.last)
        group.append(change)
    if group:
        yield tuple(group)


def _movement(series: Series, groups: Sequence[tuple[Change, ...]], index: int) -> Movement | None:
    start = max(change.last_step for change in groups[index - 1]) if index else float("-inf")
    end = groups[index + 1][0].step if index + 1 < len(groups) else float("inf")
    group = groups[index]
    change, settled = group[0].step, max(one.last_step for one in group)
    before = series.values[bisect_right(series.steps, start) : bisect_right(series.steps, change)][-REACH:]
    after = series.values[bisect_right(series.steps, settled) : bisect_left(series.steps, end)][:REACH]
    if min(len(before), len(after)) < LEAST:
        return None
    return Movement(group, fmean(before), fmean(after), (len(before), len(after)))
