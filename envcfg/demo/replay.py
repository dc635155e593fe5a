"""A curriculum that repeats a recorded run."""

import logging
from collections.abc import Mapping
from typing import Final

from envcfg import Cause, Replay
from envcfg.demo.curricula import Ledger
from envcfg.demo.task import Assignment, Task

_UNSAID: Final = Cause("manual", note="replay")

log = logging.getLogger(__name__)


class ReplayCurriculum:
    """At each reset, gives each slot the config that it had adopted by then in the recording."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._step = 0
        self._ledger = Ledger()

    def assign(self, slot: int, step: int) -> Assignment:
        turn = self._replay.adopt(slot, at=step)
        self._step = step

        def check(config: object) -> None:
            self._note(self._replay.check(turn, config))

        task = Task(turn.task or "", turn.config)
        again = Assignment(task, turn.cause or _UNSAID, turn.record.requested_at, turn.config, check)
        return self._ledger.note(slot, step, again)

    def finished(self, task: Task, outcome: float, step: int, epoch: int) -> None:
        """Ignore the outcome, because a replay does not depend on it."""

    @property
    def probabilities(self) -> Mapping[str, float]:
        return self._replay.stated(self._step + 1)

    @property
    def changes(self) -> int:
        return self._ledger.changes

    def _note(self, divergence: object) -> None:
        """Log the first divergence only, because each later reset may diverge too."""
        if divergence is not None and len(self._replay.divergences) == 1:
            log.warning("replay of %s: %s", self._replay.history.run, divergence)
