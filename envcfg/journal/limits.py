"""What a writer does so that a reader accepts every segment: no reader takes more than `MAX_BYTES`."""

from collections.abc import Iterator, Sequence
from typing import Final

from envcfg.core import encoding
from envcfg.core.errors import JournalError
from envcfg.core.record import Record, Stored
from envcfg.core.whole_file import MAX_BYTES

ROTATE_BY: Final = MAX_BYTES // 4
"""The most bytes at which an open segment may be sealed."""
MOST_STATES: Final = 1 << 18
"""The most slots whose config is stated at the beginning of a chain. The others lack it if segments are missing."""
_TOGETHER: Final = MAX_BYTES // 4
_RECORD: Final = 1_000
"""The bytes to expect of a record."""


def within_limit(content: bytes, size: int) -> bytes:
    """*content* itself; raises `JournalError` if a segment of *size* bytes cannot take it."""
    if size + len(content) > MAX_BYTES:
        raise JournalError(f"entries of {len(content):,} bytes: expected at most {MAX_BYTES - size:,}")
    return content


def batches(records: Sequence[Record], configs: Sequence[Stored]) -> Iterator[tuple[Sequence[Record], list[Stored]]]:
    """Parts of a call that are small enough to be written one by one, each with the configs that it needs first."""
    if len(records) == 1 or len(records) * _RECORD + sum(map(_size, configs)) <= _TOGETHER:
        yield records, list(configs)
        return
    missing = {stored.digest: stored for stored in configs}
    start, size, needed = 0, 0, list[Stored]()
    for row, record in enumerate(records):
        new = _taken(missing, record)
        more = _RECORD + sum(map(_size, new))
        if row > start and size + more > _TOGETHER:
            yield records[start:row], needed
            start, size, needed = row, 0, []
        size += more
        needed += new
    yield records[start:], needed


def _taken(missing: dict[str, Stored], record: Record) -> list[Stored]:
    """The configs of *record* that are still missing. They are removed there."""
    digests = [digest for digest in (record.config, record.template) if digest in missing]
    return [missing.pop(digest) for digest in dict.fromkeys(digests)]


def _size(stored: Stored) -> int:
    return stored.size or len(encoding.encode(stored.config))
