"""A metric as a curve with a band. The curve has few enough points to draw. The band is cut at each change."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from envcfg.analysis.run.sampling import Quantiles, extremes, quantiles
from envcfg.sources.series import Series

MAX_POINTS: Final = 2_000
BAND_POINTS: Final = 400
QUANTILE_VALUES: Final = 800
"""The most values of a window that its quantiles use, evenly spaced. With more, the curve looks the same."""


class BandSegment(NamedTuple):
    """The band between two cuts: quantiles of the values around each step."""

    steps: tuple[float, ...]
    band: tuple[Quantiles, ...]


class Curve(NamedTuple):
    """A metric, reduced to the points that can be seen, with its band."""

    name: str
    axis: str
    steps: tuple[float, ...]
    values: tuple[float, ...]
    segments: tuple[BandSegment, ...]


def curve(series: Series, *, cuts: Sequence[float] = ()) -> Curve:
    """The curve of a metric; its band is cut at the steps in *cuts*."""
    count = len(series.values)
    kept = extremes(series.values, MAX_POINTS)
    bounds = sorted({0, count, *(bisect_left(series.steps, cut) for cut in cuts)})
    return Curve(
        series.name,
        series.axis,
        tuple(series.steps[index] for index in kept),
        tuple(series.values[index] for index in kept),
        tuple(_segment(series, start, end) for start, end in pairwise(bounds)),
    )


def _segment(series: Series, start: int, end: int) -> BandSegment:
    count = len(series.values)
    reach = max(3, count // 80) if count <= BAND_POINTS else max(10, count // 400)
    places = sorted({*range(start, end, max(1, -(-count // BAND_POINTS))), end - 1})
    each = max(1, 2 * reach // QUANTILE_VALUES)
    windows = (series.values[max(start, place - reach) : min(end, place + reach + 1) : each] for place in places)
    return BandSegment(tuple(series.steps[place] for place in places), tuple(map(quantiles, windows)))
