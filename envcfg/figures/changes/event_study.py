"""The event study: a metric around the changes of all runs, with a grey band for random moments."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.effects.windows import REACH
from envcfg.analysis.formatting import elided, printable
from envcfg.analysis.sweep.event_study import EventCurve, EventStudy
from envcfg.analysis.sweep.event_study import event_study as event_study_data
from envcfg.figures.frame import framed, legend, sized
from envcfg.figures.layout import legend_height
from envcfg.figures.run.marks import cause_style
from envcfg.figures.style import DASHES, INK, html, tinted
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SweepRun

METRIC: Final = 280
GAP: Final = 26
COUNTS: Final = 70
SYMBOLS_EACH: Final = 6
"""Points between two symbols on a line."""
RANDOM: Final = "95 % range at random moments"


def event_study(
    runs: History | Iterable[SweepRun],
    *,
    metric_name: MetricChoice = None,
    reach: int = REACH,
    width: int | None = None,
    height: int | None = None,
) -> go.Figure:
    """The metric around every change of one run or of all runs of a sweep, by kind of cause.

    *metric_name* is by default the reward. *reach* is the number of points of the metric on each side. *width* and
    *height* are in pixels. Raises `SourceError` if nothing changed, and `MissingExtraError` without numpy and scipy.

    >>> from envcfg import load_sweep, sample
    >>> from envcfg.figures import event_study
    >>> event_study(load_sweep(sample("sweep"))).layout.meta["summary"].partition(",")[0]
    'returns around changes: 16 changes'
    """
    sweep = [SweepRun(runs.run, runs)] if isinstance(runs, History) else runs
    data = event_study_data(sweep, metric_name=metric_name, reach=reach)
    return sized(draw(data), width=width, height=height)


def draw(data: EventStudy) -> go.Figure:
    """The figure of an event study."""
    figure = go.Figure()
    inner = METRIC + GAP + COUNTS
    names = [_name(curve) for curve in data.kinds]
    _band(figure, data.offsets, *data.placebo, color=INK, strength=0.3, name=RANDOM)
    for curve, dash, name in zip(data.kinds, DASHES, names, strict=False):
        _draw_kind(figure, data.offsets, curve, dash, name)
    figure.update_layout(
        hovermode="x unified",
        hoversubplots="axis",
        shapes=[_rule(x=0.0), _rule(y=0.0)],
        legend=legend(inner),
        xaxis={**_x_axis(), "range": [data.offsets[0], data.offsets[-1]]},
        yaxis={
            "domain": [(COUNTS + GAP) / inner, 1],
            "title": {"text": f"Δ {html(_short(data.metric))}", "standoff": 4},
        },
        yaxis2={
            "domain": [0, COUNTS / inner],
            "title": {"text": "changes", "standoff": 4},
            "rangemode": "tozero",
            "nticks": 4,
        },
    )
    events = sum(curve.events for curve in data.kinds)
    said = f"{events:,} change{'s' * (events != 1)}, minus the mean before each; windows stop at neighbouring changes"
    bottom = 64 + legend_height([*names, RANDOM])
    title = f"{_short(data.metric)} around changes"
    return framed(figure, title=title, said=said, notes=data.notes, height=inner, bottom=bottom, right=30)


def _draw_kind(figure: go.Figure, offsets: Sequence[float], around: EventCurve, dash: str, name: str) -> None:
    symbol, color = cause_style(around.kind)
    _band(figure, offsets, around.low, around.high, color=color, strength=0.16)
    figure.add_scatter(
        x=offsets,
        y=around.middle,
        mode="lines+markers",
        line={"color": color, "width": 2, "dash": dash},
        marker={
            "symbol": symbol,
            "color": color,
            "size": [8 if place % SYMBOLS_EACH == SYMBOLS_EACH // 2 else 0 for place in range(len(offsets))],
            "opacity": 1,
            "line": {"width": 0},
        },
        customdata=_band_texts(around),
        hovertemplate=f"{html(around.kind)} <b>%{{y:+.3g}}</b> %{{customdata}}<extra></extra>",
        name=name,
    )
    figure.add_scatter(
        x=offsets,
        y=around.counts,
        mode="lines",
        line={"color": color, "width": 1.4, "dash": dash, "shape": "hvh"},
        hoverinfo="skip",
        showlegend=False,
        yaxis="y2",
    )


def _band(
    figure: go.Figure,
    offsets: Sequence[float],
    low: Sequence[float | None],
    high: Sequence[float | None],
    *,
    color: str,
    strength: float,
    name: str | None = None,
) -> None:
    """Draw a band; each part without a gap is a closed shape."""
    x: list[float | None] = []
    y: list[float | None] = []
    rows = zip(offsets, low, high, strict=True)
    for is_known, group in groupby(rows, key=lambda row: row[1] is not None):
        part = list(group) if is_known else []
        x += [*(at for at, _, _ in part), *(at for at, _, _ in reversed(part)), None]
        y += [*(most for _, _, most in part), *(least for _, least, _ in reversed(part)), None]
    figure.add_scatter(
        x=x,
        y=y,
        fill="toself",
        fillcolor=tinted(color, strength),
        line={"width": 0},
        hoverinfo="skip",
        name=name,
        showlegend=name is not None,
    )


def _band_texts(around: EventCurve) -> list[str]:
    """`[-0.2 to +0.1] of 12`"""
    return [
        (f"[{low:+.3g} to {high:+.3g}] " if low is not None and high is not None else "") + f"of {count:,}"
        for low, high, count in zip(around.low, around.high, around.counts, strict=True)
    ]


def _name(around: EventCurve) -> str:
    runs = f"{around.runs:,} run{'s' * (around.runs != 1)}"
    return f"{html(around.kind)}: {around.events:,} in {runs}"


def _short(metric: str) -> str:
    return elided(printable(metric), 30)


def _x_axis() -> dict[str, Any]:
    title = {"text": "environment steps from the change", "standoff": 6}
    return {"title": title, "hoverformat": "+,.0f", "anchor": "free", "position": 0}


def _rule(*, x: float | None = None, y: float | None = None) -> dict[str, Any]:
    line = {"color": INK, "width": 1, "dash": "solid" if y is None else "dot"}
    if y is None:
        return {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "line": line}
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": y, "y1": y, "line": line}
