"""How each task was used."""

from dataclasses import asdict

import polars as pl

from envcfg.analysis.tasks.task_use import task_uses
from envcfg.history.history import History
from envcfg.tables.frames.columns import text


def tasks(history: History) -> pl.DataFrame:
    """One row for each task, most frequent first: `run`, and the fields of `TaskUse`, steps in environment steps."""
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
