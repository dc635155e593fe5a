"""The timeline: what the agent was trained on, under the reward curve."""

from collections.abc import Sequence
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.timeline import MAX_LANES, Curve, Mark, Timeline
from envcfg.analysis.timeline import timeline as timeline_data
from envcfg.analysis.wording import cause_text, elided, printable, task_text
from envcfg.core.errors import SourceError
from envcfg.figures.lanes import draw_lane
from envcfg.figures.layout import BOTTOM, TOP, Row, Rows, domains, row_names, short_tasks
from envcfg.figures.style import AREAS, CAUSES, INK, LINES, UNKNOWN_CAUSE, html, template, tinted
from envcfg.history.history import History, Transaction
from envcfg.history.metrics import Series, metric

MANY_POINTS: Final = 100
"""From here on the single values are drawn faintly, and their median above them."""
MANY_MARKS: Final = 60
"""From here on changes have no line through all rows."""
CHARACTERS: Final = 100
"""That fit side by side on a narrow page."""
MAX_LINES: Final = 12
"""Leaves that the text of one mark lists."""


def timeline(
    history: History,
    *,
    metric_name: str | None = None,
    params: Sequence[str] | None = None,
    most_lanes: int = MAX_LANES,
) -> go.Figure:
    """The timeline of a run. *params* are globs over dotted places; by default everything that changed.

    Without *metric_name* the metric that looks most like the reward is taken, if one was logged.
    """
    try:
        series: Series | None = metric(history, metric_name)
    except SourceError:
        if metric_name is not None:
            raise
        series = None
    return draw(timeline_data(history, metric=series, params=params, most_lanes=most_lanes))


def draw(data: Timeline) -> go.Figure:
    """The figure of a timeline's data."""
    rows = domains(has_metric=data.curve is not None, lanes=len(data.lanes))
    figure = go.Figure(layout={"template": template()})
    if data.curve is not None:
        _draw_curve(figure, data.curve, rows.metric)
    _draw_tasks(figure, data, rows)
    names = row_names([lane.path for lane in data.lanes])
    for index, (lane, row, name) in enumerate(zip(data.lanes, rows.lanes, names, strict=True)):
        draw_lane(figure, lane, row, name, color=LINES[index % len(LINES)], last_step=data.last_step)
    _draw_marks(figure, data.marks, rows.marks)
    _lay_out(figure, data, rows)
    return figure


def _draw_curve(figure: go.Figure, curve: Curve, row: Row) -> None:
    name = html(elided(printable(curve.name), 40))
    is_long = len(curve.values) > MANY_POINTS
    figure.add_scatter(
        x=[*curve.band_steps, *reversed(curve.band_steps)],
        y=[*(around.high for around in curve.band), *(around.low for around in reversed(curve.band))],
        fill="toself",
        fillcolor=tinted(LINES[0], 0.22),
        line={"width": 0},
        hoverinfo="skip",
        name="10-90 % of the values nearby",
        yaxis=row.axis,
    )
    figure.add_scatter(
        x=curve.steps,
        y=curve.values,
        line={"color": tinted(LINES[0], 0.3 if is_long else 1.0), "width": 0.8 if is_long else 1.6},
        hovertemplate=f"{name} <b>%{{y:.4g}}</b><extra></extra>",
        name=name,
        yaxis=row.axis,
    )
    if is_long:
        figure.add_scatter(
            x=curve.band_steps,
            y=[around.median for around in curve.band],
            customdata=[f"{around.low:.3g} to {around.high:.3g}" for around in curve.band],
            line={"color": LINES[0], "width": 1.8},
            hovertemplate="median nearby <b>%{y:.4g}</b> [%{customdata}]<extra></extra>",
            name="median nearby",
            yaxis=row.axis,
        )
    figure.update_layout({row.key: {"domain": row.domain, "title": {"text": name, "standoff": 4}, "nticks": 6}})


def _draw_tasks(figure: go.Figure, data: Timeline, rows: Rows) -> None:
    """A strip of the tasks in force, and their colours behind the metric."""
    colors: dict[str | None, str] = {}
    for span in data.spans:
        colors.setdefault(span.task, AREAS[len(colors) % len(AREAS)])
    names = short_tasks(list(colors))
    shapes, labels = [], []
    for span in data.spans:
        color = colors[span.task]
        area = {"type": "rect", "x0": span.start, "x1": span.end, "yref": "paper", "layer": "below"}
        area["line"] = {"width": 0}
        shapes.append({**area, "y0": rows.tasks[0], "y1": rows.tasks[1], "fillcolor": tinted(color, 0.32)})
        if data.curve is not None:
            low, high = rows.metric.domain
            shapes.append({**area, "y0": low, "y1": high, "fillcolor": tinted(color, 0.1)})
        room = int(CHARACTERS * (span.end - span.start) / (data.last_step or 1))
        if room >= 3:
            labels.append(_task_label(span.start, sum(rows.tasks) / 2, elided(names[span.task], room)))
    figure.update_layout(shapes=shapes, annotations=labels)


def _task_label(step: int, y: float, text: str) -> dict[str, Any]:
    place = {"x": step, "y": y, "yref": "paper", "xanchor": "left", "yanchor": "middle", "xshift": 3}
    return {**place, "text": html(text), "showarrow": False, "font": {"size": 11}}


def _draw_marks(figure: go.Figure, marks: Sequence[Mark], row: Row) -> None:
    """A symbol for each change by its cause, and a dotted line through all rows."""
    by_kind: dict[str, list[Mark]] = {}
    for mark in marks:
        by_kind.setdefault(mark.kind, []).append(mark)
    for kind, group in by_kind.items():
        symbol, color = CAUSES.get(kind, UNKNOWN_CAUSE)
        figure.add_scatter(
            x=[mark.step for mark in group],
            y=[0.5] * len(group),
            customdata=[_mark_text(mark) for mark in group],
            mode="markers",
            marker={"symbol": symbol, "color": color, "size": 10, "line": {"width": 1.2, "color": color}},
            hovertemplate="%{customdata}<extra></extra>",
            name=f"change: {html(kind)}",
            yaxis=row.axis,
        )
    if len(marks) <= MANY_MARKS:
        figure.update_layout(shapes=[*figure.layout.shapes, *(_line(mark.step) for mark in marks)])
    figure.update_layout({row.key: {"domain": row.domain, "range": [0, 1], "visible": False, "fixedrange": True}})


def _line(step: int) -> dict[str, Any]:
    stroke = {"color": tinted(INK, 0.55), "width": 1, "dash": "dot"}
    return {"type": "line", "x0": step, "x1": step, "y0": 0, "y1": 1, "yref": "paper", "layer": "below", "line": stroke}


def _mark_text(mark: Mark) -> str:
    """`change 2 · epoch 13 · task · why`, who adopted it, then each leaf old → new."""
    first, *others = mark.transactions
    if others:
        last = others[-1]
        return f"<b>{len(others) + 1} changes</b> from {first.number} to {last.number}, up to step {last.step:,}"
    epoch = "" if first.epoch is None else f"epoch {first.epoch} · "
    why = html(cause_text(first.cause) or "cause not recorded")
    head = f"<b>change {first.number}</b> · {epoch}{html(task_text(first.task))} · {why}"
    lines = [html(elided(change, 90)) for change in mark.changes[:MAX_LINES]]
    more = [f"… and {len(mark.changes) - MAX_LINES} more"] if len(mark.changes) > MAX_LINES else []
    return "<br>".join([head, _adopted(first), *lines, *more])


def _adopted(transaction: Transaction) -> str:
    """Which slots, from when to when: each adopts at its own reset."""
    slots = f"{len(transaction.places)} slot{'s' * (len(transaction.places) != 1)}"
    last = "" if transaction.last_step == transaction.step else f" to {transaction.last_step:,}"
    asked = "" if transaction.requested_at is None else f"requested at step {transaction.requested_at:,}, "
    return f"{asked}adopted by {slots} at step {transaction.step:,}{last}"


def _lay_out(figure: go.Figure, data: Timeline, rows: Rows) -> None:
    counted = f"{data.transactions:,} change{'s' * (data.transactions != 1)} in {data.last_step:,} steps"
    title = f"<b>{html(elided(printable(data.run), 60))}</b> · {counted}"
    if data.notes:
        title += f"<br><sup>{' · '.join(data.notes)}</sup>"
    figure.update_layout(
        title={"text": title, "x": 0, "xref": "paper", "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 14}},
        height=rows.height + TOP + BOTTOM,
        margin={"l": 70, "r": 76, "t": TOP, "b": BOTTOM},
        hovermode="x unified",
        hoversubplots="axis",
        legend={"orientation": "h", "x": 0, "y": -52 / rows.height, "yanchor": "top", "font": {"size": 11}},
        xaxis={
            "domain": [0, 1],
            "anchor": rows.bottom,
            "title": {"text": "environment steps, all slots together", "standoff": 6},
            "range": [-0.005 * data.last_step, 1.005 * data.last_step or 1],
            "showspikes": True,
            "spikemode": "across",
            "spikethickness": 1,
            "spikedash": "solid",
            "spikecolor": INK,
            "hoverformat": ",",
        },
        meta={"summary": f"{printable(data.run)}: {counted}, {len(data.lanes)} parameters shown"},
    )
