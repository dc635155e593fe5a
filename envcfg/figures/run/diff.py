"""The difference of two configs as a table: the leaves that were changed, added and removed."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from plotly import graph_objects as go

from envcfg.analysis.formatting import elided
from envcfg.analysis.run.diff_table import DiffTable, diff_table
from envcfg.core.tree import Config
from envcfg.figures.frame import framed, sized
from envcfg.figures.style import ADDED, EDITED, GRID, INK, REMOVED, html
from envcfg.history.queries.spreads import Spreads

ROW: Final = 24
MAX_ROWS: Final = 80
SIGNS: Final = {"~": EDITED, "+": ADDED, "-": REMOVED, "": INK}
"""The colour of each sign; the sign itself is also shown."""


class Column(NamedTuple):
    """The start of a column, as a share of the width, and the characters that fit into it if the width is not known."""

    x: float
    room: int

    def characters(self, width: int | None) -> int:
        """The characters that fit into the column in a figure of this *width*."""
        return self.room if width is None else max(1, min(3 * self.room, self.room * (width - SIDES) // USUAL))


SIDES: Final = 32
USUAL: Final = 640
"""Pixels beside the columns, and the width for which their characters are counted."""
SIGN, NAME, BEFORE, AFTER, DELTA = Column(0, 1), Column(0.035, 37), Column(0.47, 15), Column(0.66, 15), Column(0.84, 13)


def diff(
    before: Config | Spreads,
    after: Config | Spreads,
    *,
    labels: tuple[str, str] = ("before", "after"),
    width: int | None = None,
    height: int | None = None,
) -> go.Figure:
    """The differences of two configs as a table, or of the living slots at two moments, from `history.spreads`.

    *labels* name the two sides; *width* and *height* are in pixels.

    >>> from envcfg import load, sample
    >>> from envcfg.figures import diff
    >>> history = load(sample("forage"))
    >>> diff(history.spreads("first"), history.spreads("last"), labels=("first", "last")).layout.meta["summary"]
    'first → last: 7 changed, 0 added, 0 removed (746 leaves are the same)'
    """
    return sized(draw(diff_table(before, after, labels=labels), width), width=width, height=height)


def draw(data: DiffTable, width: int | None = None) -> go.Figure:
    """The figure of a difference: a row for each leaf that differs, below the name of its object."""
    figure = go.Figure()
    rows = data.rows[:MAX_ROWS]
    colors = [SIGNS[row.sign] for row in rows]
    _column(figure, SIGN.x, 1, [row.sign.replace("-", "−") for row in rows], colors, is_bold=True)  # noqa: RUF001  # a minus
    _column(figure, NAME.x, NAME.characters(width), ["  " * row.depth + row.name for row in rows], INK)
    _column(figure, BEFORE.x, BEFORE.characters(width), [row.before for row in rows], INK)
    _column(figure, AFTER.x, AFTER.characters(width), [row.after for row in rows], colors, is_bold=True)
    _column(figure, DELTA.x, DELTA.characters(width), [row.delta for row in rows], INK)
    heads = ((NAME, "parameter"), (BEFORE, data.before), (AFTER, data.after), (DELTA, "Δ"))
    figure.update_layout(
        shapes=[_rule(place) for place in range(len(rows))],
        annotations=[_head(column.x, elided(text, column.characters(width))) for column, text in heads],
        xaxis={"range": [0, 1], "visible": False, "fixedrange": True},
        yaxis={"range": [len(rows) - 0.5, -1.5], "visible": False, "fixedrange": True},
        hovermode="closest",
        showlegend=False,
    )
    changed, added, removed = data.counts
    said = f"{changed:,} changed, {added:,} added, {removed:,} removed"
    left_out = len(data.rows) - len(rows)
    notes = [f"{data.unchanged:,} leaves are the same", *data.notes]
    notes += [f"{left_out:,} more rows are not shown"] if left_out else []
    title = f"{data.before} → {data.after}"
    height = ROW * (len(rows) + 1)
    return framed(figure, title=title, said=said, notes=notes, height=height, bottom=16, left=16, right=16)


def _column(
    figure: go.Figure, x: float, room: int, texts: Sequence[str], color: str | list[str], *, is_bold: bool = False
) -> None:
    """Draw a column of texts. A text that is too long loses its middle; the hover shows all of it."""
    shown = [_indented(html(elided(text, room))) for text in texts]
    figure.add_scatter(
        x=[x] * len(texts),
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
    """*text* with leading blanks that are not collapsed."""
    return "\u00a0" * (len(text) - len(text.lstrip(" "))) + text.lstrip(" ")


def _head(x: float, text: str) -> dict[str, Any]:
    place = {"x": x, "y": -1, "xanchor": "left", "yanchor": "middle", "showarrow": False, "xshift": -2}
    return {**place, "text": f"<b>{html(text)}</b>", "font": {"size": 12, "color": INK}}


def _rule(row: int) -> dict[str, Any]:
    return {"type": "line", "x0": 0, "x1": 1, "y0": row - 0.5, "y1": row - 0.5, "line": {"color": GRID, "width": 1}}
