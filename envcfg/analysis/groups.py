"""The runs of a sweep, side by side: their groups and their outcomes."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice, metric_of_each
from envcfg.sources.series import Series
from envcfg.sources.sweep import SweepRun

LAST: Final = 0.1
"""The outcome of a run is the mean of the last points of its metric: this share of them."""
UNGROUPED: Final = "curriculum not recorded"
GROUPS: Final = 6
OTHERS: Final = "other curricula"
"""The name of the group of all smaller curricula, if there are more than `GROUPS`."""


class Run(NamedTuple):
    """A run of a sweep; `series` and `outcome` are None if it did not log the metric."""

    name: str
    group: str
    """Its curriculum, or `OTHERS`."""
    history: History
    series: Series | None
    outcome: float | None
    """The mean of the last tenth of the metric's points."""


def runs(sweep: Iterable[SweepRun], metric_name: MetricChoice = None) -> tuple[Run, ...]:
    """The runs, the best outcome first, and runs without an outcome last.

    Raises `SourceError` if there are no runs, or if none of them has the metric *metric_name*.
    """
    given = list(sweep)
    series_of = metric_of_each(metric_name, len(given))
    found = [_run(run.name, run.history, series_of) for run in given]
    if not found:
        raise SourceError("there are no runs to compare: give at least one")
    if metric_name is not None and all(run.series is None for run in found):
        named = f" {metric_name}" if isinstance(metric_name, str) else ""
        raise SourceError(f"none of the {len(found)} runs has a metric{named}; {_why_not(found, series_of)}")
    found.sort(key=lambda run: (run.outcome is None, -(run.outcome or 0.0), run.name))
    return tuple(_grouped(found))


def picked(count: int, most: int) -> list[int]:
    """At most *most* of *count* positions, evenly spaced, with the first and the last."""
    if count <= most:
        return list(range(count))
    return [round(index * (count - 1) / (most - 1)) for index in range(most)]


def metric_of(found: Sequence[Run]) -> str:
    """The name of the metric that the runs are compared by."""
    return next((run.series.name for run in found if run.series), "no metric")


def groups(found: Iterable[Run]) -> tuple[str, ...]:
    """The groups of runs, the largest first and `OTHERS` last."""
    sizes = Counter(run.group for run in found)
    return tuple(sorted(sizes, key=lambda group: (group == OTHERS, -sizes[group], group)))


def outcome(series: Series) -> float:
    """The mean of the last points of a metric."""
    last = last_points(series)
    return sum(last) / len(last)


def last_points(series: Series) -> Sequence[float]:
    """The share `LAST` of the points of a metric, at least one."""
    return series.values[-max(1, round(len(series.values) * LAST)) :]


def _grouped(found: Sequence[Run]) -> Iterable[Run]:
    """Make at most `GROUPS` groups, because there are few colours and symbols that differ clearly."""
    names = groups(found)
    own = names if len(names) <= GROUPS else names[: GROUPS - 1]
    return (run if run.group in own else run._replace(group=OTHERS) for run in found)


def _run(name: str, history: History, series_of: Callable[[History], Series]) -> Run:
    series = _series(history, series_of)
    return Run(name, history.curriculum or UNGROUPED, history, series, None if series is None else outcome(series))


def _series(history: History, series_of: Callable[[History], Series]) -> Series | None:
    try:
        return series_of(history)
    except SourceError:
        return None


def _why_not(found: Iterable[Run], series_of: Callable[[History], Series]) -> str:
    """The error message of the first run, which lists similar metrics."""
    for run in found:
        try:
            series_of(run.history)
        except SourceError as error:
            return str(error)
    return ""


def outcome_at(series: Series, step: float) -> float | None:
    """The mean of the last tenth of the steps until *step*; None if the metric has no point there."""
    points = zip(series.steps, series.values, strict=True)
    last = [value for at, value in points if (1 - LAST) * step < at <= step]
    return sum(last) / len(last) if last else None
