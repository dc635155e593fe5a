"""What surrounds every figure: title, what was left out, margins, and the same in words for those who cannot see it."""

from collections.abc import Sequence
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.wording import elided, printable
from envcfg.figures.style import INK, html, template

TOP: Final = 58
"""Pixels above the rows, for the title."""
NOTE: Final = 150
"""Characters of what is said under the title."""

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
    """*figure* under a bold *title* and what is *said* of it; *height* is that of its rows, all in pixels.

    The names in *title* and *notes* may hold anything: they are shown as text.
    """
    text = f"<b>{html(elided(printable(title), 60))}</b> · {html(said)}"
    if notes:
        text += f"<br><sup>{html(elided(printable(' · '.join(notes)), NOTE))}</sup>"
    place = {"x": 0, "xref": "paper", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 14}}
    figure.update_layout(
        template=template(),
        title={"text": text, **place},
        height=height + TOP + bottom,
        margin={"l": left, "r": right, "t": TOP, "b": bottom},
        meta={"summary": f"{printable(title)}: {said}" + (f" ({'; '.join(map(printable, notes))})" if notes else "")},
    )
    return figure


def legend(height: int) -> dict[str, Any]:
    """Under the x axis of rows that are *height* pixels high together."""
    place = {"orientation": "h", "x": 0, "y": -52 / max(1, height), "yanchor": "top"}
    return {**place, "font": {"size": 11}, "traceorder": "normal"}


def x_axis(kind: str) -> dict[str, Any]:
    """Steps, epochs or time, with a line through all rows where one points."""
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


def heading(text: str, domain: tuple[float, float], color: str) -> dict[str, Any]:
    """The name of a row, above it on the left."""
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": domain[1], "yref": "paper", "yanchor": "bottom"}
    return {**place, "text": f"<b>{text}</b>", "showarrow": False, "font": {"color": color, "size": 11}}
