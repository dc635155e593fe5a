"""The phases of a run on its timeline: a thin line where each begins, with its name."""

from plotly import graph_objects as go

from envcfg.analysis.formatting import elided, printable
from envcfg.analysis.run.timeline import Timeline
from envcfg.figures.frame import add_shapes
from envcfg.figures.style import INK, html, tinted


def draw_phases(figure: go.Figure, data: Timeline) -> None:
    """Draw a thin line through all rows where a phase begins, and write its name beside it."""
    stroke = {"color": tinted(INK, 0.7), "width": 1}
    line = {"type": "line", "y0": 0, "y1": 1, "yref": "paper", "layer": "below", "line": stroke, "name": "phase"}
    places = [data.axis.at(phase.step) for phase in data.phases]
    add_shapes(figure, ({**line, "x0": at, "x1": at} for at in places))
    for phase, at in zip(data.phases, places, strict=True):
        name = f"phase {phase.number}" if phase.name is None else printable(phase.name)
        figure.add_annotation(
            text=html(elided(name, 24)),
            x=at,
            y=0,
            yref="paper",
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": 10, "color": INK},
        )
