"""Groups adoptions: those of one decision, or of one config at one step, are an initial config or a change."""

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import chain, compress, islice, pairwise
from operator import lt, ne
from typing import Final

from envcfg.core.record import Cause
from envcfg.history.adoptions import Adoptions
from envcfg.journal.columns import NONE, AdoptionKind

NOTHING: Final = -1
"""Stands for the kind of a slot that has adopted nothing yet."""


class Groups:
    """Groups of adoptions, by position, in order of their first row. A group is an initial config or a change.

    An adoption of the same config and task again, in a new session or with a new template, belongs to no group.
    """

    def __init__(self, adoptions: Adoptions, decisions: Mapping[int, int]) -> None:
        self.decisions = decisions
        self._adoptions = adoptions
        self._was, self._now = _canonical(adoptions)
        self.initial: Sequence[int]
        """The positions of the initial configs."""
        self.others: Mapping[int, Sequence[int]] = {}
        """The further rows of a group, by its position."""
        rows = _compressed(range(len(adoptions)), map(ne, self._was, self._now))
        self.first: Sequence[int] = rows
        """The first row of each group."""
        if self._are_alone(rows):
            self.initial = array("q", (bisect_left(rows, row) for row in _where(self._was, NOTHING)))
        else:
            self.first, self.initial, self.others = self._grouped(rows)

    def __len__(self) -> int:
        return len(self.first)

    def number(self, position: int) -> int:
        """The number of a group: of a change from 1, and 0 for an initial config."""
        before = bisect_left(self.initial, position)
        return 0 if self.initial[before : before + 1] and self.initial[before] == position else position + 1 - before

    @cached_property
    def numbers(self) -> Sequence[int]:
        """The number of each group."""
        parts = enumerate(pairwise([NOTHING, *self.initial, len(self)]))
        each = chain.from_iterable((0, *range(start + 2 - count, stop + 1 - count)) for count, (start, stop) in parts)
        return array("q", islice(each, 1, None))

    @cached_property
    def row_numbers(self) -> "array[int]":
        """The number of the group of each row; `NONE` if it belongs to no group."""
        found = array("q", [NONE]) * len(self._adoptions)
        for row, number in zip(self.first, self.numbers, strict=True):
            found[row] = number
        for position, rows in self.others.items():
            for row in rows:
                found[row] = self.numbers[position]
        return found

    @cached_property
    def changes(self) -> Sequence[int]:
        """The positions of the changes."""
        if not self.initial:
            return range(len(self))
        parts = pairwise([NOTHING, *self.initial, len(self)])
        return array("q", chain.from_iterable(range(start + 1, stop) for start, stop in parts))

    @cached_property
    def steps(self) -> Sequence[int]:
        """The step of the first row of each group."""
        return array("q", map(self._adoptions.columns.step.__getitem__, self.first))

    def causes(self, positions: Sequence[int]) -> Mapping[Cause | None, int]:
        """The number of changes with each cause, without initial configs."""
        cause = self._adoptions.columns.cause
        counts = Counter(part(cause.index, part(self.first, positions)))
        if positions:
            start, stop = bisect_left(self.initial, positions[0]), bisect_left(self.initial, positions[-1] + 1)
            initial = {*self.initial[start:stop]}.intersection(positions) if stop > start else ()
            counts.subtract(cause.index[self.first[position]] for position in initial)
        return {cause.values[index]: count for index, count in counts.items() if count}

    def shared_rows(self, positions: Sequence[int]) -> Iterator[Sequence[int]]:
        """The rows of each group of these that has several."""
        if len(positions) == len(self):
            return ((self.first[position], *rows) for position, rows in self.others.items())
        return ((self.first[position], *self.others[position]) for position in positions if position in self.others)

    def _are_alone(self, rows: Sequence[int]) -> bool:
        """Whether each of *rows* is a group: nothing was requested, and each row has a step of its own."""
        columns = self._adoptions.columns
        if self.decisions or columns.requested_at.count(NONE) < len(columns.requested_at):
            return False
        steps = columns.step if isinstance(rows, range) else list(map(columns.step.__getitem__, rows))
        return all(map(lt, steps, islice(steps, 1, None)))

    def _grouped(self, rows: Sequence[int]) -> tuple[Sequence[int], Sequence[int], Mapping[int, Sequence[int]]]:
        """The first row of each group, the positions of the initial configs, and the further rows."""
        was, now, decisions, asked = self._was, self._now, self.decisions, self._adoptions.columns.requested_at
        first, initial, others = array("q"), array("q"), dict[int, list[int]]()
        known: dict[tuple[object, ...], int] = {}
        of_step: dict[tuple[int, bool], int] = {}
        at, count = None, 0
        for row, step in zip(rows, map(self._adoptions.columns.step.__getitem__, rows), strict=True):
            what, is_initial = now[row], was[row] < 0
            if row in decisions:
                position = known.setdefault((decisions[row], is_initial), count)
            elif asked[row] != NONE:
                position = known.setdefault((what, asked[row], is_initial), count)
            else:
                if step != at:
                    at, of_step = step, {}
                position = of_step.setdefault((what, is_initial), count)
            if position < count:
                others.setdefault(position, []).append(row)
                continue
            count += 1
            first.append(row)
            if is_initial:
                initial.append(position)
        return first, initial, others


def part(values: Sequence[int], positions: Sequence[int]) -> Sequence[int]:
    """The *values* at *positions*."""
    if isinstance(positions, range) and positions.step == 1:
        return values[positions.start : positions.stop]
    return array("q", map(values.__getitem__, positions))


def _canonical(adoptions: Adoptions) -> tuple[Sequence[int], Sequence[int]]:
    """For each row what its place ran before, and what since: kinds, of which no two have the same config and task."""
    before, kinds = adoptions.before, adoptions.columns.adopted.index
    same = _same(adoptions.columns.adopted.values)
    if list(same) == list(range(len(same))):
        return before, kinds
    same = [*same, NOTHING]
    return array("i", map(same.__getitem__, before)), array("i", map(same.__getitem__, kinds))


def _compressed(rows: range, is_kept: Iterable[bool]) -> Sequence[int]:
    kept = list(compress(rows, is_kept))
    return rows if len(kept) == len(rows) else kept


def _where(values: Sequence[int], sought: int) -> Iterator[int]:
    """The positions of *sought*."""
    start = 0
    with suppress(ValueError):
        while True:
            found = values.index(sought, start)
            yield found
            start = found + 1


def _same(values: Sequence[AdoptionKind]) -> Sequence[int]:
    """For each kind of adoption, the position of the first one with the same config and task; templates may differ."""
    first: dict[tuple[str, str | None], int] = {}
    return [first.setdefault((value.config, value.task), position) for position, value in enumerate(values)]
