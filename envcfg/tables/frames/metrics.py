"""The tables `metrics` and `in_force`: the logged metrics, and the config in force at each step."""

from collections.abc import Sequence

import polars as pl

from envcfg.analysis.run.dominant import dominant
from envcfg.core.tree import leaves
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice, metric, metric_names
from envcfg.sources.series import Series
from envcfg.tables.frames.columns import text
from envcfg.tables.frames.parameters import leaf_columns, paths_of


def metrics(history: History, names: Sequence[str | Series] | None = None) -> pl.DataFrame:
    """Every logged value of the metrics in *names*, by default of all metrics. Nothing is sampled.

    The columns are `run`, `metric`, `axis` (the name of the logged series that gives the steps), `step` (environment
    steps), `epoch` and `value`. The rows are in order of metric and step. Raises `SourceError` if the run logged no
    metrics, or none of that name.

    >>> from envcfg import load, sample, tables
    >>> tables.metrics(load(sample("forage")), ["reward"]).select("step", "value").row(0)
    (512, 0.5)
    """
    wanted: Sequence[MetricChoice] = (metric_names(history) or [None]) if names is None else names
    found = [metric(history, name) for name in wanted]
    parts = [
        pl.DataFrame(
            {
                "run": pl.repeat(text(history.run), len(series.steps), dtype=pl.Categorical, eager=True),
                "metric": pl.repeat(text(series.name), len(series.steps), dtype=pl.Categorical, eager=True),
                "axis": pl.repeat(text(series.axis), len(series.steps), dtype=pl.Categorical, eager=True),
                "step": pl.Series(series.steps, dtype=pl.Float64).cast(pl.Int64),
                "epoch": pl.Series(series.epochs, dtype=pl.Float64),
                "value": pl.Series(series.values, dtype=pl.Float64),
            }
        )
        for series in found
    ]
    return pl.concat(parts) if parts else pl.DataFrame()


def in_force(history: History, params: Sequence[str] | None = None) -> pl.DataFrame:
    """The config that most slots ran from each `step` on: `config` (its digest) and its leaves, as in `parameters`.

    *params* are dotted keys or globs; by default all leaves that vary. The rows are in order of step, so that they can
    be joined: `metrics(history).sort("step").join_asof(in_force(history), on="step")`.

    >>> from envcfg import load, sample, tables
    >>> tables.in_force(load(sample("forage")), ["game.max_steps"]).select("step", "game.max_steps").rows()
    [(0, 32), (8333, 32), (27769, 44), (64412, 56), (118768, 64)]
    """
    held = dominant(history.adoptions, lambda adopted: adopted.config)
    known = {digest: history.configs[digest] for _, digest in held if digest in history.configs}
    values = {digest: dict(leaves(config)) for digest, config in known.items()}
    columns = leaf_columns(
        [values.get(digest, {}) for _, digest in held],
        paths_of(list(known.values()), params),
        beside=("step", "config"),
    )
    return pl.DataFrame(
        {
            "step": pl.Series([step for step, _ in held], dtype=pl.Int64).set_sorted(),
            "config": pl.Series([digest for _, digest in held], dtype=pl.String),
            **columns,
        }
    )
