"""Which adapter drives the clock of a tracker, and how far environments without a common counter are."""

import threading
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary, WeakSet, ref

from envcfg.tracking.recorder import Recorder


@dataclass(slots=True)
class Lockstep:
    """Environments of one process that are stepped together. Each has taken as many steps as the others, or will."""

    totals: dict[int, int] = field(default_factory=dict)
    """The steps of each slot, including those of replaced environments."""
    most: int = 0

    def take(self, slot: int, steps: int) -> int:
        """Note *steps* of a slot. Return how many of them no other slot has taken before."""
        total = self.totals[slot] = self.totals.get(slot, 0) + steps
        new = max(0, total - self.most)
        self.most += new
        return new


_locksteps: Final[WeakKeyDictionary[Recorder, Lockstep]] = WeakKeyDictionary()
_drivers: Final[WeakKeyDictionary[Recorder, tuple[ref[Any], threading.Thread]]] = WeakKeyDictionary()
_counters: Final[WeakKeyDictionary[Recorder, WeakSet[Any]]] = WeakKeyDictionary()
_left: Final[WeakSet[Recorder]] = WeakSet()


def lockstep_of(recorder: Recorder) -> Lockstep:
    """The lockstep of the environments that record with *recorder* in this process."""
    return _locksteps.setdefault(recorder, Lockstep())


def claim(recorder: Recorder, adapter: object) -> bool:
    """Let *adapter* drive the clock. Return False if another one does so now, in another thread."""
    other, thread = _drivers.get(recorder, (None, None))
    is_other = other is not None and other() not in (None, adapter)
    if is_other and thread is not None and thread is not threading.current_thread() and thread.is_alive():
        return False
    _drivers[recorder] = ref(adapter), threading.current_thread()
    return True


def release(recorder: Recorder, adapter: object) -> None:
    """Let other adapters drive the clock."""
    other, _ = _drivers.get(recorder, (None, None))
    if other is not None and other() is adapter:
        del _drivers[recorder]


def count_for(recorder: Recorder, adapter: object) -> None:
    """Note that *adapter* counts or sets the steps, so that the environments inside of it do not."""
    _counters.setdefault(recorder, WeakSet()).add(adapter)


def count_no_more(recorder: Recorder, adapter: object) -> None:
    """Note that *adapter* neither counts nor sets the steps any longer."""
    _counters.get(recorder, WeakSet[object]()).discard(adapter)


def is_counted(recorder: Recorder) -> bool:
    """Whether an adapter in this process counts or sets the steps of the environments."""
    return bool(_counters.get(recorder))


def leave(recorder: Recorder) -> None:
    """Note that a vector environment was closed. The next one that records with *recorder* begins a phase."""
    _left.add(recorder)


def has_left(recorder: Recorder) -> bool:
    """Whether a vector environment was closed, and this was not asked since."""
    is_next = recorder in _left
    _left.discard(recorder)
    return is_next
