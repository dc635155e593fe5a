"""Metrics that a trainer logged in W&B, from the log of a run on disk or from its rows on the server."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from envcfg.core.errors import MissingExtraError, SourceError
from envcfg.history.history import History
from envcfg.sources.row_series import is_called_like_ours, is_number, numeric_names, series_of_rows
from envcfg.sources.series import Series
from envcfg.sources.wandb.log import read_log
from envcfg.sources.wandb.metric_rows import FILE, own_series, read_rows
from envcfg.sources.wandb.mirror import series_beside

_OF_WANDB: Final = "_"
"""W&B's own names begin with an underscore."""


class _Part(NamedTuple):
    """The rows of one log, and the series of envcfg in it; None if it does not name them."""

    rows: tuple[Mapping[str, Any], ...]
    series: frozenset[str] | None


class LoggedMetrics:
    """The metric source of runs that were logged in W&B."""

    def names(self, run: History) -> Sequence[str]:
        """The numeric metrics that the trainer logged, without those of envcfg."""
        found = (name for part in _parts(run) for name in numeric_names(part.rows) if _is_a_trainers(name, part))
        return list(dict.fromkeys(found))

    def series(self, run: History, name: str) -> Series | None:
        """The metric with this name, which may be one of envcfg; None if it was not logged."""
        return series_of_rows(run, [row for row in rows(run) if is_number(row.get(name))], name)


def rows(run: History) -> Iterable[Mapping[str, Any]]:
    """The logged rows, oldest first. Raises `SourceError` if they cannot be read, also without W&B."""
    return (row for part in _parts(run) for row in part.rows)


def _parts(run: History) -> Iterable[_Part]:
    return (_read(log, log.stat().st_size) for log in run.logs)


@lru_cache(maxsize=8)
def _read(path: Path, _size: int) -> _Part:
    try:
        if path.name == FILE:
            return _Part(tuple(read_rows(path)), _named(series_beside(path)))
        log = read_log(path)
    except MissingExtraError as error:
        raise SourceError(str(error), code=error.code) from error
    return _Part(tuple(log.rows), _named(own_series(log.config)))


def _named(series: Sequence[str] | None) -> frozenset[str] | None:
    return None if series is None else frozenset(series)


def _is_a_trainers(name: str, part: _Part) -> bool:
    if name.startswith(_OF_WANDB):
        return False
    return not is_called_like_ours(name) if part.series is None else name not in part.series
