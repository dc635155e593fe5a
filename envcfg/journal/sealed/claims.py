"""Limits the rows that a journal may claim: a column with one repeated number claims any length in a few bytes."""

from dataclasses import dataclass
from typing import Final

from envcfg.core.errors import EncodingError
from envcfg.journal.sealed.document import Sealed

_FREE: Final = 1 << 20
_PER_BYTE: Final = 256
"""The rows for each byte of sealed segments. If 4,096 slots adopt one config at once, each of them takes 1/14 byte."""
_OF_AN_EPOCH: Final = 4
"""The end of an epoch takes the memory of so many records."""


@dataclass(slots=True)
class Claims:
    """What the sealed segments of a journal have claimed so far."""

    rows: int = 0
    size: int = 0

    def add(self, document: Sealed, size: int) -> None:
        """Add a segment of *size* bytes. Raises `EncodingError`, without adding it, if it claims too many rows."""
        epochs = 0 if document.epochs is None else document.epochs.count
        rows = self.rows + document.records.count + _OF_AN_EPOCH * epochs
        most = _FREE + _PER_BYTE * (self.size + size)
        if rows > most:
            said = f"it claims {document.records.count:,} records and {epochs:,} epochs in {size:,} bytes"
            raise EncodingError(f"{said}: expected at most {most - self.rows:,} rows")
        self.rows, self.size = rows, self.size + size
