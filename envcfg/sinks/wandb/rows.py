"""Publishes the points of envcfg in the rows that the trainer logs, so it adds no row and moves no step.

Each row also gets the step of the run clock at which it was logged. So a reader knows to which step the row belongs.
Rows of our own exist only where the trainer logs none: TensorBoard writes the rows of the run, or the program never
calls `log`.
"""

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from envcfg.sinks.wandb.backlog import Backlog
from envcfg.sinks.wandb.metrics import STEP, LiveMetrics, MetricsRow
from envcfg.sinks.wandb.published import PublishedNames
from envcfg.sinks.wandb.run import hook_log, is_owned_by_tensorboard
from envcfg.sinks.wandb.step_check import StepCheck

Reached: TypeAlias = Callable[[], tuple[int, int | None]]
"""The current step and epoch of the run clock."""


class TrainerRows:
    """The rows of one W&B run. Rows may be logged from any thread."""

    def __init__(self, live: LiveMetrics, names: PublishedNames, lock: threading.RLock, reached: Reached) -> None:
        self._live = live
        self._names = names
        self._reached = reached
        self._lock = lock
        self._points: MetricsRow = {}
        """The points that no row has yet."""
        self._backlog: Backlog | None = Backlog()
        """The points of each epoch, until the trainer logs its first row."""
        self._pid = os.getpid()
        self._is_open = True
        self._is_own = False
        """Whether the row that is being logged is one of our own."""
        self._check = StepCheck()
        self.is_marked = False
        """Whether each row gets the step at which it was logged."""

    def attach(self, run: Any) -> None:
        self._names.define_axes()
        self.is_marked = hook_log(run, self._merged)

    def end_epoch(self, run: Any, *, step: int, epoch: int) -> None:
        """Keep the points of the epoch for the next row of the trainer, or log them if TensorBoard writes its rows."""
        with self._lock:
            self._check.end_epoch(step)
            row = self._live.row(step=step, epoch=epoch)
            if not self.is_marked:
                run.log(self._names.row(row), commit=False)  # a client that cannot be hooked: into the open row
            elif is_owned_by_tensorboard(run):
                self._log(run, self._names.row({**self._points, **row}))
                self._points, self._backlog = {}, None
            else:
                self._points |= row
                if self._backlog is not None:
                    self._backlog.add(row)

    def finish(self, run: Any) -> None:
        """Publish the points that no row has.

        They are in the summary, because a row of our own would move the trainer's steps. If the trainer logged nothing,
        each epoch gets a row.
        """
        with self._lock:
            points, self._points = self._points, {}
            backlog, self._backlog = self._backlog, None
            for row in backlog.rows if backlog else ():
                self._log(run, self._names.row(row))
            self._is_open = False
            if points and not backlog:
                run.summary.update(self._names.row(points))

    def _log(self, run: Any, row: Mapping[str, Any]) -> None:
        self._is_own = True
        try:
            run.log(row)
        finally:
            self._is_own = False

    def _merged(self, data: Any) -> Any:
        """*data* with the points of envcfg. Names that the trainer uses stay its own. Raises nothing."""
        if not isinstance(data, Mapping) or os.getpid() != self._pid or not self._is_open:
            return data
        with suppress(Exception), self._lock:
            if self._is_own:
                return data
            self._backlog = None
            step, epoch = self._reached()
            self._check(data, step)
            points = self._points
            if epoch is not None:
                points = {**points, **self._live.row(step=step, epoch=epoch)}
            self._points = {}
            return self._names.merged({**points, STEP: step}, data)
        return data
