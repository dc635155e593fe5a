"""The keys that one slot was asked for and does not use yet. A key is judged through all requests of it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from envcfg.core.agreement import agrees, is_known
from envcfg.core.diff import ABSENT, Absent
from envcfg.core.record import Request
from envcfg.core.requested import unmet
from envcfg.core.tree import Config, Path, Tree, lookup

PATIENCE: Final = 3
"""A key counts as ineffective after this many resets of a slot without a requested value."""
_EARLIER: Final = 100
"""The number of earlier values of a key to keep: a slot may adopt a value that has been replaced since."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenRequest:
    """A request that is not effective in all of its slots yet."""

    request: Request
    config: Config
    paths: frozenset[Path]


@dataclass(slots=True)
class WaitingKey:
    """A key that a slot was asked for and does not use yet."""

    request: Request
    """The latest request of the key."""
    asked: Tree
    before: Tree | Absent
    """The value of the slot at the first request that it has not fulfilled."""
    since: int
    """The step of that request."""
    earlier: deque[Tree] = field(default_factory=lambda: deque(maxlen=_EARLIER))
    """Values that were asked for since, before the latest one."""
    misses: int = 0
    """The resets of the slot since then, in which it adopted none of the values."""


class SettledKey(NamedTuple):
    """A key that became effective in a slot."""

    path: Path
    key: WaitingKey


class SlotKeys:
    """The waiting keys of one slot."""

    def __init__(self) -> None:
        self.waiting: dict[Path, WaitingKey] = {}

    def ask(self, asked: OpenRequest, config: Config) -> Sequence[Path]:
        """Add the keys of a request that the slot does not use. One that waits already goes on waiting.

        Returns those that wait no longer, because the slot uses the newly requested value already.
        """
        lacking = unmet(asked.config, config)
        dropped = [path for path in asked.paths - lacking if self.waiting.pop(path, None)]
        for path in lacking:
            known, value = self.waiting.get(path), lookup(asked.config, path)
            if known is None:
                held = lookup(config, path, ABSENT)
                self.waiting[path] = WaitingKey(asked.request, value, held, asked.request.step)
            else:
                known.earlier.append(known.asked)
                known.request, known.asked = asked.request, value
        return dropped

    def reset(self, config: Config, at: int, times: int) -> tuple[Sequence[Path], Sequence[SettledKey]]:
        """Note resets at the step *at*. Returns the keys that are overdue, and those that became effective."""
        overdue, settled = [], []
        for path, key in list(self.waiting.items()):
            held = lookup(config, path, ABSENT)
            if agrees(key.asked, held) and key.request.step <= at:
                settled.append(SettledKey(path, key))
                del self.waiting[path]
            elif any(agrees(value, held) for value in (key.asked, *key.earlier)):
                key.misses = 0  # it works, and is late
            elif is_known(held):
                key.misses += times if key.since <= at else 0
            if path in self.waiting and key.misses >= PATIENCE:
                overdue.append(path)
        return overdue, settled
