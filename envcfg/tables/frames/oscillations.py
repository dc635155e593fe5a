"""The table `oscillations`: the leaves whose values go back and forth."""

import polars as pl

from envcfg.history.history import History
from envcfg.tables.frames.changes import changes


def oscillations(history: History) -> pl.DataFrame:
    """One row for each leaf that changed, the most returns first: `run`, `path`, `changes`, `returns`, `share`.

    A return is an edit that undoes the edit before it of the same leaf in the same slot. `share` is the share of edits
    that are returns, without the first edit in each slot. If tasks are drawn at random at each reset, returns are
    chance. If a curriculum promotes and demotes again and again, the share is near 1.

    >>> from envcfg import load, sample, tables
    >>> tables.oscillations(load(sample("forage"))).select("path", "changes", "returns").row(0)
    ('game.map_builder.objects.wall', 64, 0)
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
