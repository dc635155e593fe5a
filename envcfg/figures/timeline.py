"""The timeline: what the agent was trained on, under the reward curve."""

import math
from collections.abc import Sequence
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.timeline import Lane, Timeline
from envcfg.analysis.timeline import timeline as timeline_data
from envcfg.analysis.wording import cause_text, elided, printable, task_text, value_text
from envcfg.core.errors import SourceError
from envcfg.core.path import dotted
from envcfg.figures.layout import BOTTOM, TOP, Row, Rows, domains, row_names, short_tasks
from envcfg.figures.sampling import clusters, extremes, rolling_band
from envcfg.figures.style import AREAS, CAUSES, INK, LINES, UNKNOWN_CAUSE, html, template, tinted
from envcfg.history.history import History, Transaction
from envcfg.history.metrics import Series, metric

MAX_POINTS: Final = 2_000
MAX_MARKS: Final = 200
MAX_SPANS: Final = 300
CHARACTERS: Final = 75
"""That fit side by side on a narrow page."""
MAX_LINES: Final = 12
"""Leaves that the text of one mark lists."""


def timeline(
    history: History, *, metric_name: str | None = None, params: Sequence[str] | None = None, most_lanes: int = 10
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
    rows = domains(has_metric=data.metric is not None, lanes=len(data.lanes))
    figure = go.Figure(layout={"template": template()})
    marks = clusters([transaction.step for transaction in data.transactions], MAX_MARKS)
    names = row_names([lane.path for lane in data.lanes])
    if data.metric is not None:
        _draw_metric(figure, data.metric, rows.metric)
    _draw_tasks(figure, data, rows)
    for index, (lane, row, name) in enumerate(zip(data.lanes, rows.lanes, names, strict=True)):
        _draw_lane(figure, lane, row, name, color=LINES[index % len(LINES)], last_step=data.last_step)
    _draw_marks(figure, data, marks, rows.marks)
    _lay_out(figure, data, rows, len(marks))
    return figure


def _draw_metric(figure: go.Figure, series: Series, row: Row) -> None:
    kept = extremes(series.values, MAX_POINTS)
    band = rolling_band(series.values, max(5, len(series.values) // 40))
    steps = [series.steps[index] for index in kept]
    low, high = ([band[index][side] for index in kept] for side in (0, 1))
    name = html(elided(printable(series.name), 40))
    figure.add_scatter(
        x=steps + steps[::-1],
        y=high + low[::-1],
        fill="toself",
        fillcolor=tinted(LINES[0], 0.22),
        line={"width": 0},
        hoverinfo="skip",
        name=f"{name}, 10-90 % nearby",
        yaxis=row.axis,
    )
    figure.add_scatter(
        x=steps,
        y=[series.values[index] for index in kept],
        customdata=[f"{band[index][0]:.3g} to {band[index][1]:.3g}" for index in kept],
        line={"color": LINES[0], "width": 1.6},
        hovertemplate=f"{name} <b>%{{y:.4g}}</b> [%{{customdata}}]<extra></extra>",
        name=name,
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
    for span in data.spans[:MAX_SPANS]:
        color = colors[span.task]
        area = {
            "type": "rect",
            "x0": span.start,
            "x1": span.end,
            "yref": "paper",
            "layer": "below",
            "line": {"width": 0},
        }
        shapes.append({**area, "y0": rows.tasks[0], "y1": rows.tasks[1], "fillcolor": tinted(color, 0.45)})
        if data.metric is not None:
            shapes.append(
                {**area, "y0": rows.metric.domain[0], "y1": rows.metric.domain[1], "fillcolor": tinted(color, 0.1)}
            )
        room = int(CHARACTERS * (span.end - span.start) / (data.last_step or 1))
        if room >= 3:
            labels.append(_task_label(span.start, sum(rows.tasks) / 2, elided(names[span.task], room)))
    figure.update_layout(shapes=shapes, annotations=labels)


def _task_label(step: int, y: float, text: str) -> dict[str, Any]:
    return {
        "x": step,
        "y": y,
        "yref": "paper",
        "text": html(text),
        "xanchor": "left",
        "yanchor": "middle",
        "showarrow": False,
        "font": {"size": 11},
        "xshift": 3,
    }


def _draw_lane(figure: go.Figure, lane: Lane, row: Row, name: str, *, color: str, last_step: int) -> None:
    """A parameter as a step line; values that are no numbers stand on a ladder of their texts."""
    texts = [html(value_text(value, 24)) for value in lane.values]
    ladder = list(dict.fromkeys(texts))
    is_numeric = all(isinstance(value, int | float) and not isinstance(value, bool) for value in lane.values)
    heights = [_height(value) for value in lane.values] if is_numeric else [float(ladder.index(text)) for text in texts]
    kept = extremes(heights, MAX_POINTS)
    steps = [lane.steps[index] for index in kept]
    figure.add_scatter(
        x=[*steps, last_step],
        y=[heights[index] for index in [*kept, -1]],
        customdata=[texts[index] for index in [*kept, -1]],
        text=None if is_numeric else _fitting(texts, [*lane.steps, last_step], kept),
        textposition="top right",
        textfont={"size": 10, "color": color},
        mode=("lines" if len(kept) > 100 else "lines+markers") + ("" if is_numeric else "+text"),
        line={"color": color, "width": 1.8, "shape": "hv"},
        marker={"size": [5] * len(kept) + [0], "color": color},
        hovertemplate=f"{html(name)} <b>%{{customdata}}</b><extra></extra>",
        name=html(printable(dotted(lane.path))),
        yaxis=row.axis,
        showlegend=False,
        cliponaxis=False,
    )
    figure.update_layout({row.key: _lane_axis(row, heights, texts if is_numeric else None)})
    figure.add_annotation(_lane_title(row, html(name), color))
    figure.add_annotation(_last_value(row, html(value_text(lane.values[-1], 9)), heights[-1], color))


def _height(value: Any) -> float:
    return float(value) if math.isfinite(value) else 0.0


def _fitting(texts: Sequence[str], steps: Sequence[int], kept: Sequence[int]) -> list[str]:
    """The texts that have room before the next step; the last point repeats its value and needs none."""
    room = (steps[-1] - steps[0]) / 120 or 1.0
    return [texts[index] if steps[index + 1] - steps[index] > room * len(texts[index]) else "" for index in kept] + [""]


def _lane_axis(row: Row, heights: Sequence[float], texts: Sequence[str] | None) -> dict[str, Any]:
    """The least and the greatest number as ticks; a ladder of texts has none, they stand on the line."""
    low, high = min(heights), max(heights)
    room = (high - low or 1.0) * 0.2
    ticks = [] if texts is None else sorted({low, high})
    return {
        "domain": row.domain,
        "range": [low - room, high + room],
        "tickvals": ticks,
        "ticktext": [elided(texts[heights.index(height)], 9) for height in ticks] if texts else [],
        "tickfont": {"size": 10},
        "fixedrange": True,
    }


def _lane_title(row: Row, text: str, color: str) -> dict[str, Any]:
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": row.domain[1], "yref": "paper", "yanchor": "bottom"}
    return {**place, "text": f"<b>{text}</b>", "showarrow": False, "font": {"color": color, "size": 11}}


def _last_value(row: Row, text: str, height: float, color: str) -> dict[str, Any]:
    place = {"x": 1, "xref": "paper", "xanchor": "left", "y": height, "yref": row.axis, "yanchor": "middle"}
    return {**place, "text": f"<b>{text}</b>", "showarrow": False, "font": {"color": color, "size": 11}, "xshift": 4}


def _draw_marks(figure: go.Figure, data: Timeline, marks: Sequence[Sequence[int]], row: Row) -> None:
    """A symbol for each change by its cause, and a dotted line through all rows; many close together are one mark."""
    by_kind: dict[str, list[Sequence[int]]] = {}
    for group in marks:
        kinds = {_kind(data.transactions[index]) for index in group}
        by_kind.setdefault(kinds.pop() if len(kinds) == 1 else "several causes", []).append(group)
    for kind, groups in by_kind.items():
        symbol, color = CAUSES.get(kind, UNKNOWN_CAUSE)
        figure.add_scatter(
            x=[data.transactions[group[0]].step for group in groups],
            y=[0.5] * len(groups),
            customdata=[_mark_text(data, group) for group in groups],
            mode="markers",
            marker={"symbol": symbol, "color": color, "size": 10, "line": {"width": 1.2, "color": color}},
            hovertemplate="%{customdata}<extra></extra>",
            name=f"change: {html(kind)}",
            yaxis=row.axis,
        )
    lines = [
        {
            "type": "line",
            "x0": data.transactions[group[0]].step,
            "x1": data.transactions[group[0]].step,
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "layer": "below",
            "line": {"color": tinted("#777777", 0.55), "width": 1, "dash": "dot"},
        }
        for group in marks
    ]
    figure.update_layout(shapes=[*figure.layout.shapes, *lines])
    figure.update_layout({row.key: {"domain": row.domain, "range": [0, 1], "visible": False, "fixedrange": True}})


def _kind(transaction: Transaction) -> str:
    return transaction.cause.kind if transaction.cause else "cause not recorded"


def _mark_text(data: Timeline, group: Sequence[int]) -> str:
    """`epoch 13 · curriculum: ... · 5 changes`, then each leaf old → new."""
    if len(group) > 1:
        return f"<b>{len(group)} changes</b> close together: zoom in or ask for fewer steps"
    transaction, text = data.transactions[group[0]], data.texts[group[0]]
    lines = [html(elided(line, 90)) for line in text.split("\n") if line]
    more = [f"… and {len(lines) - MAX_LINES} more"] if len(lines) > MAX_LINES else []
    epoch = "" if transaction.epoch is None else f"epoch {transaction.epoch} · "
    why = html(cause_text(transaction.cause) or "cause not recorded")
    head = f"<b>change {transaction.number}</b> · {epoch}{html(task_text(transaction.task))} · {why}"
    return "<br>".join([head, _adopted(transaction), *lines[:MAX_LINES], *more])


def _adopted(transaction: Transaction) -> str:
    """Which slots, from when to when: each adopts at its own reset."""
    slots = f"{len(transaction.places)} slot{'s' * (len(transaction.places) != 1)}"
    last = "" if transaction.last_step == transaction.step else f" to {transaction.last_step:,}"
    asked = "" if transaction.requested_at is None else f"requested at step {transaction.requested_at:,}, "
    return f"{asked}adopted by {slots} at step {transaction.step:,}{last}"


def _lay_out(figure: go.Figure, data: Timeline, rows: Rows, marks: int) -> None:
    notes = _notes(data, marks)
    count = len(data.transactions)
    counted = f"{count:,} change{'s' * (count != 1)} in {data.last_step:,} steps"
    title = f"<b>{html(elided(printable(data.run), 60))}</b> · {counted}"
    figure.update_layout(
        title={
            "text": title + "".join(f"<br><sup>{note}</sup>" for note in notes),
            "x": 0,
            "xref": "paper",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 14},
        },
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


def _notes(data: Timeline, marks: int) -> list[str]:
    """What was left out, in words."""
    notes = []
    if data.unshown:
        notes.append(f"{data.unshown} more parameters changed; name them with params")
    if marks < len(data.transactions):
        notes.append(f"{len(data.transactions):,} changes are drawn as {marks} marks")
    if len(data.spans) > MAX_SPANS:
        notes.append(f"only the first {MAX_SPANS} of {len(data.spans):,} stretches of a task are coloured")
    if data.metric is not None and data.metric.axis == "_step":
        notes.append("the metric's rows do not say their environment step: its own log step was taken instead")
    return notes
