"""The trajectories of a sweep: every run's metric, the median of its group, and the outcomes beside them."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

from plotly import graph_objects as go

from envcfg.analysis.groups import OTHERS
from envcfg.analysis.sweep.trajectories import BAND_RUNS, Group, Trajectories
from envcfg.analysis.sweep.trajectories import trajectories as trajectories_data
from envcfg.analysis.wording import elided, printable
from envcfg.figures.frame import X_TITLES, framed, heading, legend, sized
from envcfg.figures.layout import legend_height
from envcfg.figures.style import INK, html, tinted
from envcfg.figures.sweep.groups import Look, looks
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SweepRun

HEIGHT: Final = 380
SPLIT: Final = (0.80, 0.85)
"""Where the curves end and the outcomes begin, as shares of the width."""
SINGLE: Final = 60
"""With more runs than these there are no lines of single runs: the bands say where most of them lie."""
FEW: Final = 3
"""Groups whose bands can be strong without hiding each other."""
SYMBOLS_EACH: Final = 10
"""Columns between two symbols on a median."""


def trajectories(
    sweep: Iterable[SweepRun], *, metric_name: MetricChoice = None, width: int | None = None, height: int | None = None
) -> go.Figure:
    """All runs of a sweep on one axis, by curriculum; the metric by default is what looks most like the reward."""
    return sized(draw(trajectories_data(sweep, metric_name=metric_name)), width=width, height=height)


def draw(data: Trajectories) -> go.Figure:
    """The figure of a sweep's trajectories."""
    figure = go.Figure()
    middles = [round((low + high) / 2) for low, high in pairwise(data.bounds)]
    appearance = looks(line.run for group in data.groups for line in group.lines)
    for place, group in enumerate(data.groups):
        look = appearance[group.name]
        if data.drawn <= SINGLE:
            _draw_runs(figure, group, middles, look)
        _draw_median(figure, group, middles, look, strength=0.16 if len(data.groups) <= FEW else 0.07)
        _draw_outcomes(figure, group, place, look)
    domain = (0.0, 1 - 24 / HEIGHT)
    figure.update_layout(
        annotations=[{**heading("at the end", domain, INK), "x": SPLIT[1]}],
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
        notes.append(f"bands hold the middle 80 % of at least {BAND_RUNS} runs")
    bottom = 64 + legend_height(names)
    return framed(figure, title=data.metric, said=said, notes=notes, height=HEIGHT, bottom=bottom, right=30)


def _draw_runs(figure: go.Figure, group: Group, x: Sequence[float], look: Look) -> None:
    """All runs of a group as one broken line."""
    lines = [line for line in group.lines if len(group.lines) > 1]
    figure.add_scatter(
        x=[place for _ in lines for place in (*x, None)],
        y=[value for line in lines for value in (*line.values, None)],
        customdata=[html(line.run.name) for line in lines for _ in (*x, None)],
        mode="lines",
        line={"color": tinted(look.color, 0.35), "width": 1},
        hovertemplate="%{customdata}<br>step %{x:,}: <b>%{y:.4g}</b><extra></extra>",
        showlegend=False,
    )


def _draw_median(figure: go.Figure, group: Group, x: Sequence[float], look: Look, *, strength: float) -> None:
    """With a band where there are runs enough for one, a dash and now and then a symbol."""
    name = html(elided(printable(group.name), 28))
    band = [(place, low, high) for place, low, high in zip(x, group.low, group.high, strict=True) if low is not None]
    if band:
        figure.add_scatter(
            x=[place for place, _, _ in band] + [place for place, _, _ in reversed(band)],
            y=[high for _, _, high in band] + [low for _, low, _ in reversed(band)],
            fill="toself",
            fillcolor=tinted(look.color, strength),
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
        )
    figure.add_scatter(
        x=x,
        y=group.middle,
        mode="lines+markers",
        line={"color": look.color, "width": 2.4, "dash": look.dash},
        marker={
            "symbol": look.symbol,
            "color": look.color,
            "size": [9 if place % SYMBOLS_EACH == SYMBOLS_EACH // 2 else 0 for place in range(len(x))],
            "opacity": 1,
            "line": {"width": 0},
        },
        name=f"{name} ({len(group.lines):,})",
        hovertemplate=f"median of {name}<br>step %{{x:,}}: <b>%{{y:.4g}}</b><extra></extra>",
    )


def _draw_outcomes(figure: go.Figure, group: Group, place: int, look: Look) -> None:
    count = len(group.lines)
    figure.add_scatter(
        x=[place + (0.0 if count == 1 else 0.5 * ((index * 7 % count) / (count - 1) - 0.5)) for index in range(count)],
        y=[line.run.outcome for line in group.lines],
        customdata=[html(line.run.name) for line in group.lines],
        mode="markers",
        marker={
            "symbol": look.symbol,
            "color": tinted(look.color, 0.75),
            "size": 9 if count <= 20 else 5,
            "line": {"width": 0},
        },
        hovertemplate="%{customdata}: <b>%{y:.4g}</b><extra></extra>",
        showlegend=False,
        xaxis="x2",
        yaxis="y2",
    )
