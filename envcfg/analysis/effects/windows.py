"""Windows: the bins before and after each change.

Changes that are too close together form one group. A window stops at the neighbouring groups.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, Ints, np
from envcfg.analysis.effects.bins import Bins
from envcfg.history.changes import Change

REACH: Final = 30
"""The most bins that are used on each side of a change."""
LEAST: Final = 6
"""The bins that a side needs. Changes that are closer together than this form one group."""


class ChangeGroup(NamedTuple):
    """Changes that are too close together to estimate their effects separately."""

    changes: tuple[Change, ...]

    @property
    def step(self) -> int:
        """The step at which the first slot adopted the first change."""
        return self.changes[0].step

    @property
    def last_step(self) -> int:
        """The step at which the last slot adopted any of the changes."""
        return max(change.last_step for change in self.changes)


class Window(NamedTuple):
    """Bins [first, change) are before the change, [after, end) are after it.

    The bins between, in which the slots adopted the change one by one, are not used.
    """

    first: int
    change: int
    """The first bin that is not before the change."""
    after: int
    end: int

    def indices(self, values: Floats) -> Ints:
        """The bins of the window that have a value."""
        whole = np.concatenate([np.arange(self.first, self.change), np.arange(self.after, self.end)])
        found: Ints = whole[np.isfinite(values[whole])]
        return found


def change_groups(changes: Sequence[Change], bins: Bins) -> tuple[ChangeGroup, ...]:
    """The changes of a run in groups; changes less than `LEAST` bins apart share one."""
    found: list[list[Change]] = []
    for change in changes:
        if found and change.step - found[-1][-1].step < LEAST * bins.width:
            found[-1].append(change)
        else:
            found.append([change])
    return tuple(ChangeGroup(tuple(group)) for group in found)


def windows(found: Sequence[ChangeGroup], bins: Bins, *, reach: int = REACH) -> tuple[Window, ...]:
    """The window of each group: at most *reach* bins to each side, and never beyond the neighbouring group."""
    count = len(bins.values)
    befores = [bins.until(group.step) for group in found]
    afters = [max(before, bins.since(group.last_step)) for before, group in zip(befores, found, strict=True)]
    starts, ends = [0, *afters][: len(found)], [*befores, count][1:]
    return tuple(
        Window(min(before, max(start, before - reach)), before, after, max(after, min(end, after + reach)))
        for start, before, after, end in zip(starts, befores, afters, ends, strict=True)
    )


def unchanged_stretches(found: Sequence[Window], bins: Bins) -> Iterator[tuple[int, int]]:
    """The ranges of bins in which nothing changed, [start, end)."""
    edges = [(0, 0), *((window.change, window.after) for window in found), (len(bins.values),) * 2]
    yield from ((start, end) for (_, start), (end, _) in pairwise(edges) if end > start)
