"""The frame of every figure: title, notes, margins, legend, axes, and a summary for screen readers."""

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import elided, printable
from envcfg.figures.style import INK, html, template

TOP: Final = 48
LINE: Final = 15
"""Pixels above the rows: for the title, and for each line below it."""
NOTE: Final = (92, 3)
"""The characters in a line below the title on a narrow page, and the most lines."""

X_TITLES: Final = {"step": "environment steps, all slots together", "epoch": "epoch", "time": "wall-clock time (UTC)"}
X_FORMATS: Final = {"step": ",.0f", "epoch": ".1f", "time": "%Y-%m-%d %H:%M:%S"}


def framed(
    figure: go.Figure,
    *,
    title: str,
    said: str,
    notes: Sequence[str] = (),
    height: int,
    bottom: int,
    left: int = 70,
    right: int = 76,
) -> go.Figure:
    """*figure* with a bold *title*, and below it the text *said* and the *notes*.

    *height* is that of its rows; all sizes are in pixels. Names in *title* and *notes* are shown as text, not as HTML.
    """
    width, most = NOTE
    lines = wrap(printable(" · ".join([said, *notes])), width, max_lines=most, placeholder=" …")
    text = f"<b>{html(elided(printable(title), 52))}</b>"
    below = "<br>".join(f'<span style="font-size:12px">{html(line)}</span>' for line in lines)
    place = {"x": 0, "xref": "paper", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 17}}
    top = TOP + LINE * len(lines)
    figure.update_layout(
        template=template(),
        title={"text": f"{text}<br>{below}", "font": {"size": 16}, **place},
        height=height + top + bottom,
        margin={"l": left, "r": right, "t": top, "b": bottom},
        meta={"summary": f"{printable(title)}: {said}" + (f" ({'; '.join(map(printable, notes))})" if notes else "")},
    )
    return figure


def sized(figure: go.Figure, *, width: int | None, height: int | None) -> go.Figure:
    """*figure* with the given size in pixels. For None, it is as high as its rows need and as wide as the page."""
    wanted = {name: size for name, size in (("width", width), ("height", height)) if size is not None}
    return figure.update_layout(**wanted)


def legend(height: int, *, below: int = 0) -> dict[str, Any]:
    """A legend below the x axis. All rows together are *height* pixels high; *below* pixels are kept free above it."""
    place = {"orientation": "h", "x": 0, "y": -(52 + below) / max(1, height), "yanchor": "top"}
    return {**place, "font": {"size": 11}, "traceorder": "normal"}


def x_axis(kind: str) -> dict[str, Any]:
    """An x axis of steps, epochs or time, with a line through all rows at the pointer."""
    return {
        "type": "date" if kind == "time" else "linear",
        "title": {"text": X_TITLES[kind], "standoff": 6},
        "hoverformat": X_FORMATS[kind],
        "showspikes": True,
        "spikemode": "across",
        "spikethickness": 1,
        "spikedash": "solid",
        "spikecolor": INK,
    }


def add_shapes(figure: go.Figure, shapes: Iterable[Mapping[str, Any]]) -> None:
    """Add shapes to those of *figure*. `update_layout` would update each earlier one by itself, which takes seconds."""
    if added := tuple(shapes):
        figure.layout.shapes = (*figure.layout.shapes, *added)


def heading(text: str, domain: tuple[float, float], color: str) -> dict[str, Any]:
    """The name of a row, at the top left of it."""
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": domain[1], "yref": "paper", "yanchor": "bottom"}
    return {**place, "text": f"<b>{text}</b>", "showarrow": False, "font": {"color": color, "size": 11}}
