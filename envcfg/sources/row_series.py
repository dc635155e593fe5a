"""Makes series of the rows that a trainer logged, wherever they were read."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from envcfg.history.history import History
from envcfg.sources.placing import placed
from envcfg.sources.series import Series

_OUR_FOLDERS: Final = ("env/", "env_config/", "curriculum/task_prob/")
_OUR_NAMES: Final = {f"curriculum/{name}" for name in ("task_entropy", "effective_tasks", "mix_effect", "skill_effect")}
EPOCH_KEYS: Final = ("env_config/epoch", "epoch")


def numeric_names(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """The names that have a number in some row, in the order in which they came."""
    return list(dict.fromkeys(key for row in rows for key, value in row.items() if is_number(value)))


def series_of_rows(run: History, having: Sequence[Mapping[str, Any]], name: str) -> Series | None:
    """The metric *name* of rows that all have it, placed on the run clock; None if there is no row."""
    if not having:
        return None
    found = placed(run, having, name)
    epochs = tuple(next((row[key] for key in EPOCH_KEYS if is_number(row.get(key))), None) for row in found.rows)
    values = tuple(float(row[name]) for row in found.rows)
    return Series(name, found.axis, found.steps, values, epochs, found.is_checked)


def is_called_like_ours(name: str) -> bool:
    """Whether a name is one that envcfg gives to its own series. Nothing else tells them apart in most logs."""
    return name.startswith(_OUR_FOLDERS) or name in _OUR_NAMES


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
