"""Adds the points of envcfg to the rows that the trainer logs, so it adds no row and moves no step.

Each row also gets the step of the run clock at which it was logged. So a reader knows to which step the row belongs.
"""

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from envcfg.sinks.wandb.metrics import STEP, LiveMetrics, MetricsRow
from envcfg.sinks.wandb.run import hook_log
from envcfg.sinks.wandb.step_check import StepCheck

Reached: TypeAlias = Callable[[], tuple[int, int | None]]
"""The current step and epoch of the run clock."""


class TrainerRows:
    """The rows of one W&B run. Rows may be logged from any thread."""

    def __init__(self, live: LiveMetrics, lock: threading.RLock, reached: Reached) -> None:
        self._live = live
        self._reached = reached
        self._lock = lock
        self._points: MetricsRow = {}
        self._pid = os.getpid()
        self._is_open = True
        self._check = StepCheck()
        self.is_marked = False
        """Whether each row gets the step at which it was logged."""

    def attach(self, run: Any) -> None:
        self.is_marked = hook_log(run, self._merged)

    def end_epoch(self, run: Any, *, step: int, epoch: int) -> None:
        """Keep the points of the epoch for the next row of the trainer."""
        with self._lock:
            self._check.end_epoch(step)
            row = self._live.row(step=step, epoch=epoch)
            if not self.is_marked:
                run.log(row, commit=False)  # a client that cannot be hooked: added to the row that is open
                return
            self._points |= row

    def finish(self, run: Any) -> None:
        """Publish the points that no row has in the summary: a row of our own would move the trainer's steps."""
        with self._lock:
            points, self._points, self._is_open = self._points, {}, False
        if points:
            run.summary.update(points)

    def _merged(self, data: Any) -> Any:
        """*data* with the points of envcfg. Names that the trainer uses stay its own. Raises nothing."""
        if not isinstance(data, Mapping) or os.getpid() != self._pid or not self._is_open:
            return data
        with suppress(Exception), self._lock:
            step, epoch = self._reached()
            self._check(data, step)
            points = self._points
            if epoch is not None:
                points = {**points, **self._live.row(step=step, epoch=epoch)}
            self._points = {}
            return {**points, STEP: step, **data}
        return data
