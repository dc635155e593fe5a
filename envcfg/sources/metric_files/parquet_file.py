"""Reads Parquet files with one row for each logged row."""

from io import BytesIO
from pathlib import Path
from typing import Final

from envcfg.core.errors import SourceError
from envcfg.core.extras import needed
from envcfg.sources.metric_files.rows import Row, content_of, timed

MOST_ROWS: Final = 500_000
"""The most rows that are read. A small file can declare many: equal values are stored once."""


def parquet_rows(path: Path) -> list[Row]:
    """The rows. Raises `SourceError` for a damaged file, and `MissingExtraError` without polars."""
    polars = needed("polars", "reading metrics in Parquet files", extra="tables")
    try:
        source = BytesIO(content_of(path))
        rows = polars.scan_parquet(source).select(polars.len()).collect().item()
        if rows > MOST_ROWS:
            raise SourceError(f"{path} has {rows:,} rows: files of more than {MOST_ROWS:,} rows are not read")
        found = polars.read_parquet(source).rows(named=True)
    except (polars.exceptions.PolarsError, OSError) as error:
        raise SourceError(f"{path} is no Parquet file that can be read: {error}") from error
    return [timed({name: value for name, value in row.items() if value is not None}) for row in found]
