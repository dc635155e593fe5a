"""Collects the next mix: stated task probabilities, counts of adoptions, and rewards of episodes."""

import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from envcfg.core.errors import ConfigError
from envcfg.core.record import Mix, Returns
from envcfg.core.returns import returns_of
from envcfg.core.split import merged
from envcfg.tracking.arguments import text

TOLERANCE: Final = 0.01
"""Probabilities are written if their total variation distance from the last written ones is at least this."""
DOUBLE_EVERY: Final = 1_000_000
"""The tolerance doubles after this many written probabilities, so that no run writes more than eight times as many."""
UNCOUNTED: Final = 4096
"""Uncounted adoptions are counted when there are this many, so that they do not fill the memory."""


class Tally:
    """Counts adoptions and rewards, and keeps the latest stated probabilities until `take` makes a `Mix` of them."""

    def __init__(
        self, to_text: Callable[[object], str] = text, *, tolerance: float = TOLERANCE, double_every: int = DOUBLE_EVERY
    ) -> None:
        self._to_text = to_text
        self._tolerance = tolerance
        self._double_every = double_every
        self._adopted: dict[str, int] = {}
        self.uncounted: list[str] = []
        """The tasks of adoptions that are not counted yet. Appending is atomic, so it needs no lock."""
        self._counting = threading.RLock()  # reentrant, since a Ctrl-C may leave it locked by this thread
        self._stated: dict[str, float] | None = None
        self._written: dict[str, float] | None = None
        self._numbers = 0
        self._rewards: dict[str, list[Returns]] = {}
        self._episodes: dict[str, list[tuple[float, int | None]]] = {}
        self._has_rewards = False
        """Whether the trainer passes the returns. Then those that adapters saw do not count."""
        self.ended = 0
        """The number of episodes that ended since the last mix."""
        self.total = 0
        """The number of adoptions in all mixes so far."""

    @property
    def tolerance(self) -> float:
        """The current tolerance. Above 1, only the last probabilities are written."""
        return math.ldexp(self._tolerance, self._numbers // self._double_every)

    def adopt(self, task: str | None, times: int = 1) -> None:
        if times:
            with self._counting:
                self._adopted[task or ""] = self._adopted.get(task or "", 0) + times

    def count(self) -> None:
        """Count the adoptions in `uncounted`. Those that another thread appends meanwhile stay there."""
        with self._counting:
            known = self.uncounted[:]
            del self.uncounted[: len(known)]
            for task in known:
                self._adopted[task] = self._adopted.get(task, 0) + 1

    def state(self, probabilities: Mapping[str, float]) -> None:
        """Set the stated probabilities; raises `ConfigError` for one that is negative or not finite."""
        stated = {self._to_text(task): float(value) for task, value in probabilities.items()}
        for task, value in stated.items():
            if not (math.isfinite(value) and value >= 0):
                raise ConfigError(f"the probability of task {task!r} is {value}: expected a finite number >= 0")
        self._stated = stated

    def reward(self, episodes: Mapping[str, Iterable[float] | float]) -> None:
        """Add the rewards of finished episodes, by task; raises `ConfigError` for one that is not finite."""
        for task, rewards in episodes.items():
            values = [float(rewards)] if isinstance(rewards, int | float) else [float(reward) for reward in rewards]
            if not all(map(math.isfinite, values)):
                wrong = next(value for value in values if not math.isfinite(value))
                raise ConfigError(f"a reward of task {task!r} is {wrong}: expected finite numbers")
            if values:
                self._rewards.setdefault(self._to_text(task), []).append(returns_of(values))
                self._has_rewards = True

    def end_episode(self, task: str | None, reward: float, length: int | None) -> None:
        """Add the return of an episode that an adapter saw; raises `ConfigError` if it is not finite."""
        if not math.isfinite(reward):
            raise ConfigError(f"the return of an episode is {reward}: expected a finite number")
        self._episodes.setdefault(task or "", []).append((reward, length))
        self.ended += 1

    def take(self, *, step: int, epoch: int | None, time: float, is_last: bool = False) -> Mix | None:
        """The mix since the last call; None if there were no adoptions, no rewards and no new probabilities."""
        with self._counting:
            self.count()
            adopted, self._adopted = self._adopted, {}
            self.total += sum(adopted.values())
        stated = self._stated if self._is_new(is_last) else None
        rewards = self._returns()
        if not adopted and not rewards and stated is None:
            return None
        mix = Mix(step, time, epoch, stated, adopted, rewards or None)
        if stated is not None:
            self._written = stated
            self._numbers += len(stated)
        return mix

    def _returns(self) -> dict[str, Returns]:
        """The returns since the last mix, by task. Calling this forgets them."""
        rewards, self._rewards = self._rewards, {}
        episodes, self._episodes, self.ended = self._episodes, {}, 0
        if self._has_rewards:
            return dict(merged({task: part} for task, parts in rewards.items() for part in parts))
        return {task: _returns_of(found) for task, found in episodes.items()}

    def _is_new(self, is_last: bool) -> bool:
        if self._stated is None or self._stated == self._written:
            return False
        return is_last or self._written is None or distance(self._stated, self._written) >= self.tolerance


def _returns_of(episodes: Sequence[tuple[float, int | None]]) -> Returns:
    lengths = [length for _, length in episodes if length is not None]
    return returns_of([reward for reward, _ in episodes], lengths if len(lengths) == len(episodes) else ())


def distance(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The total variation distance of two mixes, from 0 to 1. Weights that do not add up to 1 are normalised."""
    apart = sum(abs(value - other.get(task, 0.0)) for task, value in one.items())
    apart += sum(value for task, value in other.items() if task not in one)
    total = sum(one.values()) + sum(other.values())
    return apart / total if total > 0 else 0.0
