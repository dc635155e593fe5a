"""The environments that adapters record in this process, each in its slot."""

from collections import deque
from typing import Final
from weakref import WeakKeyDictionary, WeakSet, WeakValueDictionary, finalize

from envcfg.core.errors import ConfigError
from envcfg.core.record import EVALUATION, Role
from envcfg.tracking.recorder import Recorder
from envcfg.tracking.slots import two_environments


class Occupant:
    """One environment that is recorded, from its first reset to its close.

    Its number is *slot*, or the next free one. If the environment is collected without a close, it ends too.
    """

    def __init__(self, recorder: Recorder, slot: int | None, role: Role = "train") -> None:
        self._recorder = recorder
        self._slot = slot
        self._role: Role = role
        self._number: int | None = None
        self._collected: finalize[..., Occupant] | None = None

    @property
    def number(self) -> int:
        """The number of the slot to record. The environment begins there if it has not yet."""
        if self._number is None:
            _end_collected()
            self._number = number = self._recorder.begin_slot(self._slot, role=self._role)
            _owners_of(self._recorder)[number] = self
            self._collected = finalize(self, _collected.append, (self._recorder, number))
            self._collected.atexit = False
        return self._number

    def check(self) -> None:
        """Raise `ConfigError` if another environment has begun in the slot since."""
        if self._number is not None and _owners_of(self._recorder).get(self._number) is not self:
            said = two_environments(self._number)
            raise ConfigError(said, code=said.code)

    def end(self) -> None:
        """The environment was closed. A later reset begins it anew."""
        number, self._number = self._number, None
        if self._collected is not None:
            self._collected.detach()
        owners = _owners_of(self._recorder)
        if number is not None and owners.get(number) is self:
            del owners[number]
            self._recorder.end_slot(number)


_owners: Final[WeakKeyDictionary[Recorder, WeakValueDictionary[int, Occupant]]] = WeakKeyDictionary()
_known: Final[WeakKeyDictionary[Recorder, WeakKeyDictionary[object, Occupant]]] = WeakKeyDictionary()
"""The occupants of environments that are recorded from outside."""
_rows: Final[WeakKeyDictionary[Recorder, WeakSet[object]]] = WeakKeyDictionary()
"""The objects that record all slots of an environment of tensors."""
_collected: Final[deque[tuple[Recorder, int]]] = deque()
"""Slots of environments that were collected without a close. Python may collect them at any moment, so they end later.
"""


def occupant_of(recorder: Recorder, env: object, slot: int) -> Occupant:
    """The occupant of *env*, which is recorded in *slot*. The same object stays the same occupant."""
    known = _known.setdefault(recorder, WeakKeyDictionary())
    return known.setdefault(env, Occupant(recorder, slot))


def tell_if_closed(recorder: Recorder) -> None:
    """Say once that *recorder* is closed, if it is. An adapter that was made before the close says nothing."""
    if recorder.is_closed:
        recorder.add_steps(0)


def occupy(recorder: Recorder, rows: object) -> None:
    """Note that *rows* records all slots with *recorder*, as long as it lives."""
    _rows.setdefault(recorder, WeakSet()).add(rows)


def is_occupied(recorder: Recorder) -> bool:
    """Whether environments of the training record themselves with *recorder* in this process."""
    return bool(_rows.get(recorder)) or any(number < EVALUATION for number in _owners_of(recorder))


def _owners_of(recorder: Recorder) -> WeakValueDictionary[int, Occupant]:
    return _owners.setdefault(recorder, WeakValueDictionary())


def _end_collected() -> None:
    """End the environments that were collected, unless another one has begun in their slot."""
    while _collected:
        recorder, number = _collected.popleft()
        if _owners_of(recorder).get(number) is None:
            recorder.end_slot(number)
