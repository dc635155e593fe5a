"""The changes on top of a timeline: a symbol for each kind of cause, and a dotted line through all rows."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import cycle
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import cause_text, changes_text, elided, task_text
from envcfg.analysis.run.timeline import INITIAL, Mark, Timeline
from envcfg.figures.frame import add_shapes
from envcfg.figures.layout import Row
from envcfg.figures.style import CAUSES, FAINT, INEFFECTIVE, INK, PAGE, SEVERAL_CAUSES, UNKNOWN_CAUSE, html, tinted
from envcfg.history.changes import Change

MANY_MARKS: Final = 60
"""With more marks, there are no lines through all rows."""
BAR_HATCHES: Final = ("", "/", ".", "x")
"""The patterns of the bars, for readers who cannot distinguish their colours."""
SEVERAL: Final = "several causes"
MAX_LINES: Final = 12
"""The most edits that the text of one mark lists."""


def draw_marks(figure: go.Figure, data: Timeline, row: Row) -> None:
    """Draw a symbol for each change. If marks stand for several changes, draw their density by cause."""
    if any(len(mark.changes) > 1 for mark in data.marks):
        _draw_density(figure, data, row)
    else:
        _draw_symbols(figure, data, row)
    if data.ineffective_keys:
        _draw_ineffective_keys(figure, data, row)
    if len(data.marks) <= MANY_MARKS:
        add_shapes(figure, _lines(data.axis.at(mark.step) for mark in data.marks))
    figure.update_layout({row.key: {"domain": row.domain, "range": [0, 1], "visible": False, "fixedrange": True}})


def _draw_symbols(figure: go.Figure, data: Timeline, row: Row) -> None:
    by_kind: dict[str, list[Mark]] = {}
    for mark in data.marks:
        by_kind.setdefault(next(iter(mark.kinds)), []).append(mark)
    size = 10 if len(data.marks) <= MANY_MARKS else 5
    for kind, marks in by_kind.items():
        symbol, color = cause_style(kind)
        line = {"width": 1.2, "color": color}
        figure.add_scatter(
            x=[data.axis.at(mark.step) for mark in marks],
            y=[0.5] * len(marks),
            customdata=[_text(mark) for mark in marks],
            mode="markers",
            marker={"symbol": symbol, "color": color, "size": size, "line": line, "opacity": 1},
            cliponaxis=False,
            hovertemplate="%{customdata}<extra></extra>",
            name=kind if kind == INITIAL else f"change: {html(kind)}",
            yaxis=row.axis,
        )


def _draw_density(figure: go.Figure, data: Timeline, row: Row) -> None:
    """Draw a bar for each mark, as high as its number of changes, with a part for each kind of cause."""
    places = [data.axis.at(mark.step) for mark in data.marks]
    width = (data.axis.at(data.last_step) - data.axis.at(data.first_step)) / max(1, len(places))
    most = max(len(mark.changes) for mark in data.marks)
    kinds = Counter({kind: count for mark in data.marks for kind, count in mark.kinds.items() if kind != INITIAL})
    for (kind, _), shape in zip(kinds.most_common(), cycle(BAR_HATCHES)):  # the patterns repeat
        _, color = cause_style(kind)
        hatch = {"shape": shape, "fgcolor": PAGE, "fillmode": "overlay", "size": 5, "solidity": 0.35}
        figure.add_bar(
            x=[place + width / 2 for place in places],
            y=[mark.kinds.get(kind, 0) / most for mark in data.marks],
            width=width,
            marker={"color": color, "line": {"width": 0}, "pattern": hatch},
            hoverinfo="skip",
            name=f"changes: {html(kind)}",
            yaxis=row.axis,
        )
    figure.add_scatter(
        x=places,
        y=[0.5] * len(places),
        customdata=list(map(_text, data.marks)),
        mode="markers",
        marker={"size": 10, "color": INK, "opacity": 0},
        hovertemplate="%{customdata}<extra></extra>",
        name="changes",
        showlegend=False,
        yaxis=row.axis,
    )
    figure.update_layout(barmode="stack")


def _draw_ineffective_keys(figure: go.Figure, data: Timeline, row: Row) -> None:
    """Draw the ineffective keys among the changes: they were requested and are not effective yet."""
    symbol, color = INEFFECTIVE
    figure.add_scatter(
        x=[data.axis.at(ineffective.step) for ineffective in data.ineffective_keys],
        y=[0.5] * len(data.ineffective_keys),
        customdata=[html(elided(ineffective.text, 160)) for ineffective in data.ineffective_keys],
        mode="markers",
        marker={"symbol": symbol, "color": color, "size": 9, "line": {"width": 1.5, "color": color}},
        hovertemplate="%{customdata}<extra></extra>",
        name="requested, not effective yet",
        yaxis=row.axis,
    )


def kind_of(kinds: Mapping[str, int]) -> str:
    """The kind of a mark's changes, or `SEVERAL`. An initial config among changes does not count."""
    found = [kind for kind in kinds if kind != INITIAL] or [INITIAL]
    return found[0] if len(found) == 1 else SEVERAL


def cause_style(kind: str) -> tuple[str, str]:
    """The symbol and colour of a kind of cause."""
    return SEVERAL_CAUSES if kind == SEVERAL else CAUSES.get(kind, UNKNOWN_CAUSE)


def _lines(places: Iterable[float]) -> list[dict[str, Any]]:
    stroke = {"color": tinted(INK, FAINT), "width": 1, "dash": "dot"}
    line = {"type": "line", "y0": 0, "y1": 1, "yref": "paper", "layer": "below", "line": stroke}
    return [{**line, "x0": place, "x1": place} for place in places]


def _text(mark: Mark) -> str:
    """`change 2 · epoch 13 · task · cause`, then the slots that adopted it, then each edit."""
    first, last = mark.changes[0], mark.changes[-1]
    if len(mark.changes) > 1:
        return f"<b>{changes_text(mark.changes)}</b>, up to step {last.step:,}<br>{html(_counted(mark.kinds))}"
    epoch = "" if first.epoch is None else f"epoch {first.epoch:,} · "
    why = html(cause_text(first.cause) or ("" if first.is_initial else next(iter(mark.kinds))))
    head = f"<b>{changes_text([first])}</b> · {epoch}{html(task_text(first.task))}{why and f' · {why}'}"
    lines = [html(elided(edit, 90)) for edit in mark.edits[:MAX_LINES]]
    more = [f"… and {len(mark.edits) - MAX_LINES} more"] if len(mark.edits) > MAX_LINES else []
    return "<br>".join([head, _adopted(mark, first), *lines, *more])


def _counted(kinds: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())


def _adopted(mark: Mark, change: Change) -> str:
    """The number of slots, and the steps from the first to the last adoption: each adopts at its own reset."""
    slots = f"{len(change.places):,} slot{'s' * (len(change.places) != 1)}"
    last = "" if change.last_step == change.step else f" to {change.last_step:,}"
    asked = "" if change.requested_at is None else f"requested at step {change.requested_at:,}, "
    return f"{asked}adopted by {slots} at step {change.step:,}{last}{_lag(mark)}"


def _lag(mark: Mark) -> str:
    """The lag; empty if the run recorded no requests."""
    if mark.lags is None:
        return ""
    shortest, longest = mark.lags
    return f", lag {shortest:,}" + ("" if shortest == longest else f" to {longest:,}")
