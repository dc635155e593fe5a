"""Publishes the points of envcfg in the rows that the trainer logs, so it adds no row and moves no step.

Each row also gets the step of the run clock at which it was logged. So a reader knows to which step the row belongs.
Rows of our own exist only where the program never calls `log`: they come when the run ends. If TensorBoard writes the
rows of the run, they come as soon as the program has not called `log` in its first epochs. From its first call on, no
row of ours follows.
"""

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, TypeAlias

from envcfg.sinks.wandb.backlog import Backlog
from envcfg.sinks.wandb.metrics import STEP, LiveMetrics, MetricsRow
from envcfg.sinks.wandb.published import PublishedNames
from envcfg.sinks.wandb.run import hook_log, is_owned_by_tensorboard
from envcfg.sinks.wandb.step_check import StepCheck

HELD: Final = 20
"""The epochs for which points wait for a first row of the program, if TensorBoard writes the rows of the run."""

Reached: TypeAlias = Callable[[], tuple[int, int | None]]
"""The current step and epoch of the run clock."""


class _Own(threading.local):
    """Whether the row that this thread logs is of envcfg: of this sink, or of another one of the same W&B run."""

    is_logged = False


_own = _Own()


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
        """The points of each epoch that has no row yet; None once the trainer has logged a row."""
        self._epochs = 0
        self._pid = os.getpid()
        self._is_open = True
        self._check = StepCheck()
        self.is_marked = False
        """Whether each row gets the step at which it was logged."""

    def attach(self, run: Any) -> None:
        self._names.define_axes()
        self.is_marked = hook_log(run, self._merged)

    def end_epoch(self, run: Any, *, step: int, epoch: int) -> None:
        """Keep the points of the epoch for the next row of the trainer, or log them if there will be none."""
        with self._lock:
            self._check.end_epoch(step)
            row = self._live.row(step=step, epoch=epoch)
            if not self.is_marked:
                run.log(self._names.row(row), commit=False)  # a client that cannot be hooked: into the open row
                return
            self._points |= row
            self._epochs += 1
            if self._backlog is not None:
                self._backlog.add(row)
                if self._epochs > HELD and is_owned_by_tensorboard(run):
                    self._log_backlog(run, self._backlog)

    def finish(self, run: Any) -> None:
        """Publish the points that no row has.

        They are in the summary, because a row of our own would move the trainer's steps. If the trainer logged nothing,
        each epoch gets a row.
        """
        with self._lock:
            if self._backlog is not None:
                self._log_backlog(run, self._backlog)
            points, self._points, self._is_open = self._points, {}, False
            if points:
                run.summary.update(self._names.row(points))

    def _log_backlog(self, run: Any, backlog: Backlog) -> None:
        self._points, self._backlog = {}, Backlog()
        _own.is_logged = True
        try:
            for row in backlog.rows:
                run.log(self._names.row(row))
        finally:
            _own.is_logged = False

    def _merged(self, data: Any) -> Any:
        """*data* with the points of envcfg. Names that the trainer uses stay its own. Raises nothing."""
        if not isinstance(data, Mapping) or os.getpid() != self._pid or not self._is_open:
            return data
        with suppress(Exception), self._lock:
            if _own.is_logged:
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
