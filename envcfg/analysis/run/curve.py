"""A metric as a curve with a band: few enough points to draw, and no band that mixes both sides of a change."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from envcfg.analysis.run.sampling import Near, extremes, near
from envcfg.sources.series import Series

MAX_POINTS: Final = 2_000
BAND_POINTS: Final = 400
LOOKED_AT: Final = 800
"""Values of a window, evenly picked, that its quantiles are made of: these differ by less than can be seen."""


class Stretch(NamedTuple):
    """What the values are like around each of some steps, from one cut to the next."""

    steps: tuple[float, ...]
    band: tuple[Near, ...]


class Curve(NamedTuple):
    """A metric, reduced to what can be seen, and what its values are like nearby."""

    name: str
    axis: str
    steps: tuple[float, ...]
    values: tuple[float, ...]
    stretches: tuple[Stretch, ...]


def curve(series: Series, *, cuts: Sequence[float] = ()) -> Curve:
    """The curve of a metric that something may have changed at the steps in *cuts*."""
    count = len(series.values)
    kept = extremes(series.values, MAX_POINTS)
    bounds = sorted({0, count, *(bisect_left(series.steps, cut) for cut in cuts)})
    return Curve(
        series.name,
        series.axis,
        tuple(series.steps[index] for index in kept),
        tuple(series.values[index] for index in kept),
        tuple(_stretch(series, start, end) for start, end in pairwise(bounds)),
    )


def _stretch(series: Series, start: int, end: int) -> Stretch:
    count = len(series.values)
    reach = max(3, count // 80) if count <= BAND_POINTS else max(10, count // 400)
    places = sorted({*range(start, end, max(1, -(-count // BAND_POINTS))), end - 1})
    each = max(1, 2 * reach // LOOKED_AT)
    windows = (series.values[max(start, place - reach) : min(end, place + reach + 1) : each] for place in places)
    return Stretch(tuple(series.steps[place] for place in places), tuple(map(near, windows)))
