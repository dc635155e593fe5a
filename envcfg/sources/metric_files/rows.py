"""The rows of a file of metrics: a dict for each row, with the time at which it was logged, where the file tells it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from envcfg.core.errors import EncodingError, SourceError
from envcfg.core.whole_file import read_file

Row: TypeAlias = dict[str, Any]

TIME: Final = "_timestamp"
"""In seconds since the Unix epoch."""
STEP: Final = "_step"
"""The number that the logger gave to a row."""
MOST_BYTES: Final = 1 << 25
"""The most bytes of a file that is read. Its rows need some ten times as much memory."""
_TIMES: Final = ("timestamp", "time", "_timestamp")
"""Columns that may contain the time, in seconds since the Unix epoch."""
_EARLIEST: Final = 1e9
"""2001. A smaller number counts something else, such as the seconds of a training."""
_LATEST: Final = 1e11


def text_of(path: Path) -> str:
    """The text of a file that may come from anybody. Raises `SourceError` if it is too large, or no regular file."""
    return content_of(path).decode("utf-8", "replace")


def content_of(path: Path) -> bytes:
    """The bytes of a file that may come from anybody. Raises `SourceError` if it is too large, or no regular file."""
    try:
        return read_file(path, MOST_BYTES)
    except EncodingError as error:
        raise SourceError(str(error), code=error.code) from error


def timed(row: Row) -> Row:
    """The row with its time, if a column contains it."""
    for name in _TIMES:
        value = row.get(name)
        if isinstance(value, int | float) and _EARLIEST < value < _LATEST:
            return {**row, TIME: float(value)}
    return row


def flat(row: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of nested dicts, with the keys joined by slashes, as RLlib and W&B's pages show them."""
    for key, value in row.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{key}/")
        else:
            yield f"{before}{key}", value


def number_of(text: str) -> int | float | str | None:
    """The number that a cell of a CSV file contains; None for an empty cell, and the text for any other one."""
    if not text.strip():
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
