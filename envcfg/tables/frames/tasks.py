"""The table `tasks`: how each task was used."""

from dataclasses import asdict

import polars as pl

from envcfg.analysis.tasks.task_use import task_uses
from envcfg.history.history import History
from envcfg.tables.frames.columns import text


def tasks(history: History) -> pl.DataFrame:
    """One row for each task, the most frequent first.

    The columns are `run`, `task`, `adoptions`, `share` (of all adoptions), `stated` (the share that the curriculum
    stated, or null), `configs` (how many), `first_step`, `last_step`, `stays` (how often a slot left it again),
    `median_stay` (of these, in environment steps) and `running` (slots that ran it at the end).

    >>> from envcfg import load, sample, tables
    >>> tables.tasks(load(sample("forage"))).select("task", "adoptions").row(0)
    ('forage/meadow', 2418)
    """
    rows = [{"run": text(history.run), **asdict(row)} | {"task": text(row.task)} for row in task_uses(history).rows]
    schema = {
        "run": pl.Categorical,
        "task": pl.Categorical,
        "adoptions": pl.Int64,
        "share": pl.Float64,
        "stated": pl.Float64,
        "configs": pl.Int64,
        "first_step": pl.Int64,
        "last_step": pl.Int64,
        "stays": pl.Int64,
        "median_stay": pl.Float64,
        "running": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema)
