"""A curriculum that repeats a recorded run."""

import logging
from collections.abc import Mapping
from typing import Final

from envcfg import Cause, Replay
from envcfg.demo.curricula import DecisionCounter
from envcfg.demo.task import Assignment, Task

_NOT_RECORDED: Final = Cause("manual", note="replay")

log = logging.getLogger(__name__)


class ReplayCurriculum:
    """At each reset, gives each slot the config that it had adopted by then in the recording."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._step = 0
        self._counter = DecisionCounter()

    def assign(self, slot: int, step: int) -> Assignment:
        planned = self._replay.adopt(slot, at=step)
        self._step = step

        def check(config: object) -> None:
            self._log_first(self._replay.check(planned, config))

        task = Task(planned.task or "", planned.config)
        again = Assignment(task, planned.cause or _NOT_RECORDED, planned.record.requested_at, planned.config, check)
        return self._counter.count(slot, step, again)

    def finished(self, task: Task, outcome: float) -> None:
        """Ignore the outcome, because a replay does not depend on it."""

    def decide(self, step: int, epoch: int) -> None:
        """Decide nothing, because the recording has every adoption."""

    @property
    def probabilities(self) -> Mapping[str, float]:
        return self._replay.stated(self._step + 1)

    @property
    def changes(self) -> int:
        return self._counter.changes

    def _log_first(self, divergence: object) -> None:
        """Log the first divergence only, because each later reset may diverge too."""
        if divergence is not None and len(self._replay.divergences) == 1:
            log.warning("replay of %s: %s", self._replay.history.run, divergence)
