"""What slots were asked to run and do not yet: which request an adoption answers, and which keys never take."""

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
"""Resets of a slot without what it was asked for, from which on a key counts as a ineffective."""
REMEMBERED: Final = 1_000
"""Requests of every slot that one which has not reset since may still answer."""


@dataclass(frozen=True, slots=True)
class IneffectiveKey:
    """A key that was asked for, and that a slot still runs otherwise."""

    path: Path
    asked: Tree
    held: Tree | Absent
    step: int
    """At which it was asked for."""
    slot: int
    meant: Path | None
    """Where the slot's config has no such key, the one that was probably meant."""


class Holds(Struct, frozen=True, gc=False):
    """What a slot runs; in no cycle, for a config is a tree."""

    config: Config
    task: str | None


@dataclass(frozen=True, slots=True)
class _Asked:
    request: Request
    config: Config
    paths: frozenset[Path]


@dataclass(slots=True)
class _Slot:
    """What one slot was asked and has not answered, oldest first, and after how many resets."""

    waiting: list[_Asked] = field(default_factory=list)
    misses: list[int] = field(default_factory=list)
    heard: int = 0
    """How many of the requests of every slot it has taken notice of."""

    def ask(self, asked: _Asked, holds: Holds) -> None:
        """What was asked before of the same leaves is superseded, unless it is the same again."""
        if self.waiting and _what(asked) == _what(self.waiting[-1]):
            return
        kept = [place for place, earlier in enumerate(self.waiting) if not earlier.paths <= asked.paths]
        self.waiting = [*(self.waiting[place] for place in kept), asked]
        self.misses = [*(self.misses[place] for place in kept), 0]
        self._settle(holds)

    def look(self, holds: Holds, at: int, times: int) -> tuple[list[_Asked], list[tuple[_Asked, Path]]]:
        """The requests that resets answer, last one first, and what is overdue: leaves that they lack yet again."""
        answered, missing = self._settle(holds, at)
        overdue: list[tuple[_Asked, Path]] = []
        for place, paths in enumerate(missing):
            self.misses[place] += times if self.waiting[place].request.step <= at else 0
            if self.misses[place] >= PATIENCE:
                overdue += [(self.waiting[place], path) for path in sorted(paths, key=str)]
        return answered, overdue

    def _settle(self, holds: Holds, at: int = LARGE) -> tuple[list[_Asked], list[frozenset[Path]]]:
        """Take away what a slot that *holds* this was asked for and has; gives that, and what the others lack."""
        answered: list[_Asked] = []
        missing: list[frozenset[Path]] = []
        later: set[Path] = set()
        for place in reversed(range(len(self.waiting))):
            asked = self.waiting[place]
            lacks = unmet(asked.config, holds.config) - later
            later |= asked.paths
            if lacks or asked.request.step > at or not (asked.paths or asked.request.task in (None, holds.task)):
                missing.insert(0, lacks)
            else:
                answered.append(asked)
                del self.waiting[place], self.misses[place]
        return answered, missing


class Requests:
    """The requests of a session, and what became of them."""

    def __init__(self, held: Callable[[int], Holds]) -> None:
        self._held = held
        self.is_asked = False
        """Whether there ever was one."""
        self.ineffective_keys: dict[Path, IneffectiveKey] = {}
        """Keys that slots were asked for and have not come to have, after `PATIENCE` resets."""
        self._of_all: deque[_Asked] = deque(maxlen=REMEMBERED)
        self._asked_of_all = 0
        self._slots: dict[int, _Slot] = {}
        self._warned: set[Path] = set()
        self._told: int | None = None

    def ask(self, request: Request, config: Config) -> None:
        self.is_asked = True
        asked = _Asked(request, config, frozenset(path for path, _ in leaves(config) if path))
        if request.slots is None:
            self._of_all.append(asked)
            self._asked_of_all += 1
        for slot in request.slots or ():
            self._caught_up(slot).ask(asked, self._held(slot))

    def look(self, slot: int, holds: Holds, *, at: int = LARGE, times: int = 1) -> Request | None:
        """A slot was reset and *holds* this now: the request that it answers, if it does; of several the last one.

        What the slot held before is asked of whoever keeps that, and only if it was asked for more since. Of one that
        is heard of later it is said *at* which step that was, since it answers nothing that it was asked afterwards,
        and how many *times* it was reset.
        """
        answered, overdue = self._caught_up(slot).look(holds, at, times)
        for asked in answered:
            for path in asked.paths & self.ineffective_keys.keys():
                del self.ineffective_keys[path]
        for asked, path in overdue:
            self.ineffective_keys[path] = _ineffective_key(asked, path, slot, holds.config)
        return answered[0].request if answered else None

    def warnings(self) -> Iterator[str]:
        """A sentence for each ineffective that nobody was told of yet."""
        for path, ineffective in self.ineffective_keys.items():
            if path not in self._warned:
                self._warned.add(path)
                yield _sentence(ineffective)

    def new_count(self) -> int | None:
        """How many ineffective_keys there are; None where it was told so already."""
        count = len(self.ineffective_keys)
        if count == self._told:
            return None
        self._told = count
        return count

    def _caught_up(self, slot: int) -> _Slot:
        """The slot, having taken notice of what every slot was asked since."""
        found = self._slots.setdefault(slot, _Slot())
        new = self._asked_of_all - found.heard
        if new:  # it has adopted nothing since it was asked
            for asked in list(self._of_all)[-new:]:
                found.ask(asked, self._held(slot))
            found.heard = self._asked_of_all
        return found


def _what(asked: _Asked) -> tuple[str, str | None]:
    return asked.request.config, asked.request.task


def _ineffective_key(asked: _Asked, path: Path, slot: int, config: Config) -> IneffectiveKey:
    held = lookup(config, path, ABSENT)
    known = {place for place, _ in leaves(config) if place}
    meant = nearest(path, known) if isinstance(held, Absent) else None
    return IneffectiveKey(path, lookup(asked.config, path), held, asked.request.step, slot, meant)


def _sentence(ineffective: IneffectiveKey) -> str:
    key, value = dotted(ineffective.path), _text(ineffective.asked)
    asked = f"{key} was asked to be {value} at step {ineffective.step} and never became effective"
    if not isinstance(ineffective.held, Absent):
        return f"{asked}: after {PATIENCE} resets slot {ineffective.slot} still runs {_text(ineffective.held)}"
    hint = "" if ineffective.meant is None else f"; did you mean {dotted(ineffective.meant)}?"
    return f"{asked}: slot {ineffective.slot} runs a config without such a key{hint}"


def _text(value: Tree) -> str:
    return encode(value).decode()[:60]
