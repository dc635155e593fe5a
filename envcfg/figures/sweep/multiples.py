"""Small multiples: a panel for each run, with its metric and its changes, all on the same axes."""

import math
from collections.abc import Iterable
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import elided, printable
from envcfg.analysis.sweep.multiples import Multiples, Panel, PanelMark
from envcfg.analysis.sweep.multiples import multiples as multiples_data
from envcfg.figures.frame import framed, legend, sized
from envcfg.figures.run.curves import outline
from envcfg.figures.run.marks import cause_style, kind_of
from envcfg.figures.style import INK, html, tinted
from envcfg.figures.sweep.groups import group_styles
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SweepRun

COLUMNS: Final = 4
PANEL: Final = 118
GAP: Final = 34
"""In pixels: the height of a panel, and the space for its name above it."""
BETWEEN: Final = 0.025
"""The space between two panels, as a share of the width."""


def multiples(
    sweep: Iterable[SweepRun], *, metric_name: MetricChoice = None, width: int | None = None, height: int | None = None
) -> go.Figure:
    """A small panel for each run with its metric and its changes, the best outcome first.

    *metric_name* is by default the reward. *width* and *height* are in pixels. Raises `SourceError` if there are no
    runs, or if none has the metric.

    >>> from envcfg import load_sweep, sample
    >>> from envcfg.figures import multiples
    >>> multiples(load_sweep(sample("sweep"))).layout.meta["summary"].partition(" (")[0]
    'returns: 5 runs, the best outcome first, over environment steps'
    """
    return sized(draw(multiples_data(sweep, metric_name=metric_name)), width=width, height=height)


def draw(data: Multiples) -> go.Figure:
    """The figure of small multiples."""
    figure = go.Figure()
    columns = min(COLUMNS, math.ceil(math.sqrt(len(data.panels))))
    rows = -(-len(data.panels) // columns)
    height = rows * (PANEL + GAP)
    appearance = group_styles(panel.run for panel in data.panels)
    named: set[str] = set()
    layout: dict[str, Any] = {}
    names = []
    for index, panel in enumerate(data.panels):
        color = appearance[panel.run.group].color
        suffix = "" if index == 0 else str(index + 1)
        x, y = _place(index, columns, height)
        layout[f"xaxis{suffix}"] = {
            "domain": x,
            "anchor": f"y{suffix}",
            **_x_axis(data, is_last=index + columns >= len(data.panels)),
        }
        layout[f"yaxis{suffix}"] = {
            "domain": y,
            "anchor": f"x{suffix}",
            "range": _y_range(data),
            **_y_axis(index, columns),
        }
        _draw_curve(figure, panel, color, suffix)
        _draw_marks(figure, panel, suffix, named)
        names.append(_name(panel, x[0], y[1]))
    for group, style in appearance.items():
        line = {"color": style.color, "width": 2}
        figure.add_scatter(x=[None], y=[None], mode="lines", line=line, name=html(elided(printable(group), 24)))
    figure.update_layout(**layout, annotations=names, legend=legend(height), hovermode="closest")
    said = f"{data.runs:,} run{'s' * (data.runs != 1)}, the best outcome first, over environment steps"
    return framed(figure, title=data.metric, said=said, notes=data.notes, height=height, bottom=84, right=30)


def _place(index: int, columns: int, height: int) -> tuple[tuple[float, float], tuple[float, float]]:
    row, column = divmod(index, columns)
    width = (1 - BETWEEN * (columns - 1)) / columns
    left = column * (width + BETWEEN)
    top = 1 - (row * (PANEL + GAP) + GAP) / height
    return (left, min(1.0, left + width)), (max(0.0, top - PANEL / height), top)


def _x_axis(data: Multiples, *, is_last: bool) -> dict[str, Any]:
    return {
        "range": [0, data.end],
        "matches": "x",
        "nticks": 4,
        "showticklabels": is_last,
        "tickfont": {"size": 10},
        "tickangle": 0,
    }


def _y_axis(index: int, columns: int) -> dict[str, Any]:
    return {"matches": "y", "nticks": 4, "showticklabels": index % columns == 0, "tickfont": {"size": 10}}


def _y_range(data: Multiples) -> list[float]:
    """From the lowest band to the highest, with some space."""
    lines = [panel.curve for panel in data.panels if panel.curve is not None]
    bands = [band for line in lines for part in line.segments for band in part.band]
    low, high = min((band.low for band in bands), default=0.0), max((band.high for band in bands), default=1.0)
    room = 0.08 * (high - low) or 1.0
    return [low - room, high + room]


def _name(panel: Panel, x: float, y: float) -> dict[str, Any]:
    outcome = "" if panel.run.outcome is None else f"  {panel.run.outcome:.3g}"
    text = f"<b>{html(elided(printable(panel.run.name), 19))}</b>{outcome}"
    place = {"x": x, "xref": "paper", "xanchor": "left", "y": y, "yref": "paper", "yanchor": "bottom"}
    return {**place, "text": text, "showarrow": False, "font": {"size": 11}}


def _draw_curve(figure: go.Figure, panel: Panel, color: str, suffix: str) -> None:
    """The running median, and the band that holds most values."""
    axes = {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}", "showlegend": False}
    if panel.curve is None:
        figure.add_scatter(x=[None], y=[None], **axes)
        return
    x, y = outline(panel.curve.segments)
    figure.add_scatter(
        **axes, x=x, y=y, fill="toself", fillcolor=tinted(color, 0.2), line={"width": 0}, hoverinfo="skip"
    )
    figure.add_scatter(
        **axes,
        x=[step for part in panel.curve.segments for step in part.steps],
        y=[band.median for part in panel.curve.segments for band in part.band],
        mode="lines",
        line={"color": color, "width": 1.5},
        name=html(panel.run.name),
        hovertemplate=f"{html(panel.run.name)}<br>step %{{x:,}}: <b>%{{y:.4g}}</b><extra></extra>",
    )


def _draw_marks(figure: go.Figure, panel: Panel, suffix: str, named: set[str]) -> None:
    """A symbol for each kind of cause. The legend has each kind once; *named* are the kinds that it has already."""
    by_kind: dict[str, list[PanelMark]] = {}
    for mark in panel.marks:
        by_kind.setdefault(kind_of(mark.kinds), []).append(mark)
    for kind, marks in by_kind.items():
        symbol, color = cause_style(kind)
        figure.add_scatter(
            x=[mark.step for mark in marks],
            y=[mark.value for mark in marks],
            customdata=[_text(mark) for mark in marks],
            mode="markers",
            marker={
                "symbol": symbol,
                "color": color,
                "size": [7 if sum(mark.kinds.values()) == 1 else 9 for mark in marks],
                "line": {"width": 1, "color": INK},
                "opacity": 1,
            },
            hovertemplate="%{customdata}<extra></extra>",
            name=f"change: {html(kind)}",
            legendgroup=kind,
            showlegend=kind not in named,
            xaxis=f"x{suffix}",
            yaxis=f"y{suffix}",
        )
        named.add(kind)


def _text(mark: PanelMark) -> str:
    count = sum(mark.kinds.values())
    what = f"change {mark.first}" if count == 1 else f"{count:,} changes from {mark.first} on"
    counted = ", ".join(f"{times:,} {html(kind)}" for kind, times in mark.kinds.items())
    return f"<b>{what}</b> at step {mark.step:,.0f}<br>{counted}"
