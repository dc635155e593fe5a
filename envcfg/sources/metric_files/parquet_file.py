"""Reads Parquet files with one row for each logged row."""

from pathlib import Path

from envcfg.core.errors import SourceError
from envcfg.core.extras import needed
from envcfg.sources.metric_files.rows import Row, timed


def parquet_rows(path: Path) -> list[Row]:
    """The rows. Raises `SourceError` for a damaged file, and `MissingExtraError` without polars."""
    polars = needed("polars", "reading metrics in Parquet files", extra="tables")
    try:
        found = polars.read_parquet(path).rows(named=True)
    except (polars.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{path} is no Parquet file that can be read: {error}") from error
    return [timed({name: value for name, value in row.items() if value is not None}) for row in found]
