"""Where a change is looked at: changes that are too close to tell apart are one bundle, windows stop at the next."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, Ints, np
from envcfg.analysis.effects.bins import Bins
from envcfg.history.changes import Change

REACH: Final = 30
"""Bins that are looked at on each side of a change, where there are as many."""
LEAST: Final = 6
"""Bins that a side needs; changes closer than this are one bundle."""


class ChangeGroup(NamedTuple):
    """Changes that cannot be told apart by what followed them."""

    changes: tuple[Change, ...]

    @property
    def step(self) -> int:
        """When the first slot adopted the first of them."""
        return self.changes[0].step

    @property
    def last_step(self) -> int:
        """When the last slot adopted one of them."""
        return max(transaction.last_step for transaction in self.changes)


class Window(NamedTuple):
    """The bins before a change and those after; what the slots adopted one by one in between is left out."""

    first: int
    change: int
    """The first bin that is not before the change."""
    after: int
    end: int

    def indices(self, values: Floats) -> Ints:
        """The bins that have a value."""
        whole = np.concatenate([np.arange(self.first, self.change), np.arange(self.after, self.end)])
        found: Ints = whole[np.isfinite(values[whole])]
        return found


def bundles(transactions: Sequence[Change], bins: Bins) -> tuple[ChangeGroup, ...]:
    """The changes of a run, those closer than `LEAST` bins together; first configs are no changes."""
    found: list[list[Change]] = []
    for transaction in transactions:
        if transaction.is_initial:
            continue
        if found and transaction.step - found[-1][-1].step < LEAST * bins.width:
            found[-1].append(transaction)
        else:
            found.append([transaction])
    return tuple(ChangeGroup(tuple(group)) for group in found)


def windows(found: Sequence[ChangeGroup], bins: Bins, *, reach: int = REACH) -> tuple[Window, ...]:
    """The window of each bundle, at most *reach* bins to each side and never beyond the neighbouring bundle."""
    count = len(bins.values)
    befores = [bins.until(bundle.step) for bundle in found]
    afters = [max(before, bins.since(bundle.last_step)) for before, bundle in zip(befores, found, strict=True)]
    starts, ends = [0, *afters][: len(found)], [*befores, count][1:]
    return tuple(
        Window(min(before, max(start, before - reach)), before, after, max(after, min(end, after + reach)))
        for start, before, after, end in zip(starts, befores, afters, ends, strict=True)
    )


def quiet(found: Sequence[Window], bins: Bins) -> Iterator[tuple[int, int]]:
    """Stretches of bins in which nothing changed, [start, end)."""
    edges = [(0, 0), *((window.change, window.after) for window in found), (len(bins.values),) * 2]
    yield from ((start, end) for (_, start), (end, _) in pairwise(edges) if end > start)
