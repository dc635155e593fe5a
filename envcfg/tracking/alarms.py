"""The messages about requested keys that slots do not adopt, each once, and taken back when they do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from envcfg.core.diff import ABSENT, Absent, same
from envcfg.core.encoding import encode
from envcfg.core.path import dotted
from envcfg.core.requested import nearest
from envcfg.core.tree import Config, Path, Tree, leaves, lookup
from envcfg.tracking.asked_keys import SettledKey, WaitingKey

_LONGEST: Final = 60
"""The most characters of a value in a message."""
Waiting = Mapping[int, Mapping[Path, WaitingKey]]
"""The waiting keys of each slot."""


@dataclass(frozen=True, slots=True)
class _Alarm:
    """A key that is overdue in a slot."""

    slot: int
    held: Tree | Absent
    meant: Path | None
    """The key that was probably meant, if the slot's config has no such key."""


class Alarms:
    """The ineffective keys of all slots."""

    def __init__(self) -> None:
        self._overdue: dict[Path, dict[int, _Alarm]] = {}
        self._told: set[Path] = set()
        self._back: dict[Path, tuple[int, SettledKey]] = {}
        """Keys that were told and became effective since, with the last slot that adopted them."""

    def __len__(self) -> int:
        """The number of ineffective keys."""
        return len(self._overdue)

    def raise_for(self, slot: int, overdue: Sequence[Path], config: Config) -> None:
        """Note the keys that *slot* is overdue with."""
        for path in overdue:
            held = lookup(config, path, ABSENT)
            is_key = isinstance(held, Absent) and not isinstance(path[-1], int)  # not an item of a list
            known = {place for place, _ in leaves(config) if place} if is_key else set()
            self._overdue.setdefault(path, {})[slot] = _Alarm(slot, held, nearest(path, known) if known else None)

    def take_back(self, slot: int, settled: Sequence[SettledKey]) -> None:
        """Note the keys that *slot* has adopted."""
        for one in settled:
            if self._lift(slot, one.path) and one.path in self._told:
                self._back[one.path] = slot, one

    def drop(self, slot: int, paths: Sequence[Path]) -> None:
        """Forget keys of *slot* that wait no longer, because their old value was asked for."""
        for path in paths:
            self._lift(slot, path)

    def _lift(self, slot: int, path: Path) -> bool:
        """Remove a slot from an alarm. Returns whether this was the last one."""
        slots = self._overdue.get(path)
        if slots is None:
            return False
        slots.pop(slot, None)
        if not slots:
            del self._overdue[path]
        return not slots

    @property
    def has_news(self) -> bool:
        """Whether there is a message that was not shown yet."""
        return bool(self._back) or not self._overdue.keys() <= self._told

    def sentences(self, waiting: Waiting) -> Iterator[str]:
        """The messages that were not shown yet."""
        for path, slots in self._overdue.items():
            if path not in self._told:
                self._told.add(path)
                yield _sentence(path, next(iter(slots.values())), waiting)
        for path, (slot, one) in self._back.items():
            asked = f"{dotted(path)}={_text(one.key.asked)} of step {one.key.request.step:,}"
            yield f"the request {asked} is effective now: slot {slot} uses it"
        self._back.clear()


def _sentence(path: Path, alarm: _Alarm, waiting: Waiting) -> str:
    key = waiting[alarm.slot][path]
    name, value = dotted(path), _text(key.asked)
    asked = f"the request {name}={value} of step {key.request.step:,} is not effective yet{_where(path, key, waiting)}"
    if isinstance(alarm.held, Absent):
        hint = "" if alarm.meant is None else f"; did you mean {dotted(alarm.meant)}?"
        return f"{asked}: the config of slot {alarm.slot} has no such key{hint}"
    held, resets = _text(alarm.held), f"after {key.misses:,} resets"
    if isinstance(key.before, Absent) or same(key.before, alarm.held):
        return f"{asked}: {resets}, slot {alarm.slot} still uses {held}"
    return f"{asked}: {resets}, it became {held} in slot {alarm.slot}, where {value} was asked"


def _where(path: Path, key: WaitingKey, waiting: Waiting) -> str:
    """` in 2 of 4 slots`, if it is effective in some of them, or they have not been reset yet."""
    concerned = waiting.keys() if key.request.slots is None else set(key.request.slots)
    late = [slot for slot, keys in waiting.items() if path in keys and keys[path].misses and slot in concerned]
    return "" if len(late) == len(concerned) else f" in {len(late)} of {len(concerned)} slots"


def _text(value: Tree) -> str:
    text = encode(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
