"""The open requests of slots: which request an adoption fulfils, and which keys stay ineffective."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from msgspec import Struct

from envcfg.core.diff import ABSENT, Absent
from envcfg.core.encoding import encode
from envcfg.core.path import dotted
from envcfg.core.record import Request
from envcfg.core.requested import nearest, unmet
from envcfg.core.tree import Config, Path, Tree, leaves, lookup
from envcfg.tracking.arguments import LARGE

PATIENCE: Final = 3
"""A key counts as ineffective after this many resets of a slot without the requested value."""
REMEMBERED: Final = 1_000
"""The number of requests for all slots to keep, for slots that have not reset since."""


@dataclass(frozen=True, slots=True)
class UnadoptedKey:
    """A requested key that a slot has not adopted with the requested value."""

    path: Path
    asked: Tree
    held: Tree | Absent
    step: int
    """The step of the request."""
    slot: int
    meant: Path | None
    """The key that was probably meant, if the slot's config has no such key."""


class InUse(Struct, frozen=True, gc=False):
    """The config and task that a slot uses. It cannot be part of a reference cycle, so `gc=False` is safe."""

    config: Config
    task: str | None


@dataclass(frozen=True, slots=True)
class _OpenRequest:
    request: Request
    config: Config
    paths: frozenset[Path]


@dataclass(slots=True)
class _SlotRequests:
    """The open requests of one slot, oldest first, and the number of resets since each."""

    waiting: list[_OpenRequest] = field(default_factory=list)
    misses: list[int] = field(default_factory=list)
    seen: int = 0
    """The number of requests for all slots that this slot has taken into account."""

    def ask(self, asked: _OpenRequest, in_use: InUse) -> None:
        """Add a request. It supersedes open requests for the same leaves, unless it repeats the latest one."""
        if self.waiting and _content(asked) == _content(self.waiting[-1]):
            return
        kept = [place for place, earlier in enumerate(self.waiting) if not earlier.paths <= asked.paths]
        self.waiting = [*(self.waiting[place] for place in kept), asked]
        self.misses = [*(self.misses[place] for place in kept), 0]
        self._settle(in_use)

    def reset(self, in_use: InUse, at: int, times: int) -> tuple[list[_OpenRequest], list[tuple[_OpenRequest, Path]]]:
        """The requests that resets fulfil, latest first, and the leaves that are overdue, with their requests."""
        fulfilled, missing = self._settle(in_use, at)
        overdue: list[tuple[_OpenRequest, Path]] = []
        for place, paths in enumerate(missing):
            self.misses[place] += times if self.waiting[place].request.step <= at else 0
            if self.misses[place] >= PATIENCE:
                overdue += [(self.waiting[place], path) for path in sorted(paths, key=str)]
        return fulfilled, overdue

    def _settle(self, in_use: InUse, at: int = LARGE) -> tuple[list[_OpenRequest], list[frozenset[Path]]]:
        """Remove the fulfilled requests; returns them, and the missing leaves of each other request."""
        fulfilled: list[_OpenRequest] = []
        missing: list[frozenset[Path]] = []
        later: set[Path] = set()
        for place in reversed(range(len(self.waiting))):
            asked = self.waiting[place]
            lacks = unmet(asked.config, in_use.config) - later
            later |= asked.paths
            if lacks or asked.request.step > at or not (asked.paths or asked.request.task in (None, in_use.task)):
                missing.insert(0, lacks)
            else:
                fulfilled.append(asked)
                del self.waiting[place], self.misses[place]
        return fulfilled, missing


class Requests:
    """The requests of a session and their outcomes. *in_use* returns the config and task of a slot."""

    def __init__(self, in_use: Callable[[int], InUse]) -> None:
        self._in_use = in_use
        self.is_asked = False
        """Whether there was any request."""
        self.ineffective_keys: dict[Path, UnadoptedKey] = {}
        """Requested keys that slots have not adopted after `PATIENCE` resets."""
        self._of_all: deque[_OpenRequest] = deque(maxlen=REMEMBERED)
        self._asked_of_all = 0
        self._slots: dict[int, _SlotRequests] = {}
        self._warned: set[Path] = set()
        self._last_count: int | None = None

    def ask(self, request: Request, config: Config) -> None:
        self.is_asked = True
        asked = _OpenRequest(request, config, frozenset(path for path, _ in leaves(config) if path))
        if request.slots is None:
            self._of_all.append(asked)
            self._asked_of_all += 1
        for slot in request.slots or ():
            self._updated(slot).ask(asked, self._in_use(slot))

    def reset(self, slot: int, in_use: InUse, *, at: int = LARGE, times: int = 1) -> Request | None:
        """Note that a slot was reset and uses *in_use* now; returns the latest request that this fulfils, if any.

        For a reset in a worker, *at* is its step: it does not fulfil requests after that step. *times* is the number of
        resets. Call this before the slot's entry for *in_use* changes.
        """
        fulfilled, overdue = self._updated(slot).reset(in_use, at, times)
        for asked in fulfilled:
            for path in asked.paths & self.ineffective_keys.keys():
                del self.ineffective_keys[path]
        for asked, path in overdue:
            self.ineffective_keys[path] = _ineffective_key(asked, path, slot, in_use.config)
        return fulfilled[0].request if fulfilled else None

    def warnings(self) -> Iterator[str]:
        """A message for each ineffective key that has no message yet."""
        for path, ineffective in self.ineffective_keys.items():
            if path not in self._warned:
                self._warned.add(path)
                yield _sentence(ineffective)

    def new_count(self) -> int | None:
        """The number of ineffective keys; None if it is the same as at the last call."""
        count = len(self.ineffective_keys)
        if count == self._last_count:
            return None
        self._last_count = count
        return count

    def _updated(self, slot: int) -> _SlotRequests:
        """The slot, after adding the new requests for all slots."""
        found = self._slots.setdefault(slot, _SlotRequests())
        new = self._asked_of_all - found.seen
        if new:  # the slot has adopted nothing since these requests
            for asked in list(self._of_all)[-new:]:
                found.ask(asked, self._in_use(slot))
            found.seen = self._asked_of_all
        return found


def _content(asked: _OpenRequest) -> tuple[str, str | None]:
    return asked.request.config, asked.request.task


def _ineffective_key(asked: _OpenRequest, path: Path, slot: int, config: Config) -> UnadoptedKey:
    held = lookup(config, path, ABSENT)
    known = {place for place, _ in leaves(config) if place}
    meant = nearest(path, known) if isinstance(held, Absent) else None
    return UnadoptedKey(path, lookup(asked.config, path), held, asked.request.step, slot, meant)


def _sentence(ineffective: UnadoptedKey) -> str:
    key, value = dotted(ineffective.path), _text(ineffective.asked)
    asked = f"the request {key}={value} of step {ineffective.step:,} never became effective"
    if not isinstance(ineffective.held, Absent):
        return f"{asked}: after {PATIENCE} resets, slot {ineffective.slot} still uses {_text(ineffective.held)}"
    hint = "" if ineffective.meant is None else f"; did you mean {dotted(ineffective.meant)}?"
    return f"{asked}: the config of slot {ineffective.slot} has no such key{hint}"


def _text(value: Tree) -> str:
    return encode(value).decode()[:60]
