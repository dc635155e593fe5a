"""Metrics that training programs write beside the journal, or where the user says, without W&B."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Final

from envcfg.core.errors import EnvcfgError
from envcfg.core.selection import warn
from envcfg.history.history import History
from envcfg.sources.metric_files.places import MetricFile, files_at, files_below
from envcfg.sources.metric_files.rows import TIME, Row
from envcfg.sources.placing import is_axis
from envcfg.sources.row_series import is_called_like_ours, is_number, numeric_names, series_of_rows
from envcfg.sources.series import Series
from envcfg.sources.trackers.addresses import tracker_rows, tracker_rows_below

_SLACK: Final = 60.0
"""In seconds: a program may log before the first record and after the last one."""
_OF_LOGGER: Final = "_"
"""How the names begin that are no metrics."""


class _Metrics:
    """A metric source of tables of rows."""

    def tables(self, run: History) -> Iterator[Sequence[Row]]:
        """The rows of each place in turn. Files of one kind that continue each other are one table."""
        raise NotImplementedError

    def names(self, run: History) -> Sequence[str]:
        found = dict.fromkeys(name for rows in self.tables(run) for name in numeric_names(rows))
        return [
            name
            for name in found
            if not (name.startswith(_OF_LOGGER) or is_called_like_ours(name) or is_axis(run, name))
        ]

    def series(self, run: History, name: str) -> Series | None:
        for rows in self.tables(run):
            having = [row for row in rows if is_number(row.get(name))]
            if having:
                return series_of_rows(run, having, name)
        return None


class NamedPlaces(_Metrics):
    """The metrics in the places that the user named."""

    def tables(self, run: History) -> Iterator[Sequence[Row]]:
        for place in run.metrics:
            of_tracker = tracker_rows(place, run)
            if of_tracker is not None:
                yield of_tracker
            else:
                yield from _joined([_read(file, file.stamp) for file in files_at(place)])


class FoundMetrics(_Metrics):
    """The metrics that lie in the folder of the job."""

    def tables(self, run: History) -> Iterator[Sequence[Row]]:
        if run.folder is not None:
            folder = run.folder.parent
            yield from _joined(list(_own(run, folder)))
            yield from _kept(folder, lambda: list(tracker_rows_below(folder, run)))


def _own(run: History, folder: Path) -> Iterator[Sequence[Row]]:
    """The rows of the files in the folder of the job that were written while the run was."""
    begun = min((span.begun for span in run.spans), default=0.0) - _SLACK
    for file in files_below(folder):
        if file.written >= begun:
            yield from _kept(file.path, partial(_since, file, begun))


def _since(file: MetricFile, begun: float) -> list[Sequence[Row]]:
    """The rows that were logged while the run was; of rows without a time all."""
    return [[row for row in _read(file, file.stamp) if row.get(TIME, begun) >= begun]]


def _kept(path: Path, read: Callable[[], list[Sequence[Row]]]) -> Iterator[Sequence[Row]]:
    """The tables at a place that nobody named. One that cannot be read is told once, and left out."""
    try:
        yield from filter(None, read())
    except (EnvcfgError, OSError) as error:
        _tell(f"{path} was left out: {error}")


def _joined(tables: Sequence[Sequence[Row]]) -> Iterator[Sequence[Row]]:
    """The tables. Those with the same metrics are one, unless they overlap in time."""
    kept: list[list[Row]] = []
    for rows in tables:
        before = next((other for other in kept if _continues(other, rows)), None)
        if before is None:
            kept.append(list(rows))
        else:
            before += rows
    yield from kept


def _continues(one: Sequence[Row], other: Sequence[Row]) -> bool:
    """Whether *other* has the metrics of *one*, and lies before or after it."""
    first, second = _span(one), _span(other)
    if first is None or second is None or not set(numeric_names(one)) & set(numeric_names(other)):
        return False
    is_of_episodes = all("monitor/episode_reward" in rows[0] for rows in (one, other))
    return is_of_episodes or first[1] <= second[0] or second[1] <= first[0]


def _span(rows: Sequence[Row]) -> tuple[float, float] | None:
    times = [row[TIME] for row in rows if TIME in row]
    return (min(times), max(times)) if len(times) == len(rows) and times else None


@lru_cache(maxsize=64)
def _read(file: MetricFile, _stamp: object) -> Sequence[Row]:
    return tuple(file.read(file.path))


@lru_cache(maxsize=64)
def _tell(sentence: str) -> None:
    """Warn once with each sentence."""
    warn(sentence)
