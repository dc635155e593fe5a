"""A curriculum that does again what a recorded run did."""

import logging
from collections.abc import Mapping
from typing import Final

from envcfg import Cause
from envcfg.demo.curricula import Ledger
from envcfg.demo.task import Assignment, Task
from envcfg.rerun.replay import PlannedAdoption, Replay

_UNSAID: Final = Cause("manual", note="replay")

log = logging.getLogger(__name__)


class ReplayCurriculum:
    """Each slot adopts at each reset what it had adopted by then in the recording."""

    def __init__(self, replay: Replay) -> None:
        self._replay = replay
        self._step = 0
        self._ledger = Ledger()

    def assign(self, slot: int, step: int) -> Assignment:
        planned = self._replay.adopt(slot, at=step)
        self._step = step

        def check(config: object) -> None:
            self._compare(planned, config)

        task = Task(planned.task or "", planned.config)
        again = Assignment(task, planned.cause or _UNSAID, planned.record.requested_at, planned.config, check)
        return self._ledger.note(slot, step, again)

    def finished(self, task: Task, outcome: float, step: int, epoch: int) -> None:
        """What is replayed does not depend on how well it goes."""

    @property
    def probabilities(self) -> Mapping[str, float]:
        return self._replay.stated(self._step + 1)

    @property
    def changes(self) -> int:
        return self._ledger.changes

    def _compare(self, planned: PlannedAdoption, config: object) -> None:
        """Say the first divergence; there may be one at each reset from then on."""
        divergence = self._replay.check(planned, config)
        if divergence is not None and len(self._replay.divergences) == 1:
            log.warning("replay of %s: %s", self._replay.history.run, divergence)
