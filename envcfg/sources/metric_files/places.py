"""Finds the files of metrics that belong to a run: in the output folder of its job, or where the user says."""

import os
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, NamedTuple

from envcfg.core.errors import SourceError
from envcfg.journal.folder import JOURNAL
from envcfg.sources.finding import has_segments
from envcfg.sources.metric_files.csv_file import csv_rows
from envcfg.sources.metric_files.json_lines import json_rows
from envcfg.sources.metric_files.parquet_file import parquet_rows
from envcfg.sources.metric_files.rows import Row
from envcfg.sources.metric_files.tensorboard import EVENTS, event_rows

DEPTH: Final = 5
"""How many levels below the job's folder files are looked for, such as `lightning_logs/version_0/metrics.csv`."""
NAMED: Final = ("progress.csv", "metrics.csv", "monitor.csv", "*.monitor.csv", "result.json", "metrics.jsonl")
"""The names that training programs give to such files. Files of other names must be named."""
_READERS: Final[dict[str, Callable[[Path], list[Row]]]] = {
    ".csv": csv_rows,
    ".json": json_rows,
    ".jsonl": json_rows,
    ".ndjson": json_rows,
    ".parquet": parquet_rows,
}
_OTHERS: Final = frozenset({"wandb", "__pycache__", "node_modules", "site-packages"})
"""Folders of other programs."""


class MetricFile(NamedTuple):
    """A file of metrics, or a folder with TensorBoard's event files."""

    path: Path
    read: Callable[[Path], list[Row]]

    @property
    def stamp(self) -> tuple[tuple[str, int, int], ...]:
        """Differs if the file was written to."""
        files = sorted(self.path.glob(EVENTS)) if self.path.is_dir() else [self.path]
        found = [(str(file), file.stat()) for file in files]
        return tuple((name, stat.st_size, stat.st_mtime_ns) for name, stat in found)

    @property
    def written(self) -> float:
        """When it was last written to, in seconds since the Unix epoch."""
        return max((changed / 1e9 for *_, changed in self.stamp), default=0.0)


def files_below(folder: Path, depth: int = DEPTH) -> Iterator[MetricFile]:
    """The files with known names in *folder* and below it, without those of another run."""
    try:
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    names = [entry.name for entry in inside if entry.is_file()]
    if any(fnmatch(name, EVENTS) for name in names):
        yield MetricFile(folder, event_rows)
    for name in names:
        if any(fnmatch(name, pattern) for pattern in NAMED):
            yield MetricFile(folder / name, _READERS[Path(name).suffix])
    for entry in inside if depth else ():
        below = folder / entry.name
        if entry.is_dir(follow_symlinks=False) and not _is_left_out(below):
            yield from files_below(below, depth - 1)


def files_at(place: str) -> Iterable[MetricFile]:
    """The files that the user means by *place*: a file of metrics, or a folder that contains such files.

    Raises `SourceError` for a place that does not exist, and for a file of an unknown kind.
    """
    path = Path(place).expanduser()
    if path.is_dir():
        found = list(files_below(path))
        if not found:
            raise SourceError(f"{path} contains no file of metrics: expected {', '.join(NAMED)}, or {EVENTS}")
        return found
    if not path.exists():
        raise SourceError(f"{path}: no such file or folder of metrics")
    if fnmatch(path.name, EVENTS):
        return [MetricFile(path.parent, event_rows)]
    if path.suffix not in _READERS:
        raise SourceError(f"{path}: expected a file that ends in {', '.join(_READERS)}, or a folder")
    return [MetricFile(path, _READERS[path.suffix])]


def _is_left_out(folder: Path) -> bool:
    """Whether the files in a folder are those of other programs, of the journal, or of another run."""
    is_hidden = folder.name.startswith(".") or folder.name in _OTHERS
    return is_hidden or has_segments(folder) or has_segments(folder / JOURNAL)
