"""A sweep as one Parquet dataset, written run by run: what is read of it later fits into memory whatever its size."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from os import PathLike
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import polars as pl

from envcfg.analysis.groups import runs
from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.sources.load import load
from envcfg.sources.sweep import SweepRun, Where, run_places
from envcfg.sources.wandb.address import PREFIX
from envcfg.sources.wandb.client import ServerRun
from envcfg.tables.frames.changes import changes
from envcfg.tables.frames.columns import text
from envcfg.tables.frames.metrics import metrics

Spread = Callable[[Callable[[Where], Any], Sequence[Where]], Iterable[Any]]
"""How one function is called for many runs: as `map` is, in any order."""
Progress = Callable[[int, int], None]

RUNS: Final = "runs.parquet"
ROW_GROUP: Final = 1 << 18
"""Rows that are read at a time."""
_SCHEMA: Final[dict[str, Any]] = {
    "run": pl.String,
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
    """Write every run at *where* into *folder*, and return the table of runs.

    `changes/run=<name>/` and `metrics/run=<name>/` hold the tables of those names, `runs.parquet` a row for each run:
    `run`, `status`, `curriculum`, `overrides`, `seed`, `changes`, `last_step`, `metric` and `outcome` (the mean of its
    last tenth), `loss` (why it could not be read). *spread* calls a function for each run, as `map` does.
    Raises `SourceError` where no run can be read.
    """
    folder = Path(folder)
    places: list[Where] = [
        f"{PREFIX}{place}" if isinstance(place, ServerRun) else place  # a text can be sent to another process
        for place in run_places(where)
    ]
    rows = list(_counted(spread(_Writer(folder), places), len(places), progress))
    if all(row["loss"] is not None for row in rows):
        raise SourceError(rows[0]["loss"] if rows else f"{where} holds no runs")
    table = pl.DataFrame(rows, schema=_SCHEMA).sort("run", maintain_order=True)
    folder.mkdir(parents=True, exist_ok=True)
    table.write_parquet(folder / RUNS)
    return table


def scan(folder: str | PathLike[str], table: str = "changes") -> pl.LazyFrame:
    """The `changes` or `metrics` of all runs in a dataset, read when it is collected and no more than is asked for."""
    return pl.scan_parquet(Path(folder) / table / "**" / "*.parquet", hive_partitioning=True)


class _Writer:
    """Writes one run; a value of its own, so that it can be sent to another process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()

    def __call__(self, place: Where) -> dict[str, Any]:
        try:
            run = SweepRun("", load(place))
        except EnvcfgError as error:
            return dict.fromkeys(_SCHEMA) | {"run": text(str(place)), "loss": text(str(error))}
        part = Path(f"run={quote(run.history.run, safe='')}", f"{_short(place)}.parquet")
        self._write("changes" / part, changes(run.history))
        with suppress(SourceError):  # a run need not have logged any
            self._write("metrics" / part, metrics(run.history))
        return _row(run)

    def _write(self, part: Path, frame: pl.DataFrame) -> None:
        path = self._folder / part
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = frame.drop("run").with_columns(pl.col(pl.Categorical).cast(pl.String))  # every reader knows strings
        plain.write_parquet(path, row_group_size=ROW_GROUP)


def _short(place: Where) -> str:
    """A name for a run's file: two runs of one name in different folders do not overwrite each other."""
    return blake2b(str(place).encode("utf-8", "backslashreplace"), digest_size=6).hexdigest()


def _row(run: SweepRun) -> dict[str, Any]:
    history = run.history
    (outcome,) = runs([run])
    return {
        "run": text(history.run),
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


def _counted(rows: Iterable[dict[str, Any]], of: int, progress: Progress | None) -> Iterator[dict[str, Any]]:
    for done, row in enumerate(rows, start=1):
        if progress is not None:
            progress(done, of)
        yield row
