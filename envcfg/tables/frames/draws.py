"""The table `draws`: the distribution of each drawn parameter in each epoch."""

from typing import Any

import polars as pl

from envcfg.core.distribution import pooled
from envcfg.history.history import History
from envcfg.history.queries.draws import DrawnParameter, Part
from envcfg.tables.frames.columns import text

_QUANTILES = {f"q{share:02d}": share / 100 for share in (1, 5, 10, 25, 50, 75, 90, 95, 99)}
_TEXTS = ("run", "parameter", "task", "branch")
_COUNTS = ("epoch", "first_step", "last_step", "draws", "not_finite")


def draws(history: History) -> pl.DataFrame:
    """One row for each parameter in each entry of drawn parameters: an epoch, a task and a branch.

    The columns are `run`, `parameter`, `epoch`, `task`, `branch`, `first_step` and `last_step` of its resets, `draws`
    (how many), `mean`, `sd`, `low`, the quantiles `q01` to `q99`, `high` and `not_finite`. They are null for texts.

    >>> from envcfg import load, sample
    >>> from envcfg.tables import draws
    >>> draws(load(sample("forage"))).height
    0
    """
    rows = [
        _row(history.run, parameter, part)
        for parameter in history.drawn_parameters.values()
        for part in parameter.parts
    ]
    names = ("run", "parameter", "epoch", "task", "branch", "first_step", "last_step", "draws", "mean", "sd", "low")
    return pl.DataFrame(rows, schema={name: _type(name) for name in (*names, *_QUANTILES, "high", "not_finite")})


def _row(run: str, parameter: DrawnParameter, part: Part) -> dict[str, str | int | float | None]:
    entry, found = part.entry, pooled([part.drawn])
    return {
        "run": text(run),
        "parameter": text(parameter.name),
        "epoch": entry.epoch,
        "task": None if entry.task is None else text(entry.task),
        "branch": None if entry.branch is None else text(entry.branch),
        "first_step": entry.since,
        "last_step": entry.step,
        "draws": found.count,
        "mean": found.mean,
        "sd": found.sd,
        "low": found.low,
        **{name: found.quantile(at) if found.has_numbers else None for name, at in _QUANTILES.items()},
        "high": found.high,
        "not_finite": found.not_finite,
    }


def _type(name: str) -> Any:
    if name in _TEXTS:
        return pl.Categorical
    return pl.Int64 if name in _COUNTS else pl.Float64
