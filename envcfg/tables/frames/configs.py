"""The table `configs`: every different config of a run."""

from collections import Counter

import polars as pl

from envcfg.core.diff import ABSENT
from envcfg.history.history import History
from envcfg.tables.frames.columns import json_text, text


def configs(history: History) -> pl.DataFrame:
    """One row for each config, in order of first adoption.

    The columns are `run`, `config` (its digest), `tasks` (its task names), `records` (the number of records that
    adopted it), `first_step` and `last_step` (of these records, in environment steps) and `values` (the whole config as
    JSON; null if the journal lost it).

    >>> from envcfg import load, sample, tables
    >>> tables.configs(load(sample("forage")))["first_step"].to_list()
    [0, 22589, 78870, 150580, 222271]
    """
    adopted, step = history.adoptions.columns.adopted, history.adoptions.columns.step
    records, tasks = Counter[str](), dict[str, dict[str, None]]()
    first, last = dict[str, int](), dict[str, int]()
    for kind, when in zip(adopted.index, step, strict=True):
        value = adopted.values[kind]
        records[value.config] += 1
        first.setdefault(value.config, when)
        last[value.config] = when
        tasks.setdefault(value.config, {})[value.task or ""] = None
    return pl.DataFrame(
        {
            "run": pl.Series([text(history.run)] * len(first), dtype=pl.Categorical),
            "config": pl.Series(list(first), dtype=pl.String),
            "tasks": pl.Series([list(map(text, tasks[digest])) for digest in first], dtype=pl.List(pl.String)),
            "records": pl.Series([records[digest] for digest in first], dtype=pl.Int64),
            "first_step": pl.Series(list(first.values()), dtype=pl.Int64),
            "last_step": pl.Series([last[digest] for digest in first], dtype=pl.Int64),
            "values": pl.Series([json_text(history.configs.get(digest, ABSENT)) for digest in first], dtype=pl.String),
        }
    )
