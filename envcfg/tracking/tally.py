"""What happened since the last mix was written: stated probabilities and counted adoptions."""

import math
from collections import Counter
from collections.abc import Mapping

from envcfg.core.errors import ConfigError
from envcfg.core.record import Mix


class Tally:
    """Counts adoptions and keeps the latest stated probabilities until `take` makes a `Mix` of them."""

    def __init__(self) -> None:
        self._adopted: Counter[str] = Counter()
        self._stated: dict[str, float] | None = None
        self._written: dict[str, float] | None = None

    def adopt(self, task: str | None) -> None:
        self._adopted[task or ""] += 1

    def state(self, probabilities: Mapping[str, float]) -> None:
        """Raises `ConfigError` for a probability that is negative or not finite."""
        stated = {str(task): float(value) for task, value in probabilities.items()}
        for task, value in stated.items():
            if not (math.isfinite(value) and value >= 0):
                raise ConfigError(f"the probability of task {task!r} is {value}: expected a finite number >= 0")
        self._stated = stated

    def take(self, *, step: int, epoch: int | None, time: float) -> Mix | None:
        """The mix since the last one; None when nothing was adopted and nothing new was stated."""
        stated = self._stated if self._stated != self._written else None
        if not self._adopted and stated is None:
            return None
        mix = Mix(step, time, epoch, stated, dict(self._adopted))
        self._adopted.clear()
        self._written = self._stated
        return mix
