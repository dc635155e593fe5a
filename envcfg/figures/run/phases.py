"""The phases and the events of a run on its timeline: a thin line for each of them, with its name."""

from typing import Any

from plotly import graph_objects as go

from envcfg.analysis.formatting import elided, printable
from envcfg.analysis.run.timeline import Timeline
from envcfg.figures.frame import add_shapes
from envcfg.figures.style import FAINT, INK, REMOVED, html, tinted


def draw_phases(figure: go.Figure, data: Timeline) -> None:
    """Draw a thin line through all rows where a phase begins, and write its name beside it."""
    names = (f"phase {phase.number}" if phase.name is None else printable(phase.name) for phase in data.phases)
    places = [data.axis.at(phase.step) for phase in data.phases]
    add_shapes(figure, (_line(at, "phase", tinted(INK, FAINT)) for at in places))
    for at, name in zip(places, names, strict=True):
        figure.add_annotation(_name(at, elided(name, 24), INK))


def draw_events(figure: go.Figure, data: Timeline) -> None:
    """Draw a line where the run went back, and where it ended without completing."""
    add_shapes(figure, (_line(data.axis.at(event.step), "event", REMOVED) for event in data.events))
    for event in data.events:
        side = "right" if event.is_end else "left"
        figure.add_annotation(_name(data.axis.at(event.step), event.text, REMOVED) | {"xanchor": side})


def _line(at: float, kind: str, color: str) -> dict[str, Any]:
    line = {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
    return {**line, "line": {"color": color, "width": 1}, "name": kind}


def _name(at: float, text: str, color: str) -> dict[str, Any]:
    place = {"x": at, "xanchor": "left", "y": 0, "yref": "paper", "yanchor": "bottom", "showarrow": False}
    return {**place, "text": html(text), "font": {"size": 10, "color": color}}
