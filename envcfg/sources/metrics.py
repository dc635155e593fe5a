"""Reads the metrics that the trainer logged, as series over environment steps."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from envcfg.core.errors import SourceError
from envcfg.core.selection import near_text
from envcfg.history.history import History
from envcfg.sources.task_metrics import is_rewarding, of_single_tasks
from envcfg.sources.wandb.log import read_log
from envcfg.sources.wandb.metric_rows import FILE, read_rows

STEP_KEYS: Final = ("env_config/step", "step", "global_step", "agent_step", "env_step", "timesteps", "_step")
"""Names of the environment step in a trainer's rows, the best first. Only the first one is written by envcfg."""
EPOCH_KEYS: Final = ("env_config/epoch", "epoch")
OUTCOMES: Final = ("reward", "return", "episode_reward", "episodic_return", "rollout/ep_rew_mean", "overview/reward")

_OUR_FOLDERS: Final = ("_", "env/", "env_config/", "curriculum/task_prob/")
"""Prefixes of names that are not metrics of the trainer. W&B's own names begin with an underscore."""
_OUR_NAMES: Final = {f"curriculum/{name}" for name in ("task_entropy", "effective_tasks", "mix_effect", "skill_effect")}
_SOME: Final = 12
"""The most names that an error lists."""


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of a run: its finite values, in order of step.

    `steps`, `values` and `epochs` have the same length. `axis` is the name of the logged column that gives the steps,
    such as `env_config/step` for environment steps. An unknown epoch is None.

    Example: `series = metric(history); pyplot.plot(series.steps, series.values)`
    """

    name: str
    axis: str
    steps: tuple[float, ...]
    values: tuple[float, ...]
    epochs: tuple[float | None, ...]


def metric(history: History, name: str | None = None) -> Series:
    """Return a metric of the run as a `Series`. Without a *name*, it is the metric that looks most like the reward.

    Raises `SourceError` if the run logged no such metric, or if its logs are not found.

    Example: `metric(load(RUN), "success_rate")`
    """
    rows = [row for log in history.logs for row in _rows(log)]
    if not rows:
        raise SourceError(f"no metrics of run {history.run} were found: no W&B log lies in its folder or beside it")
    if name is not None and not any(_is_number(row.get(name)) for row in rows):
        raise SourceError(f"run {history.run} has no metric {name}{near_text(name, _numeric_names(rows))}")
    return _series(rows, name or _reward(history, list(_numeric_names(rows))))


def _reward(history: History, names: Sequence[str]) -> str:
    """Return the name that looks most like the reward of all tasks together."""
    of_a_task = of_single_tasks(names, history.adopted) - set(OUTCOMES)
    found = outcome([name for name in names if name not in of_a_task])
    if found is not None:
        return found
    if of_a_task:
        some = ", ".join(sorted(of_a_task)[:_SOME])
        raise SourceError(f"run {history.run} logged rewards of single tasks only ({some}): name the metric to take")
    known = ", ".join(names[:_SOME]) or "no metric at all"
    raise SourceError(f"run {history.run} logged nothing that looks like a reward; it logged {known}")


def metric_names(history: History) -> tuple[str, ...]:
    """Return the names of all numeric metrics that the trainer logged, without those of envcfg."""
    return tuple(_numeric_names(row for log in history.logs for row in _rows(log)))


@lru_cache(maxsize=8)
def _read(path: Path, _size: int) -> tuple[Mapping[str, Any], ...]:
    return tuple(read_rows(path) if path.name == FILE else read_log(path).rows)


def _rows(path: Path) -> tuple[Mapping[str, Any], ...]:
    return _read(path, path.stat().st_size)


def _numeric_names(rows: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    return {key: None for row in rows for key, value in row.items() if _is_number(value) and not _is_ours(key)}


def _is_ours(name: str) -> bool:
    return name.startswith(_OUR_FOLDERS) or name in _OUR_NAMES


def outcome(names: Sequence[str]) -> str | None:
    """Return the name that looks most like a reward."""
    for name in OUTCOMES:
        if name in names:
            return name
    return min(filter(is_rewarding, names), key=lambda name: (name.count("/"), len(name)), default=None)


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
