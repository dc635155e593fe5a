"""Compares the steps in the trainer's own rows with the run clock, and says once where they disagree."""

import sys
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

STEP_NAMES: Final = (
    "global_step",
    "trainer/global_step",
    "env_step",
    "agent_step",
    "timesteps",
    "time/total_timesteps",
)
"""Names in a row that mean environment steps."""
_ENDS: Final = 3


class StepCheck:
    """Looks at each row. A step may be up to one epoch away from the clock."""

    def __init__(self) -> None:
        self._ends: deque[int] = deque(maxlen=_ENDS)
        self._has_warned = False

    def end_epoch(self, step: int) -> None:
        self._ends.append(step)

    def __call__(self, row: Mapping[str, Any], step: int) -> None:
        if self._has_warned or len(self._ends) < _ENDS:
            return
        length = self._ends[-1] - self._ends[0]
        for name in STEP_NAMES:
            told = row.get(name)
            if isinstance(told, int) and not self._ends[0] - length <= told <= step + length:
                self._has_warned = True
                sys.stderr.write(
                    f"envcfg: a row that your program logs says {name}={told:,}, but the run is at step {step:,}. "
                    "Metrics are placed by the run's steps. If yours are environment steps of all slots together, pass "
                    "them to tracker.end_epoch(step=...) (shown once)\n"
                )
                return
