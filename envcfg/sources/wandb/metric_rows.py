"""History rows of a server's run on disk: one JSON object a line, gzipped."""

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from envcfg.core.code import Code
from envcfg.core.errors import SourceError

FILE: Final = "metrics.jsonl.gz"
"""Beside the journal of a run that was read from a server."""


def packed_rows(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return gzip.compress("".join(f"{json.dumps(row)}\n" for row in rows).encode(), compresslevel=5, mtime=0)


def read_rows(path: Path) -> list[dict[str, Any]]:
    """Raises `SourceError` for a file that is damaged."""
    try:
        with gzip.open(path) as lines:
            rows = [json.loads(line) for line in lines]
    except (OSError, EOFError, zlib.error, ValueError, RecursionError) as error:
        said = f"{path} is damaged: {error}; delete it, and it is fetched anew"
        raise SourceError(said, code=Code.CACHE_DAMAGED) from error
    if not all(isinstance(row, dict) for row in rows):
        said = f"{path} is damaged: it holds a line that is no object; delete it, and it is fetched anew"
        raise SourceError(said, code=Code.CACHE_DAMAGED)
    return rows


def once(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows without nulls and without repetitions: rows of one W&B step that contradict each other stay apart."""
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
