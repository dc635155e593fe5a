"""A metric around changes, with the band of placebos behind it and the number of windows below."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from plotly import graph_objects as go

from envcfg.analysis.effects.event_study import REACH, EventStudy
from envcfg.analysis.effects.event_study import event_study as event_study_data
from envcfg.analysis.runs import Named
from envcfg.analysis.wording import printable
from envcfg.figures.frame import framed, heading, legend, sized
from envcfg.figures.style import INK, LINES, html, tinted

HEIGHT: Final = 400
CURVE: Final = (0.26, 0.95)
COUNTS: Final = (0.0, 0.14)
"""Where the curve and the counts stand, as shares of the height."""


def event_study(
    sweep: Iterable[Named],
    param: str | None = None,
    *,
    metric_name: str | None = None,
    reach: int = REACH,
    width: int | None = None,
    height: int | None = None,
) -> go.Figure:
    """The metric around every change of one run or of several; *param*, a glob, takes those of such a place."""
    histories = [history for _, history in sweep]
    data = event_study_data(histories, metric_name, param=param, reach=reach)
    return sized(draw(data, param), width=width, height=height)


def draw(data: EventStudy, param: str | None = None) -> go.Figure:
    """The figure of an event study's data."""
    figure = go.Figure()
    places = [offset + 0.5 for offset in data.offsets]
    has_placebos = any(map(math.isfinite, data.placebo_low))
    if has_placebos:
        _band(figure, places, data.placebo_low, data.placebo_high, color=INK, name="95 % where nothing changed")
    who = "runs" if data.runs > 1 else "changes"
    _band(figure, places, data.low, data.high, color=LINES[0], name=f"95 % over resampled {who}")
    figure.add_scatter(
        x=places,
        y=data.mean,
        mode="lines+markers",
        line={"color": LINES[0], "width": 2},
        marker={"size": 5},
        hovertemplate="%{y:+.4g}<extra></extra>",
        name="mean of all windows",
    )
    figure.add_bar(
        x=places,
        y=data.counts,
        marker={"color": tinted(INK, 0.5), "line": {"width": 0}},
        hovertemplate="%{y} windows<extra></extra>",
        showlegend=False,
        yaxis="y2",
    )
    figure.update_layout(
        shapes=[
            {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": {"dash": "dot", "color": INK}}
        ],
        annotations=[
            heading(f"{html(printable(data.metric))}, less its mean before the change", CURVE, LINES[0]),
            heading("windows that reach so far", COUNTS, INK),
        ],
        xaxis={"title": {"text": "points after the change", "standoff": 6}, "showgrid": False, "anchor": "y2"},
        yaxis={"domain": CURVE, "zeroline": True, "zerolinecolor": INK},
        yaxis2={"domain": COUNTS, "nticks": 3, "rangemode": "tozero"},
        hovermode="x unified",
        legend=legend(HEIGHT),
        bargap=0.15,
    )
    notes = [] if has_placebos else ["no stretch without a change is long enough for placebos"]
    return framed(figure, title=_title(data, param), said=_said(data), notes=notes, height=HEIGHT, bottom=92)


def _band(
    figure: go.Figure, x: Sequence[float], low: Sequence[float], high: Sequence[float], *, color: str, name: str
) -> None:
    line = {"width": 0, "color": color}
    quiet = {"mode": "lines", "line": line, "hoverinfo": "skip", "legendgroup": name}
    figure.add_scatter(x=x, y=low, showlegend=False, **quiet)
    figure.add_scatter(x=x, y=high, fill="tonexty", fillcolor=tinted(color, 0.22), name=name, **quiet)


def _title(data: EventStudy, param: str | None) -> str:
    return f"{data.metric} around changes of {param}" if param else f"{data.metric} around every change"


def _said(data: EventStudy) -> str:
    changes = f"{data.changes:,} change{'s' * (data.changes != 1)}"
    return f"{changes} in {data.runs:,} run{'s' * (data.runs != 1)}; it describes, it does not say what caused what"
