"""The spread of a parameter: its values over the living slots, with how many slots or how much time each has."""

import math
import sys
from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, takewhile
from typing import Final

from envcfg.core.diff import ABSENT, Absent, identity
from envcfg.core.tree import Tree

FEW: Final = 6
"""Up to this many different numbers have a share each. More of them have quantiles."""


@dataclass(frozen=True, eq=False)
class Spread:
    """The values of one parameter over the slots that lived at a moment, or in a range of steps.

    Spreads compare their values like edits do: 1, 1.0 and True differ, and NaN equals NaN.
    """

    values: tuple[Tree | Absent, ...]
    """The different values: first the numbers in ascending order, then the others. `ABSENT` is that of a slot whose
    config has no such key."""
    weights: tuple[float, ...]
    """For each value: the slots that had it, or in a range of steps the sum of the steps that each slot had it."""
    slots: int
    """The number of slots; in a range of steps, the most that lived at once."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Spread) or (self.weights, self.slots) != (other.weights, other.slots):
            return False
        return self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[object, ...]:
        return tuple(map(identity, self.values)), self.weights, self.slots

    @property
    def content(self) -> Hashable:
        """The values with their shares, to compare spreads over different numbers of slots."""
        pairs = zip(self.values, self.shares, strict=True)
        return frozenset((identity(value), round(share, 9)) for value, share in pairs)

    @property
    def is_one(self) -> bool:
        """Whether all slots agree."""
        return len(self.values) == 1

    @property
    def value(self) -> Tree | Absent:
        """The value of most slots; of all slots if `is_one`."""
        return self.values[max(range(len(self.values)), key=self.weights.__getitem__)]

    @property
    def has_majority(self) -> bool:
        """Whether one value has more than half of the weight."""
        return 2 * max(self.weights) > math.fsum(self.weights)

    @property
    def shares(self) -> tuple[float, ...]:
        """The share of each value, from 0 to 1."""
        total = math.fsum(self.weights)
        return tuple([weight / total for weight in self.weights])

    @property
    def is_numeric(self) -> bool:
        """Whether some slots have a number, and the others have no value at all."""
        return bool(self._numbers) and all(map(is_gap, self.values[len(self._numbers) :]))

    @property
    def has_quantiles(self) -> bool:
        """Whether the values are summarised by quantiles: numbers of which there are many. Others have shares."""
        return self.is_numeric and len(self.values) > FEW

    @property
    def mean(self) -> float | None:
        """The mean of the numbers; None if there are none."""
        numbers = self._numbers
        total = math.fsum(self.weights[: len(numbers)])
        if not total:
            return None
        return math.fsum(number * (weight / total) for number, weight in zip(numbers, self.weights, strict=False))

    def quantile(self, share: float) -> int | float | None:
        """The least number that *share* of all numbers do not exceed; None if there are no numbers."""
        numbers, sums = self._numbers, self._sums
        if not sums:
            return None
        return numbers[min(bisect_left(sums, share * sums[-1] * (1 - 1e-12)), len(numbers) - 1)]

    @cached_property
    def _sums(self) -> Sequence[float]:
        return list(accumulate(self.weights[: len(self._numbers)]))

    @cached_property
    def _numbers(self) -> Sequence[int | float]:
        others = sum(1 for _ in takewhile(lambda value: not is_number(value), reversed(self.values)))
        return self.values[: len(self.values) - others]  # type: ignore[return-value]  # the numbers are first


def spread(weights: Mapping[int, float], values: Sequence[Tree | Absent], rank: Sequence[int], slots: int) -> Spread:
    """The spread of *values*, of which *weights* has the weight by position. They are put in order of *rank*."""
    order = sorted(weights, key=rank.__getitem__) if len(weights) > 1 else weights
    return Spread(tuple([values[key] for key in order]), tuple([weights[key] for key in order]), slots)


def ranks(values: Sequence[Tree | Absent]) -> Sequence[int]:
    """The position of each value in order: first the numbers, ascending, then the others as they are."""
    numbers = [position for position, value in enumerate(values) if is_number(value)]
    numbers.sort(key=lambda position: float(values[position]))  # type: ignore[arg-type]  # they are numbers
    others = [position for position, value in enumerate(values) if not is_number(value)]
    found = [0] * len(values)
    for rank, position in enumerate([*numbers, *others]):
        found[position] = rank
    return found


def of_one(value: Tree | Absent, slots: int) -> Spread:
    """The spread of a value that all *slots* have.

    There is at least one: sessions that contradict each other about the lives of a slot may count none.
    """
    return Spread((value,), (max(slots, 1),), max(slots, 1))


def is_number(value: Tree | Absent) -> bool:
    """Whether a value is a number that can be drawn on a scale; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def is_gap(value: Tree | Absent) -> bool:
    """Whether a value is null or absent."""
    return value is None or value is ABSENT
