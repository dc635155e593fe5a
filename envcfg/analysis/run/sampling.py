"""Reduce the points of a curve so that it still looks the same."""

from collections.abc import Sequence
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


def clusters(positions: Sequence[float], most: int) -> list[list[int]]:
    """The indices of *positions* in at most *most* groups of neighbours; each alone if there are at most *most*."""
    if len(positions) <= most:
        return [[index] for index in range(len(positions))]
    low, high = min(positions), max(positions)
    width = (high - low) / most or 1.0
    groups: dict[int, list[int]] = {}
    for index, position in enumerate(positions):
        groups.setdefault(min(most - 1, int((position - low) / width)), []).append(index)
    return [groups[key] for key in sorted(groups)]


def quantiles(values: Sequence[float]) -> Quantiles:
    """The 10, 50 and 90 % quantiles of *values*."""
    ordered = sorted(values)
    return Quantiles(*(ordered[round(share * (len(ordered) - 1))] for share in (0.1, 0.5, 0.9)))
