"""Reads CSV files: `progress.csv` of Stable-Baselines3 and RLlib, `metrics.csv` of Lightning, and any other one."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any, Final

from envcfg.core.errors import SourceError
from envcfg.sources.metric_files.rows import TIME, Row, number_of, text_of, timed

_MONITOR: Final[dict[str, str]] = {"r": "monitor/episode_reward", "l": "monitor/episode_length"}
"""The columns of a monitor file. The third one, `t`, has seconds since the start."""


def csv_rows(path: Path) -> list[Row]:
    """The rows of a CSV file. Raises `SourceError` if it is damaged."""
    try:
        file = StringIO(text_of(path), newline="")
        first = file.readline()
        if first.startswith("#{"):
            return list(_monitored(json.loads(first[1:]), csv.DictReader(file)))
        return [timed(_cells(row)) for row in csv.DictReader(chain([first], file))]
    except (csv.Error, ValueError, RecursionError) as error:
        raise SourceError(f"{path} is no CSV file that can be read: {error}") from error


def _monitored(head: object, rows: Iterable[Mapping[str | None, Any]]) -> Iterator[Row]:
    """The episodes in a file of Stable-Baselines3's `Monitor`."""
    begun = head.get("t_start") if isinstance(head, dict) else None
    for cells in map(_cells, rows):
        row = {_MONITOR.get(name, name): value for name, value in cells.items() if name != "t"}
        seconds = cells.get("t")
        if isinstance(begun, int | float) and isinstance(seconds, int | float):
            row[TIME] = float(begun + seconds)
        yield row


def _cells(row: Mapping[str | None, Any]) -> Row:
    """The cells that are not empty. A last line that is cut off has fewer cells; other cells have no name."""
    found = ((name, number_of(text)) for name, text in row.items() if name is not None and isinstance(text, str))
    return {str(name): value for name, value in found if value is not None}
