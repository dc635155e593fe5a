"""The metric above a timeline: its values, their median, and the band that most of them lie in."""

from collections.abc import Iterable
from typing import Final

from plotly import graph_objects as go

from envcfg.analysis.axis import STEPS, Axis
from envcfg.analysis.run.curve import Curve, Stretch
from envcfg.analysis.wording import elided, printable
from envcfg.figures.layout import Row
from envcfg.figures.style import LINES, html, tinted

MANY_POINTS: Final = 100
"""From here on the single values are drawn faintly, and their median above them."""


def draw_curve(figure: go.Figure, curve: Curve, row: Row, axis: Axis) -> None:
    """Band, values and median; the band is broken where a change cuts it."""
    name = html(elided(printable(curve.name), 40))
    is_long = len(curve.values) > MANY_POINTS
    x, y = outline(curve.stretches, axis)
    area = {"fill": "toself", "fillcolor": tinted(LINES[0], 0.22), "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=x, y=y, name="10-90 % of the values nearby", yaxis=row.axis, **area)
    figure.add_scatter(
        x=[axis.at(step) for step in curve.steps],
        y=curve.values,
        line={"color": tinted(LINES[0], 0.3 if is_long else 1.0), "width": 0.8 if is_long else 1.6},
        hovertemplate=None if is_long else f"{name} <b>%{{y:.4g}}</b><extra></extra>",
        hoverinfo="skip" if is_long else None,
        name=name,
        yaxis=row.axis,
    )
    if is_long:
        near = [around for stretch in curve.stretches for around in stretch.band]
        figure.add_scatter(
            x=[axis.at(step) for stretch in curve.stretches for step in stretch.steps],
            y=[around.median for around in near],
            customdata=[f"{around.low:.3g} to {around.high:.3g}" for around in near],
            line={"color": LINES[0], "width": 1.8},
            hovertemplate=f"{name} <b>%{{y:.4g}}</b> [%{{customdata}}]<extra></extra>",
            name="median nearby",
            yaxis=row.axis,
        )
    figure.update_layout({row.key: {"domain": row.domain, "title": {"text": name, "standoff": 4}, "nticks": 6}})


def outline(stretches: Iterable[Stretch], axis: Axis = STEPS) -> tuple[list[float | None], list[float | None]]:
    """Each stretch's band as one closed shape."""
    x: list[float | None] = []
    y: list[float | None] = []
    for stretch in stretches:
        places = [axis.at(step) for step in stretch.steps]
        x += [*places, *reversed(places), None]
        y += [*(near.high for near in stretch.band), *(near.low for near in reversed(stretch.band)), None]
    return x, y
