"""Keeps the history rows of a run on the server in a gzipped file, one JSON object in each line."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from envcfg.core.code import Code
from envcfg.core.errors import EncodingError, SourceError
from envcfg.core.whole_file import open_file

FILE: Final = "metrics.jsonl.gz"
"""The file next to the journal of a run from the server."""
MOST_BYTES: Final = 1 << 28
MOST_ROWS: Final = 1 << 21
_LONGEST: Final = 1 << 20
"""The most bytes of a row."""
_ROWS: Final = 1000
"""About the number of history rows in one answer of the server."""


def packed_rows(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return gzip.compress("".join(f"{json.dumps(row)}\n" for row in rows).encode(), compresslevel=5, mtime=0)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Return the rows. Raises `SourceError` for a damaged file."""
    try:
        with open_file(path, MOST_BYTES) as packed, gzip.open(packed) as lines:
            rows = [json.loads(line) for line in _within_budget(lines)]
    except (OSError, EOFError, zlib.error, ValueError, RecursionError, EncodingError) as error:
        said = f"{path} is damaged: {error}; delete it and load the run again"
        raise SourceError(said, code=Code.CACHE_DAMAGED) from error
    if not all(isinstance(row, dict) for row in rows):
        said = f"{path} is damaged: a line is not a JSON object; delete it and load the run again"
        raise SourceError(said, code=Code.CACHE_DAMAGED)
    return rows


def _within_budget(lines: gzip.GzipFile) -> Iterator[bytes]:
    """The lines of a file. Raises `EncodingError` if they are too many or too long."""
    for _ in range(MOST_ROWS):
        line = lines.readline(_LONGEST + 1)
        if len(line) > _LONGEST:
            raise EncodingError(f"a row has more than {_LONGEST:,} bytes")
        if not line:
            return
        yield line
    raise EncodingError(f"it has more than {MOST_ROWS:,} rows")


def without_duplicates(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows without nulls and duplicates. Rows of the same W&B step with different values stay separate."""
    kept: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        said = {key: value for key, value in row.items() if value is not None}
        same = kept.setdefault(row.get("_step"), [])
        for other in same:
            if all(other.get(key, value) == value for key, value in said.items()):
                other.update(said)
                break
        else:
            same.append(said)
    return [row for same in kept.values() for row in same]


def own_series(config: Mapping[str, Any]) -> list[str] | None:
    """The series that envcfg added to a run, as the run's config names them; None if an earlier version did not."""
    for key, value in config.items():
        if key.startswith("envcfg") and isinstance(value, Mapping) and isinstance(value.get("series"), list):
            return [str(name) for name in value["series"]]
    return None


def steps_a_page(last_step: int, rows: int) -> int:
    """Return the number of steps in a page. A run with few rows in many steps needs large pages of steps."""
    return max(_ROWS, (last_step + 1) * _ROWS // max(rows, 1))
