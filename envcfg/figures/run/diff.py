"""The difference of two configs as a table: what changed, came and went, from what to what."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from plotly import graph_objects as go

from envcfg.analysis.run.diff_table import DiffTable, diff_table
from envcfg.analysis.wording import elided
from envcfg.core.tree import Config
from envcfg.figures.frame import framed, sized
from envcfg.figures.style import GRID, INK, LINES, html

ROW: Final = 24
MAX_ROWS: Final = 80
SIGNS: Final = {"~": LINES[1], "+": LINES[3], "-": LINES[4], "": INK}
"""Colours; the sign itself is written too."""


class Column(NamedTuple):
    """Where a column begins, as a share of the width, and how many characters fit into it on a narrow page."""

    x: float
    room: int


SIGN, NAME, BEFORE, AFTER, DELTA = Column(0, 1), Column(0.035, 37), Column(0.47, 15), Column(0.66, 15), Column(0.84, 15)


def diff(
    before: Config,
    after: Config,
    *,
    labels: tuple[str, str] = ("before", "after"),
    width: int | None = None,
    height: int | None = None,
) -> go.Figure:
    """What turns one config into the other; *labels* say what they are, such as their steps."""
    return sized(draw(diff_table(before, after, labels=labels)), width=width, height=height)


def draw(data: DiffTable) -> go.Figure:
    """The figure of a difference: a row for each leaf that is not the same, under the place of its object."""
    figure = go.Figure()
    rows = data.rows[:MAX_ROWS]
    colors = [SIGNS[row.sign] for row in rows]
    _column(figure, SIGN, [row.sign.replace("-", "−") for row in rows], colors, is_bold=True)  # noqa: RUF001  # a minus
    _column(figure, NAME, ["  " * row.depth + row.name for row in rows], INK)
    _column(figure, BEFORE, [row.before for row in rows], INK)
    _column(figure, AFTER, [row.after for row in rows], colors, is_bold=True)
    _column(figure, DELTA, [row.delta for row in rows], INK)
    heads = ((NAME, "parameter"), (BEFORE, data.before), (AFTER, data.after), (DELTA, "Δ"))
    figure.update_layout(
        shapes=[_rule(place) for place in range(len(rows))],
        annotations=[_head(column, text) for column, text in heads],
        xaxis={"range": [0, 1], "visible": False, "fixedrange": True},
        yaxis={"range": [len(rows) - 0.5, -1.5], "visible": False, "fixedrange": True},
        hovermode="closest",
        showlegend=False,
    )
    changed, added, removed = data.counts
    said = f"{changed:,} changed, {added:,} added, {removed:,} removed"
    left_out = len(data.rows) - len(rows)
    notes = [f"{data.unchanged:,} leaves are the same", *data.notes]
    notes += [f"{left_out:,} more rows are not drawn"] if left_out else []
    title = f"{data.before} → {data.after}"
    height = ROW * (len(rows) + 1)
    return framed(figure, title=title, said=said, notes=notes, height=height, bottom=16, left=16, right=16)


def _column(
    figure: go.Figure, column: Column, texts: Sequence[str], color: str | list[str], *, is_bold: bool = False
) -> None:
    """Text with its whole length in the hover: what is too long for the column is cut in its middle."""
    shown = [_indented(html(elided(text, column.room))) for text in texts]
    figure.add_scatter(
        x=[column.x] * len(texts),
        y=list(range(len(texts))),
        mode="text",
        text=[f"<b>{text}</b>" if is_bold and text else text for text in shown],
        textposition="middle right",
        textfont={"family": "ui-monospace, Menlo, Consolas, monospace", "size": 12, "color": color},
        customdata=[html(text.strip()) for text in texts],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )


def _indented(text: str) -> str:
    """Blanks at the beginning that are drawn as such."""
    return "\u00a0" * (len(text) - len(text.lstrip(" "))) + text.lstrip(" ")


def _head(column: Column, text: str) -> dict[str, Any]:
    place = {"x": column.x, "y": -1, "xanchor": "left", "yanchor": "middle", "showarrow": False, "xshift": -2}
    return {**place, "text": f"<b>{html(elided(text, column.room))}</b>", "font": {"size": 12, "color": INK}}


def _rule(row: int) -> dict[str, Any]:
    return {"type": "line", "x0": 0, "x1": 1, "y0": row - 0.5, "y1": row - 0.5, "line": {"color": GRID, "width": 1}}
