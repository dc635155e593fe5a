"""Places the rows of a metric on the run clock. A step in a row counts only if it agrees with the clock."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.sources.clock_map import ClockMap

Rows: TypeAlias = Sequence[Mapping[str, Any]]
StepOf: TypeAlias = Callable[[Mapping[str, Any]], float]


class Axis(NamedTuple):
    """What rows are placed by."""

    name: str
    step_of: StepOf
    is_checked: bool = True
    """Whether it is stated, or the recording confirms it."""


OURS: Final = "env_config/step"
_OTHERWISE: Final = "env_config/step_envcfg"
"""Its name in the rows of a trainer that logs `env_config/step` itself."""
STEP_KEYS: Final = (
    *("step", "global_step", "agent_step", "env_step", "timesteps", "trainer/global_step", "time/total_timesteps"),
    *("timesteps_total", "num_env_steps_sampled_lifetime", "env_runners/num_env_steps_sampled_lifetime"),
)
"""Keys of a trainer's rows that may count environment steps, best first."""
EPOCH_KEYS: Final = ("epoch", "training_iteration", "iteration")
TIME_KEYS: Final = (
    *("time", "timestamp", "wall_time", "walltime", "elapsed_time", "time_elapsed", "time/time_elapsed", "runtime"),
    *("time_total_s", "time/iterations"),
)
"""Keys of a trainer's rows that tell when a row was logged."""
CLOCK: Final = "run clock"
"""The axis of rows that were placed by the time at which they were logged."""
_ROW: Final = "_step"
_TIME: Final = "_timestamp"
_ENOUGH: Final = 0.95
"""The share of rows whose step must agree with the clock."""


class Placed(NamedTuple):
    """The rows of a metric with their steps."""

    axis: str
    steps: tuple[float, ...]
    rows: tuple[Mapping[str, Any], ...]
    is_checked: bool


def placed(history: History, rows: Rows, name: str) -> Placed:
    """The rows of the metric *name* in order of the step of the run.

    Raises `SourceError` if nothing relates them to environment steps, with what to write.
    """
    clock = ClockMap.of(history)
    axis = _axis(history, rows, name, clock)
    found = [(float(axis.step_of(row)), row) for row in rows]
    kept = [(step, row) for step, row in found if not clock.is_replaced(step, row.get(_TIME))]
    kept.sort(key=lambda pair: pair[0])
    return Placed(axis.name, tuple(step for step, _ in kept), tuple(row for _, row in kept), axis.is_checked)


def is_axis(history: History, name: str) -> bool:
    """Whether the column *name* says where a row lies - its step, epoch or time - and is no outcome."""
    stated = (job.metric_step for job in history.jobs)
    return name in {OURS, _OTHERWISE, *STEP_KEYS, *EPOCH_KEYS, *TIME_KEYS, *stated}


def disagreements(history: History, rows: Rows) -> Iterator[str]:
    """A sentence for each key that looks like environment steps and does not agree with the run clock."""
    clock = ClockMap.of(history)
    for key in STEP_KEYS[1:]:
        having = [row for row in rows if _is_number(row.get(key)) and _is_number(row.get(_TIME))]
        if having and clock.end_steps and not _agrees(having, clock, _value_of(key)):
            row = having[-1]
            yield f"{key} is {row[key]:,} where the run is at step {clock.step_at(row[_TIME]):,.0f}"


def _axis(history: History, rows: Rows, name: str, clock: ClockMap) -> Axis:
    """The first axis that is stated, marked, or agrees with the clock; else the clock itself."""
    stated = next((job.metric_step for job in reversed(history.jobs) if job.metric_step), None)
    if stated is not None and _has(rows, stated):
        return Axis(stated, _value_of(stated))
    is_timed = _has(rows, _TIME)
    ours = _OTHERWISE if any(_OTHERWISE in row for row in rows) else OURS
    if any(link.marked for link in history.links) and _is_marked(rows, ours, is_timed=is_timed):
        return Axis(OURS, lambda row: float(row[ours]) if ours in row else clock.step_at(row[_TIME]))
    if not is_timed:
        return _untimed(rows, clock)
    if not clock.moves:
        raise SourceError(_refusal(history, rows, name))
    for axis in _candidates(rows, clock):
        if _agrees(rows, clock, axis.step_of):
            return axis
    for key in (*STEP_KEYS, _ROW):  # of a run so short that times tell nothing
        if _has(rows, key) and clock.has_ends_at([float(row[key]) for row in rows]):
            return Axis(key, _value_of(key))
    return Axis(CLOCK, lambda row: clock.step_at(row[_TIME]), is_checked=clock.has_ends)


def _is_marked(rows: Rows, ours: str, *, is_timed: bool) -> bool:
    """Whether rows have the step of the run at which they were logged, and it moved."""
    steps = {row[ours] for row in rows if _is_number(row.get(ours))}
    return (len(steps) > 1 or (len(steps) == len(rows) == 1)) and (is_timed or _has(rows, ours))


def _candidates(rows: Rows, clock: ClockMap) -> Iterator[Axis]:
    for key in (OURS, *STEP_KEYS, _ROW):
        if _has(rows, key):
            yield Axis(key, _value_of(key))
    for key in (*EPOCH_KEYS, _ROW):
        if _has(rows, key) and all(clock.end_of(row[key]) is not None for row in rows):
            yield Axis(f"{key}, as epochs", _end_of(key, clock))


def _value_of(key: str) -> StepOf:
    return lambda row: float(row.get(key, 0))


def _end_of(key: str, clock: ClockMap) -> StepOf:
    return lambda row: clock.end_of(row[key]) or 0.0


def _agrees(rows: Rows, clock: ClockMap, step_of: StepOf) -> bool:
    """Whether the steps lie where the clock was when the rows were logged."""
    inside = 0
    for row in rows:
        low, high = clock.bounds(row[_TIME])
        inside += low <= step_of(row) <= high
    is_constant = len(rows) > 1 and len({step_of(row) for row in rows}) == 1
    return inside >= _ENOUGH * len(rows) and not is_constant


def _untimed(rows: Rows, clock: ClockMap) -> Axis:
    """The axis of rows without a time. Their steps are checked by where the recording says that epochs ended."""
    keys = [key for key in (OURS, *STEP_KEYS, _ROW) if _has(rows, key)]
    for is_step in (clock.has_ends_at, clock.ends_with):
        for key in keys:
            if is_step([float(row[key]) for row in rows]):
                return Axis(key, _value_of(key))
    for key in EPOCH_KEYS:
        if _has(rows, key) and clock.has_epochs([row[key] for row in rows]):
            return Axis(f"{key}, as epochs", _end_of(key, clock))
    key = keys[0] if keys else _ROW
    return Axis(key, _value_of(key), is_checked=False)


def _refusal(history: History, rows: Rows, name: str) -> str:
    known = next((key for key in STEP_KEYS if _has(rows, key)), "global_step")
    return (
        f"{name} of run {history.run} cannot be placed on environment steps: the recording has one step only, so that "
        f"no key of its rows can be checked. Call tracker.end_epoch(step=...) in the training, or name the key that "
        f"counts environment steps: hydra.callbacks.env_config.metric_step={known}, or Tracker(metric_step={known!r})"
    )


def _has(rows: Rows, key: str) -> bool:
    return all(_is_number(row.get(key)) for row in rows)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max
