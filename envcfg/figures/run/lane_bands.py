"""A lane of numbers in which slots differ: the median as a line, and bands from 25 to 75 % and from 10 to 90 %."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import printable, value_text
from envcfg.analysis.run.lanes import Lane
from envcfg.analysis.run.timeline import Timeline
from envcfg.analysis.spread_text import spread_text
from envcfg.core.path import dotted
from envcfg.figures.layout import Row
from envcfg.figures.run.lane_parts import last_value, points, tick, title
from envcfg.figures.style import html, tinted
from envcfg.history.spread import Spread

BANDS: Final = ((0.1, 0.9, 0.18), (0.25, 0.75, 0.3))
"""The lower and the upper quantile of each band, and its opacity."""


def draw_bands(figure: go.Figure, lane: Lane, row: Row, name: str, *, color: str, data: Timeline) -> None:
    """Draw the median and the bands of one parameter. Where all slots agree, they are one line."""
    medians = [_height(spread, 0.5) for spread in lane.spreads]
    for low, high, alpha in BANDS:
        xs, ys = _outline(lane, low, high, data)
        figure.add_scatter(
            x=xs,
            y=ys,
            mode="lines",
            fill="toself",
            fillcolor=tinted(color, alpha),
            line={"width": 0},
            hoverinfo="skip",
            showlegend=False,
            yaxis=row.axis,
        )
    found, _ = points(lane, medians, data.grid)
    figure.add_scatter(
        x=[data.axis.at(step) for step, _ in found],
        y=[medians[index] for _, index in found],
        customdata=[html(spread_text(lane.spreads[index])) for _, index in found],
        hovertemplate=f"{html(name)} <b>%{{customdata}}</b><extra></extra>",
        name=html(printable(dotted(lane.path))),
        mode="lines",
        line={"color": color, "width": 1.8, "shape": "hv"},
        showlegend=False,
        yaxis=row.axis,
    )
    figure.update_layout({row.key: _axis(row, lane)})
    figure.add_annotation(title(row, html(name), color))
    figure.add_annotation(last_value(row, html(_last_text(lane)), medians[-1], color))


def _height(spread: Spread, share: float) -> float | None:
    height = spread.quantile(share)
    return None if height is None else float(height)


def _last_text(lane: Lane) -> str:
    median = lane.spreads[-1].quantile(0.5)
    return value_text(lane.spreads[-1].value if median is None else median, 9)


def _outline(lane: Lane, low: float, high: float, data: Timeline) -> tuple[list[float | None], list[float | None]]:
    """The outline of a band: one area for each time in which it has a height."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for first, stop in _wide(lane, low, high):
        ends = [data.axis.at(step) for step in (*lane.steps[first:stop], _end(lane, stop, data))]
        lower, upper = ([_height(spread, share) for spread in lane.spreads[first:stop]] for share in (low, high))
        over, under = list(_stairs(ends, upper)), list(_stairs(ends, lower))
        area = [*over, *reversed(under), over[0]]
        xs += [*([None] if xs else []), *(x for x, _ in area)]
        ys += [*([None] if ys else []), *(y for _, y in area)]
    return xs, ys


def _wide(lane: Lane, low: float, high: float) -> Iterator[tuple[int, int]]:
    """The positions from and to which the band has a height."""
    start = None
    for place, spread in enumerate(lane.spreads):
        is_wide = spread.quantile(low) != spread.quantile(high)
        if is_wide and start is None:
            start = place
        if not is_wide and start is not None:
            yield start, place
            start = None
    if start is not None:
        yield start, len(lane.spreads)


def _end(lane: Lane, stop: int, data: Timeline) -> float:
    return lane.steps[stop] if stop < len(lane.steps) else max(data.last_step, lane.steps[-1])


def _stairs(ends: Sequence[float], heights: Sequence[float | None]) -> Iterator[tuple[float, float | None]]:
    for place, height in enumerate(heights):
        yield ends[place], height
        yield ends[place + 1], height


def _axis(row: Row, lane: Lane) -> dict[str, Any]:
    """The y axis: its ticks are the ends of the band from 10 to 90 %."""
    ends = [height for spread in lane.spreads for share in (0.1, 0.9) if (height := spread.quantile(share)) is not None]
    low, high = min(ends), max(ends)
    room = (float(high) - float(low) or 1.0) * 0.2
    return {
        "domain": row.domain,
        "range": [float(low) - room, float(high) + room],
        "tickvals": sorted({float(low), float(high)}),
        "ticktext": [tick(html(value_text(end, 24)), float(end)) for end in ((low, high) if low != high else (low,))],
        "tickfont": {"size": 10},
        "fixedrange": True,
    }
