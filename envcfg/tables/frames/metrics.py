"""The trainer's metrics as it logged them, and what was in force while it did."""

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
    """Every logged value of the metrics in *names*, by default of all: nothing is sampled.

    `run`, `metric`, `step` (environment steps; `axis` is the name of what was taken for them), `epoch`, `value`; in
    order of metric and step. Raises `SourceError` where nothing was logged, or not by that name.
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
    """What most slots ran, from each `step` on: `config` (its digest) and its leaves as in `parameters`.

    It is in order of step: `metrics(history).sort("step").join_asof(in_force(history), on="step")`.
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
