"""One parameter as one row: a step line with its name above it and its last value beside it."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.dominant import Lane
from envcfg.analysis.sampling import extremes
from envcfg.analysis.timeline import MAX_POINTS
from envcfg.analysis.wording import elided, printable, value_text
from envcfg.core.diff import Absent
from envcfg.core.path import dotted
from envcfg.core.tree import Tree
from envcfg.figures.layout import Row
from envcfg.figures.style import html

MANY_POINTS: Final = 100
"""From here on the points of a row have no dots and no texts."""
CHARACTERS: Final = 110
"""That fit side by side on a line of small type."""


def draw_lane(figure: go.Figure, lane: Lane, row: Row, name: str, *, color: str, last_step: int) -> None:
    """Numbers on a scale, with a gap where there is none; values that are no numbers on a ladder of their texts."""
    texts = [html(value_text(value, 24)) for value in lane.values]
    is_numeric = any(map(_is_number, lane.values)) and all(_is_number(value) or _is_gap(value) for value in lane.values)
    heights = [_height(value) for value in lane.values] if is_numeric else _ladder(texts)
    kept = extremes([-math.inf if height is None else height for height in heights], MAX_POINTS)
    is_dense = len(kept) > MANY_POINTS
    points = _points(kept, [*lane.steps, last_step], heights)
    figure.add_scatter(
        x=[step for step, _ in points],
        y=[heights[index] for _, index in points],
        customdata=[texts[index] for _, index in points],
        text=None if is_numeric or is_dense else [*_fitting(texts, [*lane.steps, last_step], kept), ""],
        textposition="top right",
        textfont={"size": 10, "color": color},
        mode="lines" if is_dense else "lines+markers" + ("" if is_numeric else "+text"),
        line={"color": color, "width": 1.8, "shape": "hv"},
        marker={"size": [5 if lane.steps[index] == step else 0 for step, index in points], "color": color},
        hovertemplate=f"{html(name)} <b>%{{customdata}}</b><extra></extra>",
        name=html(printable(dotted(lane.path))),
        yaxis=row.axis,
        showlegend=False,
        cliponaxis=False,
    )
    figure.update_layout({row.key: _axis(row, heights, texts if is_numeric else None)})
    figure.add_annotation(_title(row, html(name), color))
    figure.add_annotation(_last_value(row, html(value_text(lane.values[-1], 9)), heights[-1], color))


def _points(kept: Sequence[int], steps: Sequence[int], heights: Sequence[float | None]) -> list[tuple[int, int]]:
    """(step, position of its value): each value at its step, and again where a gap or the figure ends its line."""
    points: list[tuple[int, int]] = []
    for index, following in pairwise(kept):
        points.append((steps[index], index))
        if heights[following] is None and heights[index] is not None:
            points.append((steps[following], index))
    return [*points, (steps[kept[-1]], kept[-1]), (steps[-1], kept[-1])]


def _is_number(value: Tree | Absent) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_gap(value: Tree | Absent) -> bool:
    return value is None or isinstance(value, Absent)


def _height(value: Tree | Absent) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _ladder(texts: Sequence[str]) -> list[float | None]:
    rungs = {text: float(rung) for rung, text in enumerate(dict.fromkeys(texts))}
    return [rungs[text] for text in texts]


def _fitting(texts: Sequence[str], steps: Sequence[int], kept: Sequence[int]) -> list[str]:
    """The texts that have room before the next step, empty ones in the place of the others."""
    room = (steps[-1] - steps[0]) / CHARACTERS or 1.0
    fits = [steps[index + 1] - steps[index] > room * len(texts[index]) for index in kept]
    return [texts[index] if is_fitting else "" for index, is_fitting in zip(kept, fits, strict=True)]


def _axis(row: Row, heights: Sequence[float | None], texts: Sequence[str] | None) -> dict[str, Any]:
    """The least and the greatest number as ticks; a ladder of texts has none, they stand on the line."""
    known = [height for height in heights if height is not None]
    low, high = min(known), max(known)
    room = (high - low or 1.0) * 0.2
    ticks = [] if texts is None else sorted({low, high})
    return {
        "domain": row.domain,
        "range": [low - room, high + room],
        "tickvals": ticks,
        "ticktext": [elided(texts[heights.index(height)], 9) for height in ticks] if texts else [],
        "tickfont": {"size": 10},
        "fixedrange": True,
    }


def _title(row: Row, text: str, color: str) -> dict[str, Any]:
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": row.domain[1], "yref": "paper", "yanchor": "bottom"}
    return {**place, "text": f"<b>{text}</b>", "showarrow": False, "font": {"color": color, "size": 11}}


def _last_value(row: Row, text: str, height: float | None, color: str) -> dict[str, Any]:
    """Beside its point; in the middle of the row where the parameter has no value at the end."""
    y, yref = (height, row.axis) if height is not None else (sum(row.domain) / 2, "paper")
    place = {"x": 1, "xref": "paper", "xanchor": "left", "y": y, "yref": yref, "yanchor": "middle", "xshift": 4}
    return {**place, "text": f"<b>{text}</b>", "showarrow": False, "font": {"color": color, "size": 11}}
