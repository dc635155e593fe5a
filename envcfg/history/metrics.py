"""The trainer's metrics, from where the trainer logged them, on the axis of environment steps."""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.history.metric_rows import FILE, read_rows
from envcfg.history.wandb_log import read_log

STEP_KEYS: Final = ("env_config/step", "step", "global_step", "agent_step", "env_step", "timesteps", "_step")
"""What counts environment steps in a trainer's rows, best first; the first is ours and needs no guess."""
EPOCH_KEYS: Final = ("env_config/epoch", "epoch")
OUTCOMES: Final = ("reward", "return", "episode_reward", "episodic_return", "rollout/ep_rew_mean", "overview/reward")

_OURS: Final = (
    *("_", "env/", "env_config/"),
    *("curriculum/task_", "curriculum/effective_tasks", "curriculum/mix_effect", "curriculum/skill_effect"),
)


@dataclass(frozen=True, slots=True)
class Series:
    """One metric: finite values in order of step; `axis` names what was taken for the steps."""

    name: str
    axis: str
    steps: tuple[float, ...]
    values: tuple[float, ...]
    epochs: tuple[float | None, ...]


def metric(history: History, name: str | None = None) -> Series:
    """A metric of the run; without a name, the one that looks most like its reward.

    Raises `SourceError` when the run logged no such metric, or nothing that can be found.
    """
    rows = [row for log in history.logs for row in _rows(log)]
    if not rows:
        raise SourceError(f"no metrics of run {history.run} were found: no W&B log lies in its folder or beside it")
    names = list(_numeric_names(rows))
    chosen = name or outcome([name for name in names if not _is_of_a_task(name, history.adopted)])
    if chosen is None or not any(_is_number(row.get(chosen)) for row in rows):
        known = ", ".join(names[:12]) or "none at all"
        raise SourceError(f"run {history.run} has no metric {chosen or 'like a reward'}; it logged {known}")
    return _series(rows, chosen)


def metric_names(history: History) -> tuple[str, ...]:
    """Every numeric metric that the trainer logged, those that envcfg publishes excluded."""
    return tuple(_numeric_names(row for log in history.logs for row in _rows(log)))


@lru_cache(maxsize=8)
def _read(path: Path, _size: int) -> tuple[Mapping[str, Any], ...]:
    return tuple(read_rows(path) if path.name == FILE else read_log(path).rows)


def _rows(path: Path) -> tuple[Mapping[str, Any], ...]:
    return _read(path, path.stat().st_size)


def _numeric_names(rows: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    return {key: None for row in rows for key, value in row.items() if _is_number(value) and not key.startswith(_OURS)}


def _is_of_a_task(name: str, tasks: Iterable[str]) -> bool:
    """Whether a metric speaks of one task only, such as `reward/nav/easy`."""
    return any(task and name != task and task in name for task in tasks)


def outcome(names: Sequence[str]) -> str | None:
    """The one of *names* that looks most like a reward."""
    for name in OUTCOMES:
        if name in names:
            return name
    like = [name for name in names if re.search(r"(?i)reward|return|ep_rew|success", name)]
    return min(like, key=lambda name: (name.count("/"), len(name)), default=None)


def _series(rows: Sequence[Mapping[str, Any]], name: str) -> Series:
    having = [row for row in rows if _is_number(row.get(name))]
    axis = next(key for key in STEP_KEYS if key == "_step" or all(_is_number(row.get(key)) for row in having))
    points = sorted(having, key=lambda row: row.get(axis, 0))
    epochs = tuple(next((row[key] for key in EPOCH_KEYS if _is_number(row.get(key))), None) for row in points)
    return Series(
        name, axis, tuple(row.get(axis, 0) for row in points), tuple(float(row[name]) for row in points), epochs
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
