"""Which leaves go back and forth."""

import polars as pl

from envcfg.history.history import History
from envcfg.tables.frames.changes import changes


def oscillations(history: History) -> pl.DataFrame:
    """One row for each leaf that changed, most returns first: `run`, `path`, `changes`, `returns`, `share`.

    A return is a change that undoes the slot's change before it of that leaf; `share` is of all that could be one.
    Where tasks are drawn anew at each reset, returns are chance; where they follow each other, a curriculum that
    promotes and demotes in turn shows as a share near 1.
    """
    place = ("rank", "worker", "slot", "path")
    before_that = pl.col("before").shift(1).over(place)
    is_first = pl.col("step").shift(1).over(place).is_null()
    return (
        changes(history)
        .with_columns(is_return=~is_first & pl.col("after").eq_missing(before_that), is_first=is_first)
        .group_by("run", "path", maintain_order=True)
        .agg(
            changes=pl.len().cast(pl.Int64),
            returns=pl.col("is_return").sum().cast(pl.Int64),
            share=pl.col("is_return").filter(~pl.col("is_first")).mean(),
        )
        .sort("returns", "changes", descending=True, maintain_order=True)
    )
