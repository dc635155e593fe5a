"""Looks for secrets in the files of a run's folder that envcfg did not write, such as those of Hydra."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from envcfg.analysis.formatting import count_text
from envcfg.cli.finding import Finding, State
from envcfg.journal.reading import is_journal
from envcfg.tracking.redaction.secret_values import secret_kind

_MOST_FILES: Final = 2_000
_MOST_BYTES: Final = 4 << 20
"""Of a longer file, only this much is read."""
_BEGINNING: Final = 8_192
"""The bytes that tell a binary file."""
_MOST_TOTAL: Final = 24 << 20
"""The most bytes of texts to read in all: some three seconds."""
_SHOWN: Final = 5
_PAGES: Final = (".html", ".js")
"""Files that contain libraries. Plotly's code has lines that look like secrets."""


class _SecretLine(NamedTuple):
    file: Path
    line: int
    kind: str


def secrets(folder: Path) -> Iterator[Finding]:
    """Check the texts in *folder* for secrets. Values are not shown; links, pages and binary files are left out."""
    found, looked_at, size, part = list[_SecretLine](), 0, 0, ""
    for file in _files(folder):
        if looked_at == _MOST_FILES or size >= _MOST_TOTAL:
            part = f" (only the first {count_text(looked_at, 'file')} were read: {size:,} bytes)"
            break
        content = _content(file)
        found += _secret_lines(file, content)
        looked_at, size = looked_at + 1, size + len(content)
    if not found:
        yield Finding("Secrets", State.GOOD, f"none found in {count_text(looked_at, 'file')} of {folder}{part}")
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


def _content(file: Path) -> bytes:
    """The first bytes of a text; empty for a file that is none, or that cannot be read."""
    try:
        with file.open("rb") as opened:
            content = opened.read(_BEGINNING)
            content += b"" if b"\0" in content else opened.read(_MOST_BYTES - _BEGINNING)
    except OSError:
        return b""
    return b"" if b"\0" in content else content


def _secret_lines(file: Path, content: bytes) -> Iterator[_SecretLine]:
    """The lines of *file* that hold a secret."""
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        kind = secret_kind(line)
        if kind is not None:
            yield _SecretLine(file, number, kind)
