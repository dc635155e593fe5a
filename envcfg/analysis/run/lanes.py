"""The lanes of a timeline: the values of one parameter over steps, in all living slots."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from math import floor
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from envcfg.core.diff import ABSENT, Absent, identity
from envcfg.core.tree import Path, Tree, lookup
from envcfg.history.history import History
from envcfg.history.parameters import Ranges, over
from envcfg.history.spread import FEW, Spread, is_gap, is_number, of_one

PARTS: Final = 400
"""The ranges of steps over which a parameter is summarised if slots changed it too often to draw each time."""
MAX_MOMENTS: Final = PARTS
"""With more steps at which slots that differ changed it, a parameter is summarised over ranges."""
Form: TypeAlias = Literal["line", "bands", "shares"]


class Lane(NamedTuple):
    """One parameter over steps: from `steps[i]` on it had the spread `spreads[i]`."""

    path: Path
    steps: tuple[float, ...]
    spreads: tuple[Spread, ...]

    def at(self, step: float) -> int:
        """The position of the spread in force at *step*; before the first step, the first position."""
        return max(0, bisect_right(self.steps, step) - 1)

    def spread_at(self, step: float) -> Spread | None:
        """The spread in force at *step*; None before the first step."""
        place = bisect_right(self.steps, step) - 1
        return None if place < 0 else self.spreads[place]

    def within(self, start: float, end: float) -> "Lane":
        """The lane from *start* to *end*; it begins later if the parameter did."""
        first, last = self.at(start), self.at(end) + 1
        steps = (max(start, self.steps[first]), *self.steps[first + 1 : last])
        return Lane(self.path, steps, self.spreads[first:last])

    @property
    def agrees(self) -> bool:
        """Whether all slots have one value at each step."""
        return all(spread.is_one for spread in self.spreads)

    @property
    def is_numeric(self) -> bool:
        """Whether all values are numbers, or no value at all, and there is a number."""
        values = self.values
        return any(map(is_number, values)) and all(is_number(value) or is_gap(value) for value in values)

    @property
    def values(self) -> tuple[Tree | Absent, ...]:
        """The different values of all slots, in order of appearance."""
        objects = {id(value): value for spread in self.spreads for value in spread.values}  # spreads share them
        return tuple({identity(value): value for value in objects.values()}.values())

    def form(self, end: float) -> Form:
        """How the lane is best drawn up to the step *end*.

        A line where slots agree. Where they differ: bands for numbers, and shares for other values. Numbers also have
        shares if they are few and slots differ for most of the time.
        """
        if self.agrees:
            return "line"
        if not self.is_numeric:
            return "shares"
        return "shares" if len(self.values) <= FEW and 2 * self._differing(end) > end - self.steps[0] else "bands"

    def _differing(self, end: float) -> float:
        """The steps in which slots differ."""
        stays = zip(self.spreads, pairwise((*self.steps, max(end, self.steps[-1]))), strict=True)
        return sum(stop - start for spread, (start, stop) in stays if not spread.is_one)


def parts(history: History, first: float, last: float, count: int = PARTS) -> Ranges:
    """At most *count* equal ranges of steps from *first* to *last*."""
    start, width = floor(first), floor(last) + 1 - floor(first)
    return history.parameters.ranges(sorted({start + width * part // count for part in range(count + 1)}))


def lane(history: History, path: Path, ranges: Ranges) -> Lane:
    """The values of one leaf over steps, also of a leaf that never varies; without a step if there is no such leaf."""
    found = every_moment(history, path, ranges)
    if len(found.steps) > MAX_MOMENTS and not found.agrees:
        found = Lane(path, *over(history.parameters.varying[path], ranges))
    return Lane(path, *_joined(found.steps, found.spreads))


def every_moment(history: History, path: Path, ranges: Ranges) -> Lane:
    """As `lane`, with all moments at which slots changed the leaf, unless they are too many for `Parameters.moved`."""
    if path not in history.parameters.varying:
        return _constant(history, path)
    return Lane(path, *history.parameters.moved(path, ranges))


def _joined(steps: Sequence[float], spreads: Sequence[Spread]) -> tuple[tuple[float, ...], tuple[Spread, ...]]:
    """*spreads* without those that are the same as the one before. A value that all slots have counts once."""
    found: list[tuple[float, Spread]] = []
    for step, spread in zip(steps, spreads, strict=True):
        if not found or not _is_same(found[-1][1], spread):
            found.append((step, spread))
        elif spread.slots > found[-1][1].slots:
            found[-1] = (found[-1][0], spread)
    return tuple([step for step, _ in found]), tuple([spread for _, spread in found])


def _is_same(one: Spread, other: Spread) -> bool:
    if one.is_one and other.is_one:
        return identity(one.value) == identity(other.value)
    return one == other


def _constant(history: History, path: Path) -> Lane:
    digests = (kind.config for kind in history.adoptions.columns.adopted.values)
    config = next((history.configs[digest] for digest in digests if digest in history.configs), None)
    if config is None:
        return Lane(path, (), ())
    missing: Any = ABSENT
    value: Tree | Absent = lookup(config, path, missing)
    return Lane(path, (float(history.adoptions.columns.step[0]),), (of_one(value, len(history.adoptions.places)),))
