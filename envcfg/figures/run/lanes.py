"""One parameter as one row, with its name above and its last value on the right: a line where all slots agree."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import printable, value_text, value_texts
from envcfg.analysis.run.lanes import Lane
from envcfg.analysis.run.timeline import Timeline
from envcfg.core.diff import Absent, identity
from envcfg.core.path import dotted
from envcfg.core.tree import Tree
from envcfg.figures.layout import Row
from envcfg.figures.run.lane_bands import draw_bands
from envcfg.figures.run.lane_parts import last_value, points, tick, title
from envcfg.figures.run.lane_shares import draw_shares
from envcfg.figures.style import html

MANY_POINTS: Final = 100
"""With more points, a row has no dots and no texts."""
CHARACTERS: Final = 90
"""The characters in a line of small type."""


def draw_lane(figure: go.Figure, lane: Lane, row: Row, name: str, *, color: str, data: Timeline) -> None:
    """Draw a line where all slots agree. Where they differ, draw bands of numbers, or the shares of other values."""
    draw = {"line": _draw_line, "bands": draw_bands, "shares": draw_shares}[lane.form(data.last_step)]
    draw(figure, lane, row, name, color=color, data=data)


def _draw_line(figure: go.Figure, lane: Lane, row: Row, name: str, *, color: str, data: Timeline) -> None:
    """Draw numbers on a scale, with a dotted line below it where there is no value. Other values have a level each."""
    values = [spread.value for spread in lane.spreads]
    is_numeric = lane.is_numeric
    every = [] if is_numeric else list(map(html, value_texts(values, 24)))
    heights = [_height(value) for value in values] if is_numeric else _levels(values)
    found, own = points(lane, heights, data.grid)
    texts = {index: every[index] if every else _text(values[index]) for index in {index for _, index in found}}
    is_dense = len(own) > MANY_POINTS
    x = [data.axis.at(step) for step, _ in found]
    scale = _axis(row, values, heights, is_numeric=is_numeric)
    hover = {
        "customdata": [texts[index] for _, index in found],
        "hovertemplate": f"{html(name)} <b>%{{customdata}}</b><extra></extra>",
        "name": html(printable(dotted(lane.path))),
    }
    place: dict[str, Any] = {"x": x, "yaxis": row.axis, "showlegend": False}
    has_gaps = None in heights
    figure.add_scatter(
        **place,
        **({"hoverinfo": "skip"} if has_gaps else hover),
        y=[heights[index] for _, index in found],
        text=None if is_numeric or is_dense else _fitting_texts(every, lane, found, data),
        textposition="top right",
        textfont={"size": 10, "color": color},
        mode="lines" if is_dense else "lines+markers" + ("" if is_numeric else "+text"),
        line={"color": color, "width": 1.8, "shape": "hv"},
        marker={
            "size": [5 if step in own else 0 for step, _ in found],
            "color": color,
            "line": {"width": 0},
            "opacity": 1,
        },
        cliponaxis=False,
    )
    if has_gaps:  # near the end of a gap both lines would show a hover, so a third, invisible line shows it instead
        floor = [scale["range"][0] if heights[index] is None else None for _, index in found]
        dots = {"color": color, "width": 1.2, "dash": "dot"}
        figure.add_scatter(**place, hoverinfo="skip", y=floor, mode="lines", line=dots)
        figure.add_scatter(
            **place, **hover, y=[scale["range"][0]] * len(x), mode="lines", line={"color": color}, opacity=0
        )
    figure.update_layout({row.key: scale})
    figure.add_annotation(title(row, html(name), color))
    figure.add_annotation(last_value(row, html(value_text(values[-1], 9)), heights[-1], color))


def _height(value: Tree | Absent) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _levels(values: Sequence[Tree | Absent]) -> list[float | None]:
    """A level for each different value, also for values with the same text."""
    keys = list(map(identity, values))
    levels = {key: float(level) for level, key in enumerate(dict.fromkeys(keys))}
    return [levels[key] for key in keys]


def _fitting_texts(texts: Sequence[str], lane: Lane, points: Sequence[tuple[float, int]], data: Timeline) -> list[str]:
    """The text of each point: that of its value if the value begins there and has enough space, else empty."""
    ends = [data.axis.at(step) for step in (*lane.steps, data.last_step)]
    room = (data.axis.at(data.last_step) - data.axis.at(data.first_step)) / CHARACTERS or 1.0
    fits = [end - start > room * len(text) for (start, end), text in zip(pairwise(ends), texts, strict=True)]
    return [texts[index] if step == lane.steps[index] and fits[index] else "" for step, index in points]


def _text(value: Tree | Absent) -> str:
    return html(value_text(value, 24))


def _axis(
    row: Row, values: Sequence[Tree | Absent], heights: Sequence[float | None], *, is_numeric: bool
) -> dict[str, Any]:
    """The y axis: the least and the greatest number are its ticks. Texts have no ticks; they are on the line."""
    known = [height for height in heights if height is not None]
    low, high = min(known), max(known)
    room = (high - low or 1.0) * 0.2
    head = room if is_numeric else 4 * room  # for the text on the highest level
    ticks = sorted({low, high}) if is_numeric else []
    return {
        "domain": row.domain,
        "range": [low - room, high + head],
        "tickvals": ticks,
        "ticktext": [tick(_text(values[heights.index(height)]), height) for height in ticks],
        "tickfont": {"size": 10},
        "fixedrange": True,
    }
