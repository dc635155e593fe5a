"""Reduce the points of a curve so that it still looks the same."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple


class Quantiles(NamedTuple):
    """The 10, 50 and 90 % quantiles of the values around one step."""

    low: float
    median: float
    high: float


def extremes(values: Sequence[float], most: int) -> list[int]:
    """At most *most* positions in order: the least and the greatest value of each bucket, and the first and the last.

    Unlike taking every nth point, this keeps every spike.
    """
    if len(values) <= most:
        return list(range(len(values)))
    buckets = max(1, (most - 2) // 2)
    kept = {0, len(values) - 1}
    for bucket in range(buckets):
        start, end = len(values) * bucket // buckets, len(values) * (bucket + 1) // buckets
        part = values[start:end]
        kept |= {start + part.index(min(part)), start + part.index(max(part))}
    return sorted(kept)


def clusters(count: int, at: Callable[[int], float], most: int) -> list[range]:
    """*count* things in at most *most* groups of neighbours; each alone if there are at most *most*.

    The position of thing *i* is `at(i)`. Positions never decrease.
    """
    if count <= most:
        return [range(index, index + 1) for index in range(count)]
    low, high = at(0), at(count - 1)
    width = (high - low) / most or 1.0
    cuts = [bisect_left(range(count), low + group * width, key=at) for group in range(1, most)]
    return [range(start, stop) for start, stop in pairwise([0, *cuts, count]) if start < stop]


def quantiles(values: Sequence[float]) -> Quantiles:
    """The 10, 50 and 90 % quantiles of *values*."""
    ordered = sorted(values)
    return Quantiles(*(ordered[round(share * (len(ordered) - 1))] for share in (0.1, 0.5, 0.9)))
