"""The trajectories of a sweep: the metric of every run, the median of each group, and the outcomes."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import elided, printable
from envcfg.analysis.groups import OTHERS
from envcfg.analysis.sweep.trajectories import BAND_RUNS, RunGroup, Trajectories
from envcfg.analysis.sweep.trajectories import trajectories as trajectories_data
from envcfg.figures.frame import X_TITLES, framed, heading, legend, sized
from envcfg.figures.layout import legend_height
from envcfg.figures.style import INK, html, tinted
from envcfg.figures.sweep.groups import GroupStyle, group_styles
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SweepRun

HEIGHT: Final = 380
SPLIT: Final = (0.80, 0.85)
"""The end of the curves and the start of the outcomes, as shares of the width."""
SINGLE: Final = 60
"""With more runs than these, single runs have no lines; the bands show most of them."""
FEW: Final = 3
"""With more groups than these, bands are drawn faintly, so that they do not hide each other."""
SYMBOLS_EACH: Final = 10
"""Columns between two symbols on a median."""


def trajectories(
    sweep: Iterable[SweepRun], *, metric_name: MetricChoice = None, width: int | None = None, height: int | None = None
) -> go.Figure:
    """The metric of all runs of a sweep on one axis, with the median and the band of each curriculum.

    *metric_name* is by default the reward. *width* and *height* are in pixels. Raises `SourceError` if there are no
    runs, or if none has the metric.

    >>> from envcfg import load_sweep, sample
    >>> from envcfg.figures import trajectories
    >>> trajectories(load_sweep(sample("sweep"))).layout.meta["summary"]
    'returns: 5 runs under 3 curricula'
    """
    return sized(draw(trajectories_data(sweep, metric_name=metric_name)), width=width, height=height)


def draw(data: Trajectories) -> go.Figure:
    """The figure of a sweep's trajectories."""
    figure = go.Figure()
    middles = [round((low + high) / 2) for low, high in pairwise(data.bounds)]
    appearance = group_styles(line.run for group in data.groups for line in group.lines)
    for place, group in enumerate(data.groups):
        style = appearance[group.name]
        if data.drawn <= SINGLE:
            _draw_runs(figure, group, middles, style)
        _draw_median(figure, group, middles, style, strength=0.16 if len(data.groups) <= FEW else 0.07)
        _draw_outcomes(figure, group, place, style)
    domain = (0.0, 1 - 24 / HEIGHT)
    figure.update_layout(
        annotations=[{**heading("at the end", domain, INK), "x": 1, "xanchor": "right"}],
        xaxis={
            "domain": [0, SPLIT[0]],
            "title": {"text": X_TITLES["step"], "standoff": 6},
            "range": [0, data.bounds[-1]],
        },
        xaxis2={
            "domain": [SPLIT[1], 1],
            "anchor": "y2",
            "range": [-0.6, len(data.groups) - 0.4],
            "showticklabels": False,
            "showgrid": False,
            "fixedrange": True,
        },
        yaxis={"domain": domain},
        yaxis2={"domain": domain, "anchor": "x2", "matches": "y", "showticklabels": False},
        legend=legend(HEIGHT),
        hovermode="closest",
    )
    names = [group.name for group in data.groups]
    curricula = "one curriculum" if len(names) == 1 else f"{len(names):,} curricula"
    if OTHERS in names:
        curricula = f"more than {len(names):,} curricula"
    said = f"{data.runs:,} run{'s' * (data.runs != 1)} under {curricula}"
    notes = list(data.notes)
    if any(value is not None for group in data.groups for value in group.low):
        notes.append(f"bands show the middle 80 % of at least {BAND_RUNS} runs")
    bottom = 64 + legend_height(names)
    return framed(figure, title=data.metric, said=said, notes=notes, height=HEIGHT, bottom=bottom, right=30)


def _draw_runs(figure: go.Figure, group: RunGroup, x: Sequence[float], style: GroupStyle) -> None:
    """Draw all runs of a group as one line with gaps."""
    lines = [line for line in group.lines if len(group.lines) > 1]
    figure.add_scatter(
        x=[place for _ in lines for place in (*x, None)],
        y=[value for line in lines for value in (*line.values, None)],
        customdata=[html(line.run.name) for line in lines for _ in (*x, None)],
        mode="lines",
        line={"color": style.color, "width": 0.7},
        hovertemplate="%{customdata}<br>step %{x:,}: <b>%{y:.4g}</b><extra></extra>",
        showlegend=False,
    )


def _draw_median(figure: go.Figure, group: RunGroup, x: Sequence[float], style: GroupStyle, *, strength: float) -> None:
    """Draw the median of a group, with a band if it has enough runs."""
    name = html(elided(printable(group.name), 28))
    band = [(place, low, high) for place, low, high in zip(x, group.low, group.high, strict=True) if low is not None]
    if band:
        figure.add_scatter(
            x=[place for place, _, _ in band] + [place for place, _, _ in reversed(band)],
            y=[high for _, _, high in band] + [low for _, low, _ in reversed(band)],
            fill="toself",
            fillcolor=tinted(style.color, strength),
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
    figure.add_scatter(
        x=x,
        y=group.middle,
        mode="lines+markers",
        line={"color": style.color, "width": 2.4, "dash": style.dash},
        marker={
            "symbol": style.symbol,
            "color": style.color,
            "size": [9 if place % SYMBOLS_EACH == SYMBOLS_EACH // 2 else 0 for place in range(len(x))],
            "opacity": 1,
            "line": {"width": 0},
        },
        name=f"{name} ({len(group.lines):,})",
        hovertemplate=f"median of {name}<br>step %{{x:,}}: <b>%{{y:.4g}}</b><extra></extra>",
    )


def _draw_outcomes(figure: go.Figure, group: RunGroup, place: int, style: GroupStyle) -> None:
    count = len(group.lines)
    figure.add_scatter(
        x=[place + (0.0 if count == 1 else 0.5 * ((index * 7 % count) / (count - 1) - 0.5)) for index in range(count)],
        y=[line.run.outcome for line in group.lines],
        customdata=[html(line.run.name) for line in group.lines],
        mode="markers",
        marker={
            "symbol": style.symbol,
            "color": style.color,
            "size": 9 if count <= 20 else 5,
            "line": {"width": 0},
        },
        hovertemplate="%{customdata}: <b>%{y:.4g}</b><extra></extra>",
        showlegend=False,
        xaxis="x2",
        yaxis="y2",
    )
