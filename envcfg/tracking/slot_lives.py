"""The part of a tracker that lets environments begin and end in slots."""

from collections.abc import Iterable, Mapping

from envcfg.core.record import EVALUATION, Role
from envcfg.tracking import arguments
from envcfg.tracking.arguments import count
from envcfg.tracking.capture.arrays import ArrayCapture
from envcfg.tracking.timing import Timing


class SlotLives(Timing):
    """The part of a tracker that knows which slots live. `Tracker` sets the attributes."""

    _arrays: Mapping[Role, ArrayCapture]

    def begin_slot(self, slot: int | None = None, *, role: Role = "train") -> int:
        """Begin to record a new environment. Returns the number to pass as `slot` to the other calls.

        Without *slot*, that is the lowest free number, of all processes of the run. An environment that lived in the
        slot is replaced. With the role `eval`, the environment is recorded apart, and is in no summary of the training.
        """
        with self._lock, self._out.guard("begin_slot"):
            first = EVALUATION if arguments.role(role) == "eval" else 0
            self._open()
            numbers = self._numbers[role]
            if slot is None:
                number = numbers.take()
                while number in self._slots.held:  # somebody records it without having begun it
                    number = numbers.take()
            else:
                number = first + count("slot", slot, EVALUATION - 1)
                numbers.hold(number)
            if number in self._slots.held:
                self._arrays[role].forget()
            self._slots.begin(number, self._now())
            return number
        return (slot or 0) + (EVALUATION if role == "eval" else 0)

    def end_slot(self, slot: int | Iterable[int] | None = None) -> None:
        """End the environment of *slot*: one slot, several, or None for all slots of this process.

        What is in force no longer asks it, and its number is free.
        """
        with self._lock, self._out.guard("end_slot"):
            if self._is_closed or self._process.is_elsewhere:
                return  # this process has recorded nothing
            ended = tuple(self._slots.held) if slot is None else arguments.slots(slot) or ()
            for number in ended:
                self._numbers[_role(number)].free(number)
            self._slots.end(ended, "closed", self._now())
            for role in {_role(number) for number in ended}:
                self._arrays[role].forget()


def _role(number: int) -> Role:
    return "train" if number < EVALUATION else "eval"
