"""Looks for secrets in the files of a run's folder that envcfg did not write, such as those of Hydra."""

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from envcfg.analysis.formatting import count_text
from envcfg.cli.finding import Finding, State
from envcfg.journal.reading import is_journal
from envcfg.tracking.redaction.secret_values import secret_kind

_MOST_FILES: Final = 2_000
_MOST_BYTES: Final = 4 << 20
"""Of a longer file, only this much is read."""
_SHOWN: Final = 5
_PAGES: Final = (".html", ".js")
"""Files that contain libraries. Plotly's code has lines that look like secrets."""


class _SecretLine(NamedTuple):
    file: Path
    line: int
    kind: str


def secrets(folder: Path) -> Iterator[Finding]:
    """Check the texts in *folder* for secrets. Values are not shown; links, pages and binary files are left out."""
    files = list(islice(_files(folder), _MOST_FILES + 1))
    found = [line for file in files[:_MOST_FILES] for line in _secret_lines(file)]
    looked_at = count_text(min(len(files), _MOST_FILES), "file")
    part = f" (only the first {_MOST_FILES:,} files were read)" if len(files) > _MOST_FILES else ""
    if not found:
        yield Finding("Secrets", State.GOOD, f"none found in {looked_at} of {folder}{part}")
        return
    shown = ", ".join(f"{line.file.relative_to(folder)}:{line.line} ({line.kind})" for line in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN:,} more" if len(found) > _SHOWN else ""
    said = f"files that envcfg did not write hold what looks like a secret: {shown}{more}{part}"
    todo = "read it from the environment, ${oc.env:NAME}; delete or mask these lines before you share the folder"
    yield Finding("Secrets", State.NOTE, said, todo)


def _files(folder: Path) -> Iterator[Path]:
    """The plain files below *folder*, without links, pages and journals."""
    for at, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if not is_journal(Path(at, name)))
        for name in sorted(files):
            path = Path(at, name)
            if path.suffix not in _PAGES and stat.S_ISREG(path.lstat().st_mode):
                yield path


def _secret_lines(file: Path) -> Iterator[_SecretLine]:
    """The lines of *file* that hold a secret."""
    try:
        with file.open("rb") as opened:
            content = opened.read(_MOST_BYTES)
    except OSError:
        return
    if b"\0" in content:
        return
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        kind = secret_kind(line)
        if kind is not None:
            yield _SecretLine(file, number, kind)
