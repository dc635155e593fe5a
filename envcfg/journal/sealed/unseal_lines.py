"""Reads the lines of a sealed segment that are neither configs nor records: mixes, ends of epochs, and events."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from typing import Final

from msgspec import UnsetType

from envcfg.core.code import Coded
from envcfg.core.errors import EncodingError
from envcfg.core.record import EpochEnd, Mix
from envcfg.core.units import LATEST
from envcfg.journal import format as written_form
from envcfg.journal.format import JournalLine
from envcfg.journal.sealed.document import TICKS, EpochColumns, Sealed
from envcfg.journal.sealed.packing import Packed, unpacked

MOST_LOSSES: Final = 1_000
"""After so many invalid lines, the rest of a segment is not read."""


def mixes(document: Sealed) -> list[Mix]:
    """The mixes of a sealed segment; raises `EncodingError` if the columns do not belong together."""
    sealed = document.mixes
    try:
        steps = _sums(sealed.first_step, sealed.step)
        times = _times(document, sealed.first_time, sealed.time)
        rewards = [None] * len(sealed.step) if isinstance(sealed.rewards, UnsetType) else sealed.rewards
        rows = zip(steps, times, sealed.epoch, sealed.stated, sealed.adopted, rewards, strict=True)
        return [Mix(*row) for row in rows]
    except (OverflowError, ValueError) as error:
        raise EncodingError(f"invalid sealed segment: {error}") from error


def epochs(document: Sealed) -> list[EpochEnd]:
    """The ends of epochs in a sealed segment; raises `EncodingError` if the columns do not belong together."""
    sealed = document.epochs
    if sealed is None:
        return []
    try:
        steps = _sums(sealed.first_step, unpacked(sealed.step, sealed.count))
        times = _times(document, sealed.first_time, unpacked(sealed.time, sealed.count))
        numbers = _sums(sealed.first_epoch, unpacked(sealed.epoch, sealed.count))
        return [EpochEnd(*end) for end in zip(steps, numbers, times, _rows(sealed), strict=True)]
    except (OverflowError, TypeError, ValueError) as error:
        raise EncodingError(f"invalid sealed segment: {error}") from error


def events(document: Sealed, losses: list[Coded]) -> Iterator[JournalLine]:
    """The lines of other kinds, in order. Each that cannot be read is left out, and adds a message to *losses*."""
    for number, raw in enumerate(document.events, start=1):
        try:
            yield written_form.parsed(bytes(raw))
        except EncodingError as error:
            losses.append(Coded(f"event {number} was left out: {error}", error.code))
            if len(losses) >= MOST_LOSSES:
                losses.append(Coded(f"the events after event {number:,} were not read", error.code))
                return


def _rows(sealed: EpochColumns) -> list[int | None]:
    known, found = sealed.first_row, list[int | None]()
    for difference in _listed(sealed.row, sealed.count):
        known += difference or 0
        found.append(None if difference is None else known)
    return found


def _listed(column: Packed, count: int) -> Sequence[int | None]:
    """The numbers of a column in which any number may be negative, and null stands for None."""
    if column is None:
        return [None] * count
    if isinstance(column, list) and None in column and not any(isinstance(number, str) for number in column):
        if len(column) != count:
            raise ValueError(f"a column has {len(column)} numbers: expected {count}")
        return column  # type: ignore[return-value]  # no text is in it
    return unpacked(column, count)


def _sums(first: int, differences: Sequence[int]) -> list[int]:
    sums = list(islice(accumulate(differences, initial=first), 1, None))
    if sums and not -(1 << 63) <= min(sums) <= max(sums) < 1 << 63:
        raise OverflowError("a number beyond 64 bits")
    return sums


def _times(document: Sealed, first: int, differences: Sequence[int]) -> list[float]:
    unit = TICKS[document.header.version]
    times = [tick / unit for tick in _sums(first, differences)]
    if times and not 0 <= min(times) <= max(times) <= LATEST:
        raise ValueError("a time before 1970 or after the year 9999")
    return times
