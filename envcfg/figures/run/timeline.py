"""The timeline: the reward curve, and below it the config that the agent was trained on."""

from collections.abc import Iterator, Sequence
from typing import Final

from plotly import graph_objects as go

from envcfg.analysis.run.draw_bands import Bands
from envcfg.analysis.run.lanes import Lane
from envcfg.analysis.run.timeline import MAX_LANES, Timeline
from envcfg.analysis.run.timeline import timeline as timeline_data
from envcfg.core.errors import EnvcfgError
from envcfg.figures.frame import framed, legend, sized, x_axis
from envcfg.figures.layout import BOTTOM, LANE, WIDE_LANE, Rows, domains, legend_height, row_names
from envcfg.figures.run.curves import draw_curve
from envcfg.figures.run.fan import draw_fan
from envcfg.figures.run.lane_parts import slots_text
from envcfg.figures.run.lanes import draw_lane
from envcfg.figures.run.marks import draw_marks
from envcfg.figures.run.phases import draw_events, draw_phases
from envcfg.figures.run.tasks import draw_tasks
from envcfg.figures.style import INK
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice, metric
from envcfg.sources.series import Series

NEAR: Final = 9
"""The distance in pixels up to which a hover shows a change."""


def timeline(
    history: History,
    *,
    metric_name: MetricChoice = None,
    params: Sequence[str] | None = None,
    x: str = "step",
    most_lanes: int = MAX_LANES,
    between: tuple[float, float] | None = None,
    width: int | None = None,
    height: int | None = None,
) -> go.Figure:
    """The timeline of a run: its metric, its changes by cause, its tasks, and the parameters that changed.

    *metric_name* is by default the reward; without a metric, the figure gives the reason. *params* are dotted keys or
    globs; by default all parameters that changed, *most_lanes* at most. *x* is `step`, `epoch` or `time`. *between* two
    steps, it shows only that part, in more detail. *width* and *height* are in pixels. Raises `SourceError` for a
    metric or an *x* that the run did not record.

    >>> from envcfg import load, sample
    >>> from envcfg.figures import timeline
    >>> timeline(load(sample("forage")), metric_name="reward").layout.meta["summary"].partition(" (")[0]
    'samples/forage: 4 changes in 307,200 steps'
    """
    data = read(history, metric_name=metric_name, params=params, x=x, most_lanes=most_lanes, between=between)
    return sized(draw(data, width), width=width, height=height)


def read(
    history: History,
    *,
    metric_name: MetricChoice = None,
    params: Sequence[str] | None = None,
    x: str = "step",
    most_lanes: int = MAX_LANES,
    between: tuple[float, float] | None = None,
) -> Timeline:
    """The data of a timeline, with the metric *metric_name* or the reward."""
    series: Series | None = None
    notes: tuple[str, ...] = ()
    try:
        series = metric(history, metric_name)
    except EnvcfgError as error:
        if metric_name is not None:
            raise
        notes = (f"no metric: {error}",)
    data = timeline_data(history, metric=series, params=params, x=x, most_lanes=most_lanes, between=between)
    return data._replace(notes=(*data.notes, *notes))


def draw(data: Timeline, width: int | None = None) -> go.Figure:
    """The figure of a timeline. If its *width* is known, the names of tasks are as long as they fit."""
    heights = [WIDE_LANE] * len(data.drawn)
    heights += [LANE if lane.agrees else WIDE_LANE for lane in data.lanes]
    rows = domains(has_metric=data.curve is not None, lanes=heights)
    figure = go.Figure()
    if data.curve is not None:
        draw_curve(figure, data.curve, rows.metric, data.axis)
    draw_tasks(figure, data, rows, width)
    shown: tuple[Bands | Lane, ...] = (*data.drawn, *data.lanes)
    names = row_names([each.path for each in shown])
    for each, row, name in zip(shown, rows.lanes, names, strict=True):
        if isinstance(each, Bands):
            draw_fan(figure, each, row, name, color=INK, data=data)
        else:
            draw_lane(figure, each, row, name, color=INK, data=data)
    draw_marks(figure, data, rows.marks)
    draw_phases(figure, data)
    draw_events(figure, data)
    return _framed(figure, data, rows)


def _framed(figure: go.Figure, data: Timeline, rows: Rows) -> go.Figure:
    names = [trace.name for trace in figure.data if trace.showlegend is not False]
    bottom = BOTTOM + legend_height(names)
    over = f"in {data.last_step:,.0f} steps"
    if data.first_step:
        over = f"from step {data.first_step:,.0f} to {data.last_step:,.0f}"
    counted = f"{data.changes:,} change{'s' * (data.changes != 1)} {over}"
    figure.update_layout(
        hovermode="x unified",
        hoverdistance=NEAR,
        hoversubplots="axis",
        legend=legend(rows.height),
        xaxis={**x_axis(data.axis.kind), "domain": [0, 1], "anchor": "free", "position": 0, "range": _range(data)},
    )
    notes = [*data.notes, *_legend_notes(data)]
    framed(figure, title=data.run, said=counted, notes=notes, height=rows.height, bottom=bottom)
    figure.layout.meta["summary"] += f"; {len(data.lanes) + len(data.drawn)} parameters shown"
    return figure


def _legend_notes(data: Timeline) -> Iterator[str]:
    """What the bands and the areas of the lanes are, once for all lanes."""
    forms: dict[str, list[Lane]] = {}
    for lane in data.lanes:
        forms.setdefault(lane.form(data.last_step), []).append(lane)
    if "bands" in forms:
        yield f"lines are medians, bands are 25–75 % and 10–90 % of {slots_text(forms['bands'])}"  # noqa: RUF001
    if "shares" in forms:
        yield f"areas are shares of {slots_text(forms['shares'])}"


def _range(data: Timeline) -> list[float]:
    first, last = data.axis.at(data.first_step), data.axis.at(data.last_step)
    room = 0.005 * (last - first)
    return [first - room, last + room or 1]
