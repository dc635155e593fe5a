"""A sweep as one Parquet dataset, written run by run, so that a sweep of any size fits into memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from os import PathLike
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import polars as pl

from envcfg.analysis.groups import runs
from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.sources.load import load
from envcfg.sources.run_address import SHOWN
from envcfg.sources.sweep import SweepRun, Where, run_places
from envcfg.sources.wandb.address import PREFIX
from envcfg.sources.wandb.client import ServerRun
from envcfg.tables.frames.changes import changes
from envcfg.tables.frames.columns import text
from envcfg.tables.frames.metrics import metrics

Spread = Callable[[Callable[[Where], Any], Sequence[Where]], Iterable[Any]]
"""A function like `map`: it calls a function for each run, in any order."""
Progress = Callable[[int, int], None]

RUNS: Final = "runs.parquet"
ROW_GROUP: Final = 1 << 18
"""The number of rows that a reader loads at a time."""
_SCHEMA: Final[dict[str, Any]] = {
    "run": pl.String,
    "id": pl.String,
    "status": pl.String,
    "curriculum": pl.String,
    "overrides": pl.List(pl.String),
    "seed": pl.Int64,
    "changes": pl.Int64,
    "last_step": pl.Int64,
    "metric": pl.String,
    "outcome": pl.Float64,
    "loss": pl.String,
}


def write_dataset(
    where: Where | Iterable[Where],
    folder: str | PathLike[str],
    *,
    spread: Spread = map,
    progress: Progress | None = None,
) -> pl.DataFrame:
    """Write every run at *where* into *folder* as Parquet files, and return the table of runs.

    `changes/run=<name>/` and `metrics/run=<name>/` hold the tables of these names. Runs with one name are called
    `<name>#<the beginning of the id>`. `runs.parquet` has a row for each run: `run`, `id`, `status`, `curriculum`,
    `overrides`, `seed`, `changes`, `last_step`, `metric`, `outcome` (the mean of the last tenth of the metric) and
    `loss` (why it could not be read). *spread* calls a function for each run, as `map` does; `on_ray` does it on a
    cluster. *progress* is called with the number of finished and of all runs. Raises `SourceError` if no run can be
    read.

    >>> from tempfile import TemporaryDirectory
    >>> from envcfg import sample, tables
    >>> with TemporaryDirectory() as folder:
    ...     runs = tables.write_dataset(sample("forage"), folder)
    ...     changed = tables.scan(folder).collect()
    >>> runs.height, changed.height
    (1, 272)
    """
    folder = Path(folder)
    places: list[Where] = [
        f"{PREFIX}{place}" if isinstance(place, ServerRun) else place  # a text can be sent to another process
        for place in run_places(where)
    ]
    written = list(_counted(spread(_Writer(folder), places), len(places), progress))
    rows = list(_distinct(folder, written))
    if all(row["loss"] is not None for row in rows):
        raise SourceError(rows[0]["loss"] if rows else f"{where} has no runs")
    table = pl.DataFrame(rows, schema=_SCHEMA).sort("run", maintain_order=True)
    folder.mkdir(parents=True, exist_ok=True)
    table.write_parquet(folder / RUNS)
    return table


def scan(folder: str | PathLike[str], table: str = "changes") -> pl.LazyFrame:
    """The table `changes` or `metrics` of all runs in a dataset, as a lazy frame.

    Nothing is read before `collect()`, and then only the rows and columns that the query needs.

    >>> from tempfile import TemporaryDirectory
    >>> from envcfg import sample, tables
    >>> with TemporaryDirectory() as folder:
    ...     _ = tables.write_dataset(sample("forage"), folder)
    ...     tables.scan(folder, "metrics").select("metric").unique().collect().height
    8
    """
    return pl.scan_parquet(Path(folder) / table / "**" / "*.parquet", hive_partitioning=True)


class _Written(NamedTuple):
    """The row of a run, and the name of its files; empty if the run could not be read."""

    row: dict[str, Any]
    file: str = ""


class _Writer:
    """Writes one run. It is an object, so that it can be sent to another process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    def __call__(self, place: Where) -> "_Written":
        try:
            run = SweepRun("", load(place))
        except EnvcfgError as error:
            return _Written(dict.fromkeys(_SCHEMA) | {"run": text(str(place)), "loss": text(str(error))})
        part = _part(text(run.history.run), f"{_short(place)}.parquet")
        self._write("changes" / part, changes(run.history))
        with suppress(SourceError):  # the run logged no metrics
            self._write("metrics" / part, metrics(run.history))
        return _Written(_row(run), part.name)

    def _write(self, part: Path, frame: pl.DataFrame) -> None:
        path = self._folder / part
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = frame.drop("run").with_columns(pl.col(pl.Categorical).cast(pl.String))  # every reader knows strings
        plain.write_parquet(path, row_group_size=ROW_GROUP)


def _part(run: str, file: str) -> Path:
    """The path of the tables of a run below the folder of a table."""
    return Path(f"run={quote(run, safe='')}", file)


def _distinct(folder: Path, written: Sequence[_Written]) -> Iterator[dict[str, Any]]:
    """The rows, where runs with one name are called by their ids too. Their files move."""
    ids: dict[str, set[str]] = {}
    for row, file in written:
        if file:
            ids.setdefault(row["run"], set()).add(row["id"] or file)
    for row, file in written:
        if file and len(ids[row["run"]]) > 1:
            name = f"{row['run']}#{(row['id'] or file)[:SHOWN]}"
            for table in ("changes", "metrics"):
                _move(folder / table / _part(row["run"], file), folder / table / _part(name, file))
            row = {**row, "run": name}  # noqa: PLW2901  # the row under its new name
        yield row


def _move(old: Path, new: Path) -> None:
    with suppress(FileNotFoundError):  # the run logged no metrics
        new.parent.mkdir(parents=True, exist_ok=True)
        old.replace(new)
    for emptied in (old.parent, new.parent):
        with suppress(OSError):  # it has other files
            emptied.rmdir()


def _short(place: Where) -> str:
    """A file name for a run. Runs with the same name in different folders get different file names."""
    return blake2b(str(place).encode("utf-8", "backslashreplace"), digest_size=6).hexdigest()


def _row(run: SweepRun) -> dict[str, Any]:
    history = run.history
    (outcome,) = runs([run])
    return {
        "run": text(history.run),
        "id": history.id,
        "status": history.status,
        "curriculum": history.curriculum and text(history.curriculum),
        "overrides": list(map(text, run.overrides)),
        "seed": run.seed,
        "changes": len(history.changes),
        "last_step": history.last_step,
        "metric": outcome.series and text(outcome.series.name),
        "outcome": outcome.outcome,
        "loss": None,
    }


def _counted(rows: Iterable[_Written], of: int, progress: Progress | None) -> Iterator[_Written]:
    for done, row in enumerate(rows, start=1):
        if progress is not None:
            progress(done, of)
        yield row
