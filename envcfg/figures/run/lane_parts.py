"""The parts that every lane has: its points, its name above, and its last value on the right."""

import math
from collections.abc import Sequence
from typing import Any, Final

from envcfg.analysis.formatting import count_text
from envcfg.analysis.run.curve import MAX_POINTS
from envcfg.analysis.run.lanes import Lane
from envcfg.analysis.run.sampling import extremes
from envcfg.figures.layout import Row

EPSILON: Final = 1e-3
"""A small part of a step. A gap begins this much before the next value, so that both lines meet."""


def points(
    lane: Lane, heights: Sequence[float | None], grid: Sequence[float]
) -> tuple[list[tuple[float, int]], set[float]]:
    """The points (step, position of the value in force), and which steps are the lane's own. Spikes are kept.

    There is also a point just before a gap begins or ends, so that both lines reach it.
    """
    kept = extremes([-math.inf if height is None else height for height in heights], (MAX_POINTS - len(grid)) // 2)
    own = {float(lane.steps[index]) for index in kept}
    found: list[tuple[float, int]] = []
    for step in sorted(own | {step for step in grid if step >= lane.steps[0]}):
        index = lane.at(step)
        if found and (heights[found[-1][1]] is None) != (heights[index] is None):
            found.append((step - EPSILON, found[-1][1]))
        found.append((step, index))
    return found, own


def slots_text(lanes: Sequence[Lane]) -> str:
    """`64 slots`, or `up to 64 slots` if their number changed."""
    counts = {spread.slots for lane in lanes for spread in lane.spreads}
    return f"{'up to ' * (len(counts) > 1)}{count_text(max(counts), 'slot')}"


def title(row: Row, text: str, color: str, said: str = "") -> dict[str, Any]:
    """The name of a lane, above it. *said* follows it."""
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": row.domain[1], "yref": "paper", "yanchor": "bottom"}
    return {**place, "text": f"<b>{text}</b>{said}", "showarrow": False, "font": {"color": color, "size": 11}}


def last_value(row: Row, text: str, height: float | None, color: str) -> dict[str, Any]:
    """The last value, beside its point; in the middle of the row if the parameter has no value at the end."""
    y, yref = (height, row.axis) if height is not None else (sum(row.domain) / 2, "paper")
    place = {"x": 1, "xref": "paper", "xanchor": "left", "y": y, "yref": yref, "yanchor": "middle", "xshift": 4}
    return {**place, "text": f"<b>{text}</b>", "showarrow": False, "font": {"color": color, "size": 11}}


def tick(text: str, height: float) -> str:
    """The usual text of a value if it is short, else a shorter number."""
    return text if len(text) <= 7 else f"{height:.2g}"
