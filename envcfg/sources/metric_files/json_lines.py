"""Reads files with one JSON object in each line, such as RLlib's `result.json`."""

import json
from collections.abc import Iterator
from pathlib import Path

from envcfg.core.errors import SourceError
from envcfg.sources.metric_files.rows import Row, flat, text_of, timed


def json_rows(path: Path) -> list[Row]:
    """The rows. A last line that is cut off is left out. Raises `SourceError` for any other line that is no object."""
    return list(_rows(path, text_of(path).splitlines()))


def _rows(path: Path, lines: list[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        try:
            found = json.loads(line) if line.strip() else {}
        except (ValueError, RecursionError) as error:
            if number == len(lines):
                return
            raise SourceError(f"{path}, line {number:,}: expected a JSON object: {error}") from error
        if not isinstance(found, dict):
            raise SourceError(f"{path}, line {number:,}: expected a JSON object, not {line.strip()[:40]}")
        if found:
            yield timed(dict(flat(found)))
