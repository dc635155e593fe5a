"""The returns and lengths of the episodes of an environment of tensors, summed from the rewards of its steps."""

from collections.abc import Iterator
from typing import Any

from envcfg.tracking.capture.device_rows import fetched, is_distant


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
        if is_distant(self._sums):
            yield from self._fetched(resets)
            return
        if not resets.any():
            return
        sums, lengths = self._sums[resets].tolist(), self._lengths[resets].tolist()
        slots = resets.nonzero()
        slots = slots[0] if isinstance(slots, tuple) else slots.flatten()
        self._restart(resets)
        yield from zip(slots.tolist(), sums, lengths, strict=True)

    def _restart(self, slots: Any) -> None:
        """Begin the sums of these slots anew."""
        try:
            self._sums[slots] = 0
            self._lengths[slots] = 0
        except TypeError:  # the arrays of JAX cannot be changed
            self._sums, self._lengths = self._sums.at[slots].set(0), self._lengths.at[slots].set(0)

    def _fetched(self, resets: Any) -> Iterator[tuple[int, float, int]]:
        """As `ended`, for sums on a device: they come to the host in one transfer."""
        import numpy as np  # noqa: PLC0415  # only where there are arrays

        slots, (sums, lengths) = fetched([self._sums, self._lengths], resets, np)
        self._restart(resets)
        yield from zip(slots.tolist(), sums.tolist(), lengths.tolist(), strict=True)
