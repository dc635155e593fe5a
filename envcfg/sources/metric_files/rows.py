"""The rows of a file of metrics: a dict for each row, with the time at which it was logged, where the file tells it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

Row: TypeAlias = dict[str, Any]

TIME: Final = "_timestamp"
"""In seconds since the Unix epoch."""
STEP: Final = "_step"
"""The number that the logger gave to a row."""
_TIMES: Final = ("timestamp", "time", "_timestamp")
"""Columns that may contain the time, in seconds since the Unix epoch."""
_EARLIEST: Final = 1e9
"""2001. A smaller number counts something else, such as the seconds of a training."""
_LATEST: Final = 1e11


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
