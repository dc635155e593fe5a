"""Numbers requests by the decision that made them. A decision may give each slot a value of its own."""

from envcfg.core.record import Request


class Decisions:
    """Numbers requests in order. Neighbours of one step, epoch and cause are one decision, if each is for other slots.

    A request for all slots is a decision of its own.
    """

    def __init__(self) -> None:
        self._number = 0
        self._kin: tuple[object, ...] | None = None
        self._slots: set[int] = set()

    def number(self, request: Request, rank: int = 0) -> int:
        """The number of the decision, from 1."""
        own, kin = set(request.slots or ()), (rank, request.step, request.epoch, request.cause)
        if own and self._slots and kin == self._kin and not own & self._slots:
            self._slots |= own
        else:
            self._number += 1
            self._slots = own
        self._kin = kin
        return self._number
