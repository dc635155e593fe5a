"""The performance profiles of a sweep: for each group, the share of its runs that reached an outcome."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import count_text, elided, printable
from envcfg.analysis.sweep.comparison import By, Comparison, comparison
from envcfg.figures.frame import framed, legend, sized
from envcfg.figures.layout import legend_height
from envcfg.figures.style import DASHES, LINES, SYMBOLS, html
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import Sweep, SweepRun

if TYPE_CHECKING:
    from envcfg.analysis.sweep.outcomes import Outcome

HEIGHT: Final = 340
MARGIN: Final = 0.04
"""The space beside the lowest and the highest outcome, as a share of their distance."""


def performance_profiles(
    sweep: Iterable[SweepRun],
    *,
    metric_name: MetricChoice = None,
    by: str = "overrides",
    width: int | None = None,
    height: int | None = None,
) -> go.Figure:
    """The performance profile of each group of runs (Agarwal et al. 2021): the share of its runs above each outcome.

    Where the line of a group is higher, more of its runs are better. Outcomes are those of `envcfg compare`, at the
    last step that all runs reached. *by* is `overrides`, `curriculum` or `schedule`. *metric_name* is by default the
    reward. *width* and *height* are in pixels. Raises `SourceError` if there are no runs, or if none has the metric.

    >>> from envcfg import load_sweep, sample
    >>> from envcfg.figures import performance_profiles
    >>> performance_profiles(load_sweep(sample("sweep"))).layout.meta["summary"].partition(" (")[0]
    'returns: 5 runs in 3 groups'
    """
    return sized(draw(comparison(Sweep(tuple(sweep)), metric=metric_name, by=By(by)), by), width=width, height=height)


def draw(found: Comparison, by: str) -> go.Figure:
    """The figure of a comparison's profiles."""
    figure = go.Figure()
    shown = found.outcomes[: len(LINES)]
    values = [value for row in shown for value in row.values]
    low, high = min(values, default=0.0), max(values, default=1.0)
    beside = MARGIN * ((high - low) or abs(high) or 1.0)
    bounds = low - beside, high + beside
    for row, color, symbol, dash in zip(shown, LINES, SYMBOLS, DASHES, strict=False):
        _profile(figure, row, bounds, color=color, symbol=symbol, dash=dash)
    figure.update_layout(
        xaxis={
            "range": bounds,
            "title": {"text": html(f"{elided(printable(found.metric), 40)} at the end"), "standoff": 6},
        },
        yaxis={"range": [-0.03, 1.04], "tickformat": ".0%", "title": {"text": "runs above it", "standoff": 4}},
        legend=legend(HEIGHT),
        hovermode="closest",
    )
    runs = sum(len(row.values) for row in found.outcomes)
    said = f"{count_text(runs, 'run')} in {count_text(len(found.outcomes), 'group')}"
    bottom = 64 + legend_height([_name(row) for row in shown])
    return framed(figure, title=found.metric, said=said, notes=_notes(found, shown, by), height=HEIGHT, bottom=bottom)


def _profile(
    figure: go.Figure, row: "Outcome", bounds: tuple[float, float], *, color: str, symbol: str, dash: str
) -> None:
    """The profile of a group falls by one run's share at the outcome of each run, where it has a symbol."""
    ends = sorted(row.values)
    shares = [1 - (index + 1) / len(ends) for index in range(len(ends))]
    figure.add_scatter(
        x=[bounds[0], *ends, bounds[1]],
        y=[1.0, *shares, 0.0],
        mode="lines+markers",
        line={"color": color, "dash": dash, "width": 2, "shape": "hv"},
        marker={"symbol": symbol, "size": [0, *[7] * len(ends), 0]},
        name=html(_name(row)),
        hovertemplate="%{y:.0%} of its runs end above <b>%{x:.4g}</b>",
    )


def _name(row: "Outcome") -> str:
    return f"{elided(printable(row.name), 32)} ({len(row.values):,})"


def _notes(found: Comparison, shown: Sequence["Outcome"], by: str) -> list[str]:
    more = len(found.outcomes) - len(shown)
    few = min((len(row.values) for row in shown), default=0)
    return [
        *([f"the {len(shown)} best of {len(found.outcomes):,} groups are shown"] if more else []),
        *([f"groups by {by}"] if by != "overrides" else []),
        *(["a group of one or two runs says little"] if few < _FEWEST else []),
        *(caution.text for caution in found.cautions if caution.kind in _TOLD),
    ]


_FEWEST: Final = 3
_TOLD: Final = frozenset({"metric not invariant", "other environment", "evaluation not recorded", "adaptive trigger"})
