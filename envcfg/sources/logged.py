"""Metrics that a trainer logged in W&B, from the log of a run on disk or from its rows on the server."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from envcfg.core.errors import MissingExtraError, SourceError
from envcfg.history.history import History
from envcfg.sources.placing import placed
from envcfg.sources.series import Series
from envcfg.sources.wandb.log import read_log
from envcfg.sources.wandb.metric_rows import FILE, read_rows

EPOCH_KEYS: Final = ("env_config/epoch", "epoch")

_OUR_FOLDERS: Final = ("_", "env/", "env_config/", "curriculum/task_prob/")
"""W&B's own names begin with an underscore."""
_OUR_NAMES: Final = {f"curriculum/{name}" for name in ("task_entropy", "effective_tasks", "mix_effect", "skill_effect")}


class LoggedMetrics:
    """The metric source of runs that were logged in W&B."""

    def names(self, run: History) -> Sequence[str]:
        """The numeric metrics that the trainer logged, without those of envcfg."""
        return list(dict.fromkeys(key for row in rows(run) for key, value in row.items() if _is_a_trainers(key, value)))

    def series(self, run: History, name: str) -> Series | None:
        """The metric with this name, which may be one of envcfg; None if it was not logged."""
        having = [row for row in rows(run) if _is_number(row.get(name))]
        return _series(run, having, name) if having else None


def rows(run: History) -> Iterable[Mapping[str, Any]]:
    """The logged rows, oldest first. Raises `SourceError` if they cannot be read, also without W&B."""
    return (row for log in run.logs for row in _read(log, log.stat().st_size))


@lru_cache(maxsize=8)
def _read(path: Path, _size: int) -> tuple[Mapping[str, Any], ...]:
    try:
        return tuple(read_rows(path) if path.name == FILE else read_log(path).rows)
    except MissingExtraError as error:
        raise SourceError(str(error), code=error.code) from error


def _series(run: History, having: Sequence[Mapping[str, Any]], name: str) -> Series:
    found = placed(run, having, name)
    epochs = tuple(next((row[key] for key in EPOCH_KEYS if _is_number(row.get(key))), None) for row in found.rows)
    values = tuple(float(row[name]) for row in found.rows)
    return Series(name, found.axis, found.steps, values, epochs, found.is_checked)


def _is_a_trainers(name: str, value: Any) -> bool:
    return _is_number(value) and not name.startswith(_OUR_FOLDERS) and name not in _OUR_NAMES


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
