"""History rows of a server's run on disk: one JSON object a line, gzipped."""

import gzip
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

FILE: Final = "metrics.jsonl.gz"
"""Beside the journal of a run that was read from a server."""


def packed_rows(rows: Iterable[Mapping[str, Any]]) -> bytes:
    return gzip.compress("".join(f"{json.dumps(row)}\n" for row in rows).encode(), compresslevel=5, mtime=0)


def read_rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path) as lines:
        return [json.loads(line) for line in lines]
