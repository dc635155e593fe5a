"""One parameter over all runs of a sweep, with the outcome of each run."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import elided, printable, value_text, value_texts
from envcfg.analysis.sweep.parameter import ParameterGrid
from envcfg.analysis.sweep.parameter import parameter as parameter_data
from envcfg.core.path import dotted
from envcfg.figures.frame import X_TITLES, framed, heading, legend, sized
from envcfg.figures.style import AREAS, INK, PLATE, PLATE_INK, SCALE, html, tinted
from envcfg.figures.sweep.groups import group_styles
from envcfg.history.spread import is_number
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SweepRun

RUN: Final = 26.0
HEIGHT: Final = 620.0
"""In pixels: the height of one row, and the greatest height of all rows."""
NAMED: Final = 48
"""With more runs than these, rows have no names."""
TEXTS: Final = 150
"""The most values that are written into the rows. They need `ROOM` columns for each character."""
ROOM: Final = 2.3
SPLIT: Final = (0.76, 0.80)
"""The end of the rows and the start of the outcomes, as shares of the width."""
AT_THE_END: Final = {"x": 1, "xanchor": "right"}
BAR: Final = 48
"""Pixels from the rows to the colour scale, and the height of the scale."""


def parameter(
    sweep: Iterable[SweepRun],
    param: str | None = None,
    *,
    metric_name: MetricChoice = None,
    width: int | None = None,
    height: int | None = None,
) -> go.Figure:
    """One parameter in all runs of a sweep, over steps: a row for each run, the best outcome on top.

    *param* is a dotted key or a glob; by default the parameter that changed in most runs. *metric_name* is by default
    the reward. *width* and *height* are in pixels. Raises `SourceError` if no run has such a parameter or metric.

    >>> from envcfg import load_sweep, sample
    >>> from envcfg.figures import parameter
    >>> parameter(load_sweep(sample("sweep")), "game.max_steps").layout.meta["summary"].partition(" (")[0]
    'game.max_steps: 5 runs, the best outcome on top'
    """
    return sized(draw(parameter_data(sweep, param, metric_name=metric_name)), width=width, height=height)


def draw(data: ParameterGrid) -> go.Figure:
    """The figure of a parameter's grid: a row for each run, the best outcome on top."""
    figure = go.Figure()
    height = round(min(HEIGHT, RUN * len(data.rows))) + 24
    is_numeric = all(map(is_number, data.values)) and len(data.values) > 2
    _rows(figure, data, is_numeric=is_numeric)
    _outcomes(figure, data)
    domain = (0.0, 1 - 24 / height)
    names = [elided(printable(row.run.name), 24) for row in data.rows] if len(data.rows) <= NAMED else []
    figure.update_layout(
        annotations=[
            *_texts(data),
            {**heading(f"{html(elided(printable(data.metric), 22))} at the end", domain, INK), **AT_THE_END},
        ],
        xaxis={"domain": [0, SPLIT[0]], "title": {"text": X_TITLES["step"], "standoff": 6}, "showgrid": False},
        xaxis2={"domain": [SPLIT[1], 1], "anchor": "y", "nticks": 4, "tickangle": 0},
        yaxis={
            "domain": domain,
            "range": [len(data.rows) - 0.5, -0.5],
            "tickvals": list(range(len(names))),
            "ticktext": list(map(html, names)),
            "tickfont": {"size": 11},
            "fixedrange": True,
        },
        legend=legend(height, below=BAR if is_numeric else 0),
        hovermode="closest",
    )
    bottom = 92 + (BAR if is_numeric else 0)
    said = f"{data.runs:,} run{'s' * (data.runs != 1)}, the best outcome on top"
    left = 20 + (7 * max(map(len, names)) if names else 0)
    return framed(figure, title=dotted(data.path), said=said, notes=data.notes, height=height, bottom=bottom, left=left)


def _rows(figure: go.Figure, data: ParameterGrid, *, is_numeric: bool) -> None:
    """Draw the rows: numbers on a colour scale, other values each in its own colour."""
    texts = list(map(html, value_texts(data.values, 24)))
    heights = list(map(float, data.values)) if is_numeric else range(len(data.values))  # type: ignore[arg-type]  # numbers
    cells = [[None if cell is None else heights[cell] for cell in row.values] for row in data.rows]
    figure.add_heatmap(
        x=[round(step) for step in data.bounds],
        y=list(range(len(data.rows))),
        z=cells,
        text=[["" if cell is None else texts[cell] for cell in row.values] for row in data.rows],
        customdata=[[html(row.run.name)] * len(row.values) for row in data.rows],
        hovertemplate="%{customdata}<br>step %{x:,}<br><b>%{text}</b><extra></extra>",
        ygap=2 if len(data.rows) <= NAMED else 0,
        **(_scale() if is_numeric else _steps(len(data.values))),
    )
    if not is_numeric:
        for index, text in list(enumerate(texts))[: len(AREAS)]:
            marker = {"symbol": "square", "size": 10, "color": tinted(AREAS[index], 0.8)}
            figure.add_scatter(x=[None], y=[None], mode="markers", marker=marker, name=text)


def _scale() -> dict[str, Any]:
    place = {"orientation": "h", "x": 0, "xanchor": "left", "xpad": 0, "y": 0, "yanchor": "top", "ypad": BAR}
    return {
        "colorscale": SCALE,
        "colorbar": {
            **place,
            "thickness": 10,
            "len": SPLIT[0],
            "outlinewidth": 0,
            "nticks": 6,
            "tickfont": {"size": 10},
        },
    }


def _steps(count: int) -> dict[str, Any]:
    """A colour for each value. From the eleventh on, all values have the colour of the text."""
    colors = [tinted(AREAS[index], 0.8) if index < len(AREAS) else INK for index in range(count)]
    places = [(place / count, color) for index, color in enumerate(colors) for place in (index, index + 1)]
    return {"colorscale": places, "zmin": -0.5, "zmax": count - 0.5, "showscale": False}


def _texts(data: ParameterGrid) -> list[dict[str, Any]]:
    """The values as text, at their start, where there is enough space."""
    labels: list[dict[str, Any]] = []
    for index, row in enumerate(data.rows if len(data.rows) <= NAMED else ()):
        column = 0
        for value, cells in groupby(row.values):
            width = len(list(cells))
            text = "" if value is None else value_text(data.values[value], 16)
            if text and width >= ROOM * (len(text) + 1):
                place = {"x": data.bounds[column], "xanchor": "left", "xshift": 3, "y": index, "showarrow": False}
                plate = {"bgcolor": PLATE, "borderpad": 0}
                labels.append({**place, **plate, "text": html(text), "font": {"size": 10, "color": PLATE_INK}})
            column += width
    return labels[:TEXTS]


def _outcomes(figure: go.Figure, data: ParameterGrid) -> None:
    """A point for each run, in the colour and symbol of its group."""
    for group, style in group_styles(row.run for row in data.rows).items():
        rows = [
            (index, row.run)
            for index, row in enumerate(data.rows)
            if row.run.group == group and row.run.outcome is not None
        ]
        figure.add_scatter(
            x=[run.outcome for _, run in rows],
            y=[index for index, _ in rows],
            customdata=[html(run.name) for _, run in rows],
            mode="markers",
            marker={"symbol": style.symbol, "color": style.color, "size": 9 if len(data.rows) <= NAMED else 5},
            hovertemplate="%{customdata}: <b>%{x:.4g}</b><extra></extra>",
            name=html(elided(printable(group), 24)),
            xaxis="x2",
        )
