"""Fewer points that look the same."""

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def extremes(values: Sequence[float], most: int) -> list[int]:
    """At most *most* positions in order: the least and the greatest value of each bucket, first and last included.

    A spike survives any reduction, which picking every nth point does not promise.
    """
    if len(values) <= most:
        return list(range(len(values)))
    buckets = max(1, (most - 2) // 2)
    kept = {0, len(values) - 1}
    for bucket in range(buckets):
        start, end = len(values) * bucket // buckets, len(values) * (bucket + 1) // buckets
        places = range(start, end)
        kept |= {min(places, key=values.__getitem__), max(places, key=values.__getitem__)}
    return sorted(kept)


def clusters(positions: Sequence[float], most: int) -> list[list[int]]:
    """The positions' indices in at most *most* groups of neighbours; each alone when they are few enough."""
    if len(positions) <= most:
        return [[index] for index in range(len(positions))]
    low, high = min(positions), max(positions)
    width = (high - low) / most or 1.0
    groups: dict[int, list[int]] = {}
    for index, position in enumerate(positions):
        groups.setdefault(min(most - 1, int((position - low) / width)), []).append(index)
    return [groups[key] for key in sorted(groups)]


def rolling_band(
    values: Sequence[float], window: int, low: float = 0.1, high: float = 0.9
) -> list[tuple[float, float]]:
    """Quantiles of the *window* values around each one."""
    half = window // 2
    band: list[tuple[float, float]] = []
    for index in range(len(values)):
        near = sorted(values[max(0, index - half) : index + half + 1])
        band.append((near[round(low * (len(near) - 1))], near[round(high * (len(near) - 1))]))
    return band
