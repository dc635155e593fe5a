"""A parameter over the living slots as one number for a chart, with its quantiles."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from envcfg.core.diff import identity
from envcfg.core.tree import Tree


def slot_summary(held: Sequence[tuple[Tree, int]]) -> Tree | None:
    """The value that all slots have; else the mean of numbers, or the value that more than half of the slots have.

    *held* has values with their numbers of slots. None if nothing of that is known.
    """
    counts: dict[bytes | None, int] = {}
    for value, count in held:
        counts[identity(value)] = counts.get(identity(value), 0) + count
    if len(counts) < 2:
        return held[0][0] if held else None
    numbers = slot_numbers(held)
    if numbers is not None:
        return sum(number * count for number, count in numbers) / sum(count for _, count in numbers)
    most = max(counts, key=counts.__getitem__)
    has_majority = 2 * counts[most] > sum(counts.values())
    return next(value for value, _ in held if identity(value) == most) if has_majority else None


def slot_numbers(held: Sequence[tuple[Tree, int]]) -> list[tuple[float, int]] | None:
    """The numbers in ascending order with their numbers of slots; None if a slot has anything but a finite number."""
    found: list[tuple[float, int]] = []
    for value, count in held:
        if not isinstance(value, int | float) or not _is_finite(value):
            return None
        found.append((float(value), count))
    return sorted(found) or None


def quantile(numbers: Sequence[tuple[float, int]], share: float) -> float:
    """The least of the sorted *numbers* that *share* of all slots do not exceed."""
    least = share * sum(count for _, count in numbers) * (1 - 1e-12)
    sums = list(accumulate(count for _, count in numbers))
    return numbers[bisect_left(sums, least)][0]


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond every float
        return False
