"""The returns and lengths of the episodes of an environment of tensors, summed from the rewards of its steps."""

from collections.abc import Iterator
from typing import Any


class Returns:
    """The running sums of all slots, in arrays of the library that the rewards come from."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._sums: Any = 0.0
        self._lengths: Any = 0

    def ended(self, rewards: Any, resets: Any, began: Any = None) -> Iterator[tuple[int, float, int]]:
        """Add the *rewards* of a step; for each slot in the mask *resets*, its number, return and length.

        Rewards of another form, such as those of several critics, give nothing. The slots in the mask *began* were
        reset instead of taking this step.
        """
        if tuple(getattr(rewards, "shape", ())) != (self._slots,):
            return
        self._sums = self._sums + getattr(rewards, "detach", lambda: rewards)()
        self._lengths = self._lengths + resets * 0 + 1
        if began is not None:
            self._restart(began)
        if not resets.any():
            return
        sums, lengths = self._sums[resets].tolist(), self._lengths[resets].tolist()
        slots = resets.nonzero()
        slots = slots[0] if isinstance(slots, tuple) else slots.flatten()
        self._restart(resets)
        yield from zip(slots.tolist(), sums, lengths, strict=True)

    def _restart(self, slots: Any) -> None:
        """Begin the sums of these slots anew. The arrays of some libraries cannot be changed."""
        self._sums = self._sums * ~slots
        self._lengths = self._lengths * ~slots
