"""The table `metrics`: the logged metrics."""

from collections.abc import Sequence

import polars as pl

from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice, metric, metric_names
from envcfg.sources.series import Series
from envcfg.tables.frames.columns import text


def metrics(history: History, names: Sequence[str | Series] | None = None) -> pl.DataFrame:
    """Every logged value of the metrics in *names*, by default of all metrics. Nothing is sampled.

    The columns are `run`, `metric`, `axis` (the name of the logged series that gives the steps), `step` (environment
    steps), `epoch` and `value`. The rows are in order of metric and step. Raises `SourceError` if the run logged no
    metrics, or none of that name.

    >>> from envcfg import load, sample, tables
    >>> tables.metrics(load(sample("forage")), ["reward"]).select("step", "value").row(0)
    (1024, 0.2219)
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
