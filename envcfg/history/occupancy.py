"""How many living slots ran each kind of adoption, from event to event, and over ranges of steps."""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, groupby, pairwise
from typing import Final, NamedTuple

from envcfg.history.adoptions import Adoptions
from envcfg.history.lives import Life, Lives

NOBODY: Final = -1
"""Stands for the kind of a slot that does not live."""

EPSILON: Final = 1e-9
"""A kind that slots ran for a smaller part of a range than this is left out: it is an error of rounding."""


class Shift(NamedTuple):
    """From *step* on, after the first *stop* rows, *more* living slots run *kind*; it is negative if a slot ended."""

    stop: int
    step: int
    kind: int
    more: int


class Window(NamedTuple):
    """What living slots ran in a range of steps."""

    weights: Mapping[int, float]
    """For each kind the sum of the steps that each slot ran it."""
    slots: int
    """The most slots that lived at once."""


@dataclass(frozen=True)
class Occupancy:
    """The kinds that living slots ran. A kind is a position in `adoptions.columns.adopted.values`."""

    adoptions: Adoptions
    before: "array[int]"
    """For each row the kind that its slot ran before; `NOBODY` if the slot began with this row."""
    ends: Sequence[Shift]
    """The ends of slots, in order. Each one takes a slot from its last kind."""

    def events(self, rows: Iterable[int]) -> Iterator[tuple[int, Sequence[tuple[int, int]]]]:
        """For each step with an event: what each slot left and what it runs now, `NOBODY` for a beginning or an end.

        Only the adoptions in *rows* count. They must contain those by which slots began.
        """
        columns = self.adoptions.columns
        kinds = columns.adopted.index
        found = [(columns.step[row], row, 1, self.before[row], kinds[row]) for row in rows]
        found += [
            (end.step, end.stop, 0, *((end.kind, NOBODY) if end.more < 0 else (NOBODY, end.kind))) for end in self.ends
        ]
        for step, group in groupby(sorted(found), key=lambda event: event[0]):
            yield step, [(was, now) for *_, was, now in group]

    def windows(self, edges: Sequence[float]) -> Iterator[Window]:
        """What slots ran in each of the ranges of steps between neighbouring *edges*."""
        columns, before = self.adoptions.columns, self.before
        steps, kinds = columns.step, columns.adopted.index
        rows = [bisect_left(steps, edge) for edge in edges]
        counts: Counter[int] = Counter(kinds[: rows[0]])
        counts.subtract(Counter(before[: rows[0]]))
        ends, end = self.ends, 0
        while end < len(ends) and ends[end].step < edges[0]:
            counts[ends[end].kind] += ends[end].more
            end += 1
        for (low, high), (start, stop) in zip(pairwise(edges), pairwise(rows), strict=True):
            counts = Counter({kind: count for kind, count in counts.items() if count and kind != NOBODY})
            weights = defaultdict[int, float](float, {kind: count * (high - low) for kind, count in counts.items()})
            for kind, was, step in zip(kinds[start:stop], before[start:stop], steps[start:stop], strict=True):
                rest = high - step
                weights[kind] += rest
                weights[was] -= rest
            counts.update(kinds[start:stop])
            counts.subtract(Counter(before[start:stop]))
            while end < len(ends) and ends[end].step < high:
                shift = ends[end]
                weights[shift.kind] += shift.more * (high - shift.step)
                counts[shift.kind] += shift.more
                end += 1
            least = (high - low) * EPSILON
            there = {kind: weight for kind, weight in weights.items() if weight > least and kind != NOBODY}
            yield Window(there, self._most_living(low, high))

    def _most_living(self, low: float, high: float) -> int:
        steps, living = self._population
        first, last = bisect_right(steps, low) - 1, bisect_left(steps, high)
        return max(living[max(0, first) : last], default=0)

    @cached_property
    def _population(self) -> tuple[Sequence[int], Sequence[int]]:
        """The steps at which slots began or ended, and the number of living slots from each of them on."""
        steps = self.adoptions.columns.step
        births = (row for row, kind in enumerate(self.before) if kind == NOBODY)
        moved = Counter({0: 0})
        for step, count in [*((steps[row], 1) for row in births), *((end.step, end.more) for end in self.ends)]:
            moved[step] += count
        order = sorted(moved)
        return order, list(accumulate(moved[step] for step in order))


def occupancy(adoptions: Adoptions, lives: Lives) -> Occupancy:
    """The kinds that slots ran in their *lives*."""
    before = adoptions.before
    again = [life.first for life in lives if before[life.first] != NOBODY]
    if again:
        before = before[:]
        for row in again:
            before[row] = NOBODY
    return Occupancy(adoptions, before, tuple(_ends(adoptions, lives)))


def _ends(adoptions: Adoptions, lives: Lives) -> Iterator[Shift]:
    """The ends of slots. If all of them ended, the last ones stay until another one begins, as in `Lives.alive`."""
    steps, kinds = adoptions.columns.step, adoptions.columns.adopted.index
    begun, living = 0, 0
    ended = sorted(filter(lives.has_ended, lives), key=lambda life: (life.stop, life.ended))
    for stop, group in groupby(ended, key=lambda life: life.stop):
        found = [(life.ended or 0, kinds[_last_row(adoptions, life)]) for life in group]
        begun_by_now = lives.begun_before(stop)
        living += begun_by_now - begun - len(found)
        begun = begun_by_now
        last = found[-1][0]
        if living:
            yield from (Shift(stop, step, kind, -1) for step, kind in found)
            continue
        for step, kind in found:
            if step < last:
                yield from (Shift(stop, step, kind, -1), Shift(stop, last, kind, 1))
        if stop < len(adoptions):
            yield from (Shift(stop, steps[stop], kind, -1) for _, kind in found)


def _last_row(adoptions: Adoptions, life: Life) -> int:
    rows = adoptions.rows[life.place]
    return rows[bisect_left(rows, life.stop) - 1]
