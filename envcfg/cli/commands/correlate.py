"""`envcfg correlate RUN`: correlate differences of each parameter with differences of a metric."""

from typing import TYPE_CHECKING

from rich.text import Text

from envcfg.analysis.formatting import printable
from envcfg.cli.options import Format, Invariant, Metric, MetricPlaces, Output, Run
from envcfg.cli.printing import document, lines, table
from envcfg.sources.load import load

if TYPE_CHECKING:
    from envcfg.analysis.effects.correlation import Correlation


def correlate(
    run: Run,
    *,
    metric: Metric = None,
    metrics: MetricPlaces = None,
    invariant: Invariant = False,
    output: Output = Format.TEXT,
) -> None:
    """Print how the differences of each numeric parameter correlate with the differences of a metric.

    Example: [bold]envcfg correlate RUN --metric success_rate[/]
    """
    from envcfg.analysis.effects.correlation import LEVELS, correlations  # noqa: PLC0415  # numpy and scipy, an extra

    history = load(run, metrics=metrics or ())
    found = correlations(history, metric, invariant=invariant)
    if output is Format.JSON:
        rows = [one._asdict() for one in found]
        document({"format": "envcfg-correlations", "version": 1, "run": history.run, "correlations": rows})
        return
    if not found:
        lines([Text("no numeric parameter changed during this run")])
        return
    table(
        [("parameter", "left"), ("changes", "right"), ("r of differences", "left"), ("r of levels", "right")],
        [(printable(one.parameter), f"{one.changes:,}", _differences(one), _r(one.levels)) for one in found],
    )
    lines([Text(f"Beware: {LEVELS}.", "yellow")])


def _differences(one: "Correlation") -> str:
    if one.refusal is not None:
        return one.refusal
    return f"{_r(one.differences)} [{_r(one.low)}, {_r(one.high)}]"


def _r(value: float | None) -> str:
    return "" if value is None else f"{value:+.2f}"
