"""The metric of a timeline: its values, their running median, and the band that holds most of them."""

from collections.abc import Iterable
from typing import Final

from plotly import graph_objects as go

from envcfg.analysis.axis import STEPS, Axis
from envcfg.analysis.formatting import elided, printable
from envcfg.analysis.run.curve import BandSegment, Curve
from envcfg.figures.layout import Row
from envcfg.figures.style import FAINT, LINES, html, tinted

MANY_POINTS: Final = 100
"""With more points, the single values are small dots, with their running median as a line."""


def draw_curve(figure: go.Figure, curve: Curve, row: Row, axis: Axis) -> None:
    """Draw the band, the values and the running median of a long curve. The band is cut at each change."""
    name = html(elided(printable(curve.name), 40))
    is_long = len(curve.values) > MANY_POINTS
    x, y = outline(curve.segments, axis)
    area = {"fill": "toself", "fillcolor": tinted(LINES[0], 0.22), "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=x, y=y, name="rolling 10-90 % band", yaxis=row.axis, **area)
    figure.add_scatter(
        x=[axis.at(step) for step in curve.steps],
        y=curve.values,
        mode="markers" if is_long else "lines",
        line={"color": LINES[0], "width": 1.6},
        marker={"color": tinted(LINES[0], FAINT), "size": 2.5, "line": {"width": 0}},
        hovertemplate=None if is_long else f"{name} <b>%{{y:.4g}}</b><extra></extra>",
        hoverinfo="skip" if is_long else None,
        name=name,
        yaxis=row.axis,
    )
    if is_long:
        bands = [band for segment in curve.segments for band in segment.band]
        figure.add_scatter(
            x=[axis.at(step) for segment in curve.segments for step in segment.steps],
            y=[band.median for band in bands],
            customdata=[f"{band.low:.3g} to {band.high:.3g}" for band in bands],
            line={"color": LINES[0], "width": 2.2},
            hovertemplate=f"{name} <b>%{{y:.4g}}</b> [%{{customdata}}]<extra></extra>",
            name="rolling median",
            yaxis=row.axis,
        )
    figure.update_layout({row.key: {"domain": row.domain, "title": {"text": name, "standoff": 4}, "nticks": 6}})


def outline(segments: Iterable[BandSegment], axis: Axis = STEPS) -> tuple[list[float | None], list[float | None]]:
    """The band of each segment as one closed shape."""
    x: list[float | None] = []
    y: list[float | None] = []
    for segment in segments:
        places = [axis.at(step) for step in segment.steps]
        x += [*places, *reversed(places), None]
        y += [*(band.high for band in segment.band), *(band.low for band in reversed(segment.band)), None]
    return x, y
