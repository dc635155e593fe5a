"""The open requests of slots: which request an adoption fulfils, and which keys stay ineffective."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from envcfg.core.record import Request
from envcfg.core.requested import unmet
from envcfg.core.tree import Config, Path, leaves
from envcfg.tracking.alarms import Alarms
from envcfg.tracking.arguments import LARGE
from envcfg.tracking.asked_keys import PATIENCE, OpenRequest, SlotKeys

__all__ = ["PATIENCE", "InUse", "Requests"]
REMEMBERED: Final = 1_000
"""The number of requests for all slots to keep, for slots that have not reset since."""


class InUse(Struct, frozen=True, gc=False):
    """The config and task that a slot uses. It cannot be part of a reference cycle, so `gc=False` is safe."""

    config: Config
    task: str | None


@dataclass(slots=True)
class _SlotRequests:
    """The open requests of one slot, oldest first, and its keys that are asked for and not in use."""

    waiting: list[OpenRequest] = field(default_factory=list)
    keys: SlotKeys = field(default_factory=SlotKeys)
    seen: int = 0
    """The number of requests for all slots that this slot has taken into account."""

    def ask(self, asked: OpenRequest, in_use: InUse) -> Sequence[Path]:
        """Add a request. It supersedes open requests for the same leaves, unless it repeats the latest one.

        Returns the keys that wait no longer.
        """
        if self.waiting and _content(asked) == _content(self.waiting[-1]):
            return ()
        self.waiting = [*(earlier for earlier in self.waiting if not earlier.paths <= asked.paths), asked]
        dropped = self.keys.ask(asked, in_use.config)
        self.settle(in_use)
        return dropped

    def settle(self, in_use: InUse, at: int = LARGE) -> list[OpenRequest]:
        """Remove the fulfilled requests, and return them, latest first."""
        fulfilled: list[OpenRequest] = []
        later: set[Path] = set()
        for asked in reversed(list(self.waiting)):
            lacks = unmet(asked.config, in_use.config) - later
            later |= asked.paths
            if not (lacks or asked.request.step > at) and (asked.paths or asked.request.task in (None, in_use.task)):
                fulfilled.append(asked)
        self.waiting = [asked for asked in self.waiting if asked not in fulfilled]
        return fulfilled


class Requests:
    """The requests of a session and their outcomes. *in_use* returns the config and task of a slot."""

    def __init__(self, in_use: Callable[[int], InUse]) -> None:
        self._in_use = in_use
        self.is_asked = False
        """Whether there was any request."""
        self.alarms = Alarms()
        """Requested keys that slots have not adopted after `PATIENCE` resets."""
        self._of_all: deque[OpenRequest] = deque(maxlen=REMEMBERED)
        self._asked_of_all = 0
        self._slots: dict[int, _SlotRequests] = {}
        self._last_count: int | None = None

    def ask(self, request: Request, config: Config) -> None:
        self.is_asked = True
        asked = OpenRequest(request, config, frozenset(path for path, _ in leaves(config) if path))
        if request.slots is None:
            self._of_all.append(asked)
            self._asked_of_all += 1
        for slot in request.slots or ():
            self._ask(slot, self._updated(slot), asked)

    def reset(self, slot: int, in_use: InUse, *, at: int = LARGE, times: int = 1) -> Request | None:
        """Note that a slot was reset and uses *in_use* now; returns the latest request that this fulfils, if any.

        For a reset in a worker, *at* is its step: it does not fulfil requests after that step. *times* is the number of
        resets. Call this before the slot's entry for *in_use* changes.
        """
        asked = self._updated(slot)
        fulfilled = asked.settle(in_use, at)
        overdue, met = asked.keys.reset(in_use.config, at, times)
        self.alarms.raise_for(slot, overdue, in_use.config)
        self.alarms.take_back(slot, met)
        return fulfilled[0].request if fulfilled else None

    def warnings(self) -> Iterator[str]:
        """A message for each key that is ineffective now and was not before, and for each that is effective again."""
        if self.alarms.has_news:
            yield from self.alarms.sentences({slot: found.keys.waiting for slot, found in self._slots.items()})

    def new_count(self) -> int | None:
        """The number of ineffective keys; None if it is the same as at the last call."""
        count = len(self.alarms)
        if count == self._last_count:
            return None
        self._last_count = count
        return count

    def _ask(self, slot: int, found: _SlotRequests, asked: OpenRequest) -> None:
        self.alarms.drop(slot, found.ask(asked, self._in_use(slot)))

    def _updated(self, slot: int) -> _SlotRequests:
        """The slot, after adding the new requests for all slots."""
        found = self._slots.setdefault(slot, _SlotRequests())
        new = self._asked_of_all - found.seen
        if new:  # the slot has adopted nothing since these requests
            for asked in list(self._of_all)[-new:]:
                self._ask(slot, found, asked)
            found.seen = self._asked_of_all
        return found


def _content(asked: OpenRequest) -> tuple[str, str | None]:
    return asked.request.config, asked.request.task
