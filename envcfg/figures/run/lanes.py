"""One parameter as one row: a step line, with its name above and its last value on the right."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import printable, value_text, value_texts
from envcfg.analysis.run.curve import MAX_POINTS
from envcfg.analysis.run.dominant import Lane, is_number
from envcfg.analysis.run.sampling import extremes
from envcfg.analysis.run.timeline import Timeline
from envcfg.core.diff import Absent, identity
from envcfg.core.path import dotted
from envcfg.core.tree import Tree
from envcfg.figures.layout import Row
from envcfg.figures.style import html

MANY_POINTS: Final = 100
"""With more points, a row has no dots and no texts."""
EPSILON: Final = 1e-3
"""A small part of a step. A gap begins this much before the next value, so that both lines meet."""
CHARACTERS: Final = 90
"""The characters in a line of small type."""


def draw_lane(figure: go.Figure, lane: Lane, row: Row, name: str, *, color: str, data: Timeline) -> None:
    """Draw numbers on a scale, with a dotted line below it where there is no value. Other values have a level each."""
    is_numeric = any(map(is_number, lane.values)) and all(is_number(value) or _is_gap(value) for value in lane.values)
    every = [] if is_numeric else list(map(html, value_texts(lane.values, 24)))
    heights = [_height(value) for value in lane.values] if is_numeric else _levels(lane.values)
    points, own = _points(lane, heights, data.grid)
    texts = {index: every[index] if every else _text(lane.values[index]) for index in {index for _, index in points}}
    is_dense = len(own) > MANY_POINTS
    x = [data.axis.at(step) for step, _ in points]
    scale = _axis(row, lane, heights, is_numeric=is_numeric)
    hover = {
        "customdata": [texts[index] for _, index in points],
        "hovertemplate": f"{html(name)} <b>%{{customdata}}</b><extra></extra>",
        "name": html(printable(dotted(lane.path))),
    }
    place: dict[str, Any] = {"x": x, "yaxis": row.axis, "showlegend": False}
    has_gaps = None in heights
    figure.add_scatter(
        **place,
        **({"hoverinfo": "skip"} if has_gaps else hover),
        y=[heights[index] for _, index in points],
        text=None if is_numeric or is_dense else _fitting_texts(every, lane, points, data),
        textposition="top right",
        textfont={"size": 10, "color": color},
        mode="lines" if is_dense else "lines+markers" + ("" if is_numeric else "+text"),
        line={"color": color, "width": 1.8, "shape": "hv"},
        marker={
            "size": [5 if step in own else 0 for step, _ in points],
            "color": color,
            "line": {"width": 0},
            "opacity": 1,
        },
        cliponaxis=False,
    )
    if has_gaps:  # near the end of a gap both lines would show a hover, so a third, invisible line shows it instead
        floor = [scale["range"][0] if heights[index] is None else None for _, index in points]
        dots = {"color": color, "width": 1.2, "dash": "dot"}
        figure.add_scatter(**place, hoverinfo="skip", y=floor, mode="lines", line=dots)
        figure.add_scatter(
            **place, **hover, y=[scale["range"][0]] * len(x), mode="lines", line={"color": color}, opacity=0
        )
    figure.update_layout({row.key: scale})
    figure.add_annotation(_title(row, html(name), color))
    figure.add_annotation(_last_value(row, html(value_text(lane.values[-1], 9)), heights[-1], color))


def _points(
    lane: Lane, heights: Sequence[float | None], grid: Sequence[float]
) -> tuple[list[tuple[float, int]], set[float]]:
    """The points (step, position of the value in force), and which steps are the lane's own. Spikes are kept.

    There is also a point just before a gap begins or ends, so that both lines reach it.
    """
    kept = extremes([-math.inf if height is None else height for height in heights], (MAX_POINTS - len(grid)) // 2)
    own = {float(lane.steps[index]) for index in kept}
    points: list[tuple[float, int]] = []
    for step in sorted(own | {step for step in grid if step >= lane.steps[0]}):
        index = lane.at(step)
        if points and (heights[points[-1][1]] is None) != (heights[index] is None):
            points.append((step - EPSILON, points[-1][1]))
        points.append((step, index))
    return points, own


def _is_gap(value: Tree | Absent) -> bool:
    return value is None or isinstance(value, Absent)


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


def _axis(row: Row, lane: Lane, heights: Sequence[float | None], *, is_numeric: bool) -> dict[str, Any]:
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
        "ticktext": [_tick(_text(lane.values[heights.index(height)]), height) for height in ticks],
        "tickfont": {"size": 10},
        "fixedrange": True,
    }


def _tick(text: str, height: float) -> str:
    """The usual text of a value if it is short, else a shorter number."""
    return text if len(text) <= 7 else f"{height:.2g}"


def _title(row: Row, text: str, color: str) -> dict[str, Any]:
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": row.domain[1], "yref": "paper", "yanchor": "bottom"}
    return {**place, "text": f"<b>{text}</b>", "showarrow": False, "font": {"color": color, "size": 11}}


def _last_value(row: Row, text: str, height: float | None, color: str) -> dict[str, Any]:
    """The last value, beside its point; in the middle of the row if the parameter has no value at the end."""
    y, yref = (height, row.axis) if height is not None else (sum(row.domain) / 2, "paper")
    place = {"x": 1, "xref": "paper", "xanchor": "left", "y": y, "yref": yref, "yanchor": "middle", "xshift": 4}
    return {**place, "text": f"<b>{text}</b>", "showarrow": False, "font": {"color": color, "size": 11}}
