"""The runs of a sweep on one axis: the metric of each run, and the median and band of each group."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import Final, NamedTuple

from envcfg.analysis.groups import Run, metric_of, picked, runs
from envcfg.analysis.groups import groups as named_groups
from envcfg.analysis.placement import placements
from envcfg.analysis.run.sampling import quantiles
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.series import Series
from envcfg.sources.sweep import SweepRun

COLUMNS: Final = 80
MAX_RUNS: Final = 1_000
BAND_RUNS: Final = 3
"""The runs that a group needs for a band."""


class Line(NamedTuple):
    """A run with the mean of its metric in each column; None before its first point and after its last."""

    run: Run
    values: tuple[float | None, ...]


class RunGroup(NamedTuple):
    """The runs of a curriculum: their median and band in each column.

    None where no run has a point; the band is also None for fewer than `BAND_RUNS` runs.
    """

    name: str
    lines: tuple[Line, ...]
    middle: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]


class Trajectories(NamedTuple):
    """The groups, the largest first, over columns of equal width."""

    metric: str
    bounds: tuple[float, ...]
    groups: tuple[RunGroup, ...]
    runs: int
    """The number of all runs; `drawn` of them are in the groups."""
    drawn: int
    notes: tuple[str, ...]
    """Sentences about what is not shown."""


def trajectories(sweep: Iterable[SweepRun], *, metric_name: MetricChoice = None) -> Trajectories:
    """All runs in groups. Raises `SourceError` if there are no runs, or none has the metric."""
    found = runs(sweep, metric_name)
    having = [run for run in found if run.series is not None]
    shown = [having[index] for index in picked(len(having), MAX_RUNS)]
    end = max([1.0, *(run.series.steps[-1] for run in shown if run.series)])
    bounds = tuple(end * column / COLUMNS for column in range(COLUMNS + 1))
    lines = [Line(run, _means(run.series, bounds)) for run in shown if run.series]
    return Trajectories(
        metric=metric_of(found),
        bounds=bounds,
        groups=tuple(_group(name, [line for line in lines if line.run.group == name]) for name in named_groups(shown)),
        runs=len(found),
        drawn=len(shown),
        notes=(
            *_notes(len(found), len(having), len(shown)),
            *placements(run.series for run in having if run.series),
        ),
    )


def _means(series: Series, bounds: Sequence[float]) -> tuple[float | None, ...]:
    """The mean of the points in each column; columns without points are interpolated linearly."""
    sums = [0.0] * (len(bounds) - 1)
    counts = [0] * (len(bounds) - 1)
    width = bounds[1]
    for step, value in zip(series.steps, series.values, strict=True):
        column = min(len(sums) - 1, max(0, int(step / width)))
        sums[column] += value
        counts[column] += 1
    return _bridged([total / count if count else None for total, count in zip(sums, counts, strict=True)])


def _bridged(values: Sequence[float | None]) -> tuple[float | None, ...]:
    """Interpolate gaps, so that None remains only before the first value and after the last."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    bridged = list(values)
    for (start, low), (end, high) in pairwise(known):
        for place in range(start + 1, end):
            bridged[place] = low + (high - low) * (place - start) / (end - start)
    return tuple(bridged)


def _group(name: str, lines: Sequence[Line]) -> RunGroup:
    columns = [
        [value for value in column if value is not None]
        for column in zip(*(line.values for line in lines), strict=True)
    ]
    around = [quantiles(column) if len(column) >= BAND_RUNS else None for column in columns]
    return RunGroup(
        name,
        tuple(lines),
        tuple(median(column) if column else None for column in columns),
        tuple(found.low if found else None for found in around),
        tuple(found.high if found else None for found in around),
    )


def _notes(found: int, having: int, shown: int) -> Iterable[str]:
    if having < found:
        yield f"{found - having:,} runs without this metric are left out"
    if shown < having:
        yield f"{shown} of {having:,} runs are shown, evenly spaced by outcome"
