"""The tasks of a timeline: a strip with the task in force, and its colour behind the metric."""

from bisect import bisect_right
from math import ceil
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import elided, task_text
from envcfg.analysis.run.timeline import Timeline
from envcfg.figures.layout import Rows, short_tasks
from envcfg.figures.style import AREAS, INK, html, tinted

CHARACTERS: Final = 66
"""The characters in a line, if the width of the figure is not known."""
SIDES: Final = 146
CHARACTER: Final = 7
"""Pixels beside the strip, and of a character in it."""
LABEL: Final = "task"
"""The name of a label of the strip. A page that is too narrow for some labels hides them."""
STRIP: Final = 0.32
"""The opacity of the strip, low enough to read a name on it."""
LEGIBLE: Final = 6
"""The characters of a shortened name that readers need to recognise it."""


def draw_tasks(figure: go.Figure, data: Timeline, rows: Rows, width: int | None) -> None:
    """Draw the strip and the areas. The legend has the tasks whose name fits nowhere; a hover names the task."""
    characters = CHARACTERS if width is None else (width - SIDES) // CHARACTER
    colors = _colors(data)
    names = short_tasks(list(colors))
    unit = characters / ((data.axis.at(data.last_step) - data.axis.at(data.first_step)) or 1.0)
    shapes: list[dict[str, Any]] = []
    labels: list[dict[str, Any]] = []
    named: set[str | None] = set()
    for span in data.spans:
        start, end = data.axis.at(span.start), data.axis.at(span.end)
        strength = ((rows.tasks, STRIP), (rows.metric.domain, 0.1)) if data.curve else ((rows.tasks, STRIP),)
        shapes += [_area(start, end, place, tinted(colors[span.task], alpha)) for place, alpha in strength]
        room = int(unit * (end - start))
        if room >= min(LEGIBLE, len(names[span.task])):
            labels.append(_label(start, sum(rows.tasks) / 2, elided(names[span.task], room)))
        if room >= len(names[span.task]):
            named.add(span.task)
    figure.update_layout(shapes=shapes, annotations=labels)
    for task in (task for task, color in colors.items() if task not in named and color != INK):
        marker = {"symbol": "square", "size": 10, "color": tinted(colors[task], STRIP)}
        figure.add_scatter(
            x=[None], y=[None], mode="markers", marker=marker, name=f"task: {html(elided(names[task], 24))}"
        )
    _add_hover(figure, data, rows)


def _colors(data: Timeline) -> dict[str | None, str]:
    """A colour for each of the tasks that ran longest; all others have the colour of the text."""
    own = dict(zip(data.tasks, AREAS, strict=False))
    return {span.task: own.get(span.task, INK) for span in data.spans}


def _area(start: float, end: float, domain: tuple[float, float], color: str) -> dict[str, Any]:
    place = {"type": "rect", "x0": start, "x1": end, "yref": "paper", "y0": domain[0], "y1": domain[1]}
    return {**place, "layer": "below", "line": {"width": 0}, "fillcolor": color}


def _label(x: float, y: float, text: str) -> dict[str, Any]:
    place = {"x": x, "y": y, "yref": "paper", "xanchor": "left", "yanchor": "middle", "xshift": 3}
    return {**place, "text": html(text), "showarrow": False, "font": {"size": 11}, "name": LABEL}


def _add_hover(figure: go.Figure, data: Timeline, rows: Rows) -> None:
    """Add invisible points whose hover shows the task and the moment, because shapes have no hover."""
    starts = [span.start for span in data.spans]
    grid = [step for step in data.grid if starts and step >= starts[0]]
    tasks = (data.spans[bisect_right(starts, step) - 1].task for step in grid)
    figure.add_scatter(
        x=[data.axis.at(step) for step in grid],
        y=[0.5] * len(grid),
        customdata=[
            f"{html(task_text(task))}</b>{_moment(data, step)}" for task, step in zip(tasks, grid, strict=True)
        ],
        mode="lines",
        line={"width": 0},
        hovertemplate="task <b>%{customdata}<extra></extra>",
        name="task",
        yaxis=rows.marks.axis,
        showlegend=False,
    )


def _moment(data: Timeline, step: float) -> str:
    """The epoch of a step, and the step itself; without the one that the x axis shows.

    An epoch is placed at its end, so a step between two ends is of the later one.
    """
    epoch = "" if data.epochs is None or data.axis.kind == "epoch" else f" · epoch {ceil(data.epochs.at(step))}"
    return epoch if data.axis.kind == "step" else f"{epoch} · step {step:,.0f}"
