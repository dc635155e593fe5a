"""Tells the epoch of what was recorded before the first end of an epoch: this epoch, which ran until then."""

from collections.abc import Sequence
from functools import cached_property

from msgspec.structs import replace

from envcfg.core.drawn import Draws
from envcfg.core.record import EpochEnd
from envcfg.history.answers import Requested
from envcfg.journal.columns import Columns


class FirstEpoch:
    """The epoch that ended first. Nothing is told if a record before its end is of an earlier epoch."""

    def __init__(self, ends: Sequence[EpochEnd], columns: Sequence[Columns]) -> None:
        """*ends* are in order of step. The records in *columns* without an epoch are told theirs when it is asked."""
        self._end = ends[0] if ends else None
        self._columns = columns
        if self._end is not None:
            for one in columns:
                one.tell_first_epoch(self._end.step, self._end.epoch)

    def of_requests(self, requests: Sequence[Requested]) -> tuple[Requested, ...]:
        return tuple(
            Requested(asked.rank, replace(asked.request, epoch=self._of(asked.request.step, asked.request.epoch)))
            for asked in requests
        )

    def of_draws(self, drawn: Sequence[Draws]) -> tuple[Draws, ...]:
        return tuple(replace(draws, epoch=self._of(draws.step, draws.epoch)) for draws in drawn)

    def _of(self, step: int, epoch: int | None) -> int | None:
        if epoch is not None or self._end is None or step > self._end.step or not self._is_certain:
            return epoch
        return self._end.epoch

    @cached_property
    def _is_certain(self) -> bool:
        end = self._end
        rows = (row for one in self._columns for row in zip(one.step, one.epoch, strict=True))
        return end is not None and all(epoch >= end.epoch for step, epoch in rows if step <= end.step)
