"""The answer of `envcfg draws` as strict JSON."""

from collections.abc import Iterable
from math import isfinite
from typing import Any

from envcfg.analysis.run.draw_fit import problems
from envcfg.analysis.run.draw_rows import DrawRow
from envcfg.core.path import pointer
from envcfg.core.quantiles import PER_MILLE
from envcfg.core.stated import as_config
from envcfg.history.history import History


def draws_json(history: History, rows: Iterable[DrawRow]) -> dict[str, Any]:
    """What was drawn for each parameter, what was stated, and the problems of both."""
    return {
        "format": "envcfg-draws",
        "version": 1,
        "run": history.run,
        "resets": sum(entry.resets for entry in history.drawn),
        "parameters": [_row(row) for row in rows],
        "problems": [problem._asdict() for problem in problems(history)],
    }


def _row(row: DrawRow) -> dict[str, Any]:
    found = row.drawn
    many = found.resolution > 0
    return {
        "path": pointer(row.parameter.path),
        "name": row.parameter.name,
        "draws": found.count,
        "not_finite": found.not_finite,
        "mean": found.mean,
        "sd": found.sd,
        "low": found.low,
        "high": found.high,
        "resolution": found.resolution,
        "quantiles": {f"{share / 1000:g}": found.quantile(share / 1000) for share in PER_MILLE} if many else None,
        "counts": None if many else [list(pair) for pair in zip(found.values, found.counts, strict=True)],
        "stated": [
            {"step": said.step, "distribution": None if said.stated is None else as_config(said.stated)}
            for said in row.parameter.statements
        ],
        "agreement": None
        if row.fit is None
        else {
            "values": row.fit.values,
            "statistic": row.fit.statistic if isfinite(row.fit.statistic) else None,
            "p": row.fit.p,
        },
    }
