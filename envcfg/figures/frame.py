"""The frame of every figure: title, notes, margins, legend, axes, and a summary for screen readers."""

from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import elided, printable
from envcfg.figures.layout import legend_height
from envcfg.figures.scheme import in_scheme
from envcfg.figures.style import INK, html, template

TOP: Final = 48
LINE: Final = 15
"""Pixels above the rows: for the title, and for each line below it."""
NARROW: Final = 690
"""The width in pixels that the lines below a title must fit into, if the width of the figure is not known."""
CHARACTER: Final = 6.6
TITLE_CHARACTER: Final = 10.0
"""The width of a character below the title and in the legend, and in the title, in pixels."""
EDGE: Final = 8
"""The least pixels between a line below the title and the right edge of the figure."""
LINES: Final = 4
"""The most lines below a title at the usual width. A narrower figure has more."""

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
    said_lines = printable(" · ".join([said, *notes]))
    figure.update_layout(
        template=template(),
        title={"x": 0, "xref": "paper", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 17}},
        margin={"l": left, "r": right, "b": bottom},
        meta={
            "title": printable(title),
            "said": said_lines,
            "summary": f"{printable(title)}: {said}" + (f" ({'; '.join(map(printable, notes))})" if notes else ""),
        },
    )
    return _titled(figure, NARROW, height + bottom)


def _titled(figure: go.Figure, width: int, below: int) -> go.Figure:
    """*figure* with its title, and text below it in lines that fit into *width*; *below* is the height below them."""
    said, room = figure.layout.meta, width - figure.layout.margin.l - EDGE
    most = max(LINES, LINES * NARROW // width)
    lines = wrap(said["said"], int(room / CHARACTER), max_lines=most, placeholder=" …")
    text = f"<b>{html(elided(said['title'], int(room / TITLE_CHARACTER)))}</b>"
    spans = "<br>".join(f'<span style="font-size:12px">{html(line)}</span>' for line in lines)
    top = TOP + LINE * len(lines)
    return figure.update_layout(
        title={"text": f"{text}<br>{spans}", "font": {"size": 16}}, margin={"t": top}, height=top + below
    )


def sized(figure: go.Figure, *, width: int | None, height: int | None) -> go.Figure:
    """*figure* with the given size in pixels, and in the colours of the reader's pages.

    For None, it is as high as its rows need and as wide as the page. A narrow figure has more lines below its title and
    in its legend.
    """
    if width is not None:
        layout = figure.layout
        more = legend_height(legend_names(figure), width) - legend_height(legend_names(figure))
        below = layout.height - layout.margin.t + more
        figure.update_layout(width=width, margin={"b": layout.margin.b + more})
        _titled(figure, width, below)
    if height is not None:
        figure.update_layout(height=height)
    return in_scheme(figure)


def legend_names(figure: go.Figure) -> list[str]:
    """The names in the legend of *figure*."""
    if figure.layout.showlegend is False:
        return []
    return [trace.name for trace in figure.data if trace.showlegend is not False and trace.name is not None]


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
