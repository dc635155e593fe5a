"""The task mix: the stated task probabilities, the adopted shares, and the task of every slot."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import count_text, elided
from envcfg.analysis.tasks.task_mix import Shares, TaskMix
from envcfg.analysis.tasks.task_mix import task_mix as task_mix_data
from envcfg.figures.frame import framed, heading, legend, sized, x_axis
from envcfg.figures.layout import legend_height, short_tasks
from envcfg.figures.style import AREAS, HATCHES, INK, PLATE, PLATE_INK, html, tinted
from envcfg.history.history import History

STATED: Final = 190
ADOPTED: Final = 120
GAP: Final = 26
SLOTS: Final = (9.0, 240.0)
"""Heights in pixels: the least for one slot, and the greatest for all slots."""
STRENGTH: Final = 0.72
NAMED: Final = 5
"""The most tasks that a hover lists, those with the greatest shares."""
SHOWN: Final = 0.14
"""The share that an area needs to show its name, over `REACH` columns to both sides."""
REACH: Final = 12


def task_mix(history: History, *, x: str = "step", width: int | None = None, height: int | None = None) -> go.Figure:
    """The tasks of a run: the stated task probabilities, the adopted shares, and the task of each slot.

    *x* is `step`, `epoch` or `time`. *width* and *height* are in pixels. Raises `SourceError` for an *x* that the run
    did not record.

    >>> from envcfg import load, sample
    >>> from envcfg.figures import task_mix
    >>> task_mix(load(sample("forage"))).layout.meta["summary"]
    'samples/forage: 5 tasks over 307,200 steps'
    """
    return sized(draw(task_mix_data(history, x=x)), width=width, height=height)


def draw(data: TaskMix) -> go.Figure:
    """The figure of a task mix."""
    names = _names(data)
    panels = [panel for panel in _panels(data) if panel[1]]
    slots = round(max(SLOTS[0] * 2, min(SLOTS[1], 15.0 * len(data.slots)))) if data.slots else 0
    heights = [height for _, _, height in panels] + [slots] * bool(slots)
    domains = _stacked(heights)
    figure = go.Figure()
    annotations: list[dict[str, Any]] = []
    for number, ((title, shares, _), domain) in enumerate(zip(panels, domains, strict=False), start=1):
        axis = "y" if number == 1 else f"y{number}"
        _areas(figure, data, shares, names, axis, is_named=number == 1)
        _add_hover(figure, data, _hover_texts(shares, names), axis, word=title.partition(" ")[0])
        annotations += [heading(title, domain, INK), *_labels(data, shares, names, axis)]
        scale = {"domain": domain, "range": [0, 1], "tickformat": ".0%", "tickvals": [0, 0.5, 1], "fixedrange": True}
        figure.update_layout({f"yaxis{axis[1:]}": scale})
    if slots:
        _slots(figure, data, names, f"y{len(heights)}" if len(heights) > 1 else "y", domains[-1])
        annotations.append(heading(f"what each slot ran ({count_text(len(data.slots), 'slot')})", domains[-1], INK))
    figure.update_layout(annotations=annotations)
    return _framed(figure, data, names, sum(heights) + GAP * len(heights))


def _panels(data: TaskMix) -> list[tuple[str, Shares, int]]:
    adopted = ADOPTED if data.stated else STATED
    return [
        ("stated by the curriculum: task probabilities", data.stated, STATED),
        ("adopted at resets: realised frequencies", data.adopted, adopted),
    ]


def _stacked(heights: Sequence[int]) -> list[tuple[float, float]]:
    """The domains from top to bottom, each with space for its name above."""
    inner = sum(heights) + GAP * len(heights)
    tops = [inner - sum(heights[:index]) - GAP * (index + 1) for index in range(len(heights))]
    return [(max(0.0, (top - height) / inner), top / inner) for top, height in zip(tops, heights, strict=True)]


def _names(data: TaskMix) -> list[str]:
    short = short_tasks(list(data.tasks))
    names = [html(elided(short[task], 28)) for task in data.tasks]
    return [*names, f"{data.others:,} other tasks"] if data.others else names


def _color(data: TaskMix, row: int) -> str:
    return INK if row == len(data.tasks) else AREAS[row % len(AREAS)]


def _areas(
    figure: go.Figure, data: TaskMix, shares: Shares, names: Sequence[str], axis: str, *, is_named: bool
) -> None:
    """Draw stacked areas; each task has its own colour and pattern."""
    x = [data.axis.at(step) for step in data.bounds]
    for row, share in enumerate(shares):
        color = _color(data, row)
        hatch = {"shape": HATCHES[row % len(HATCHES)], "fgcolor": tinted(INK, 0.45), "size": 7, "solidity": 0.12}
        figure.add_scatter(
            x=x,
            y=[round(value, 4) for value in (*share, share[-1])],
            stackgroup=axis,
            mode="lines",
            line={"width": 0.6, "color": color, "shape": "hv"},
            fillcolor=tinted(color, STRENGTH),
            fillpattern={**hatch, "bgcolor": tinted(color, STRENGTH), "fillmode": "overlay"},
            hoverinfo="skip",
            name=names[row],
            legendgroup=names[row],
            showlegend=is_named,
            yaxis=axis,
        )


def _hover_texts(shares: Shares, names: Sequence[str]) -> list[str]:
    """For each column, the whole stack in one line, the greatest shares first."""
    texts = []
    for column in zip(*shares, strict=True):
        most = sorted(range(len(column)), key=lambda row: -column[row])
        parts = [f"{names[row]} <b>{column[row]:.0%}</b>" for row in most[:NAMED] if column[row] >= 0.005]
        rest = sum(column[row] >= 0.005 for row in most[NAMED:])
        texts.append(", ".join(parts) + (f" and {rest} more" if rest else "") or "no data")
    return texts


def _add_hover(figure: go.Figure, data: TaskMix, texts: Sequence[str], axis: str, *, word: str) -> None:
    """Add invisible points with hover texts: a stack shows too many lines in a hover, and a heatmap none."""
    figure.add_scatter(
        x=[data.axis.at((low + high) / 2) for low, high in pairwise(data.bounds)],
        y=[0.5] * len(texts),
        customdata=texts,
        mode="lines",
        line={"width": 0, "color": INK},
        hovertemplate=f"{word}: %{{customdata}}<extra></extra>",
        name=word,
        showlegend=False,
        yaxis=axis,
    )


def _labels(data: TaskMix, shares: Shares, names: Sequence[str], axis: str) -> list[dict[str, Any]]:
    """The names inside the areas with enough space, at their widest part."""
    labels = []
    for row, share in enumerate(shares):
        room = [min(share[place - REACH : place + REACH]) for place in range(REACH, len(share) - REACH)]
        if room and max(room) >= SHOWN:
            place = REACH + room.index(max(room))
            middle = sum(other[place] for other in shares[:row]) + share[place] / 2
            x = data.axis.at(data.bounds[place])
            font = {"size": 11, "color": PLATE_INK}
            plate = {"bgcolor": PLATE, "borderpad": 1}
            label = {"x": x, "y": middle, "yref": axis, "text": names[row], "showarrow": False, "font": font}
            labels.append({**label, **plate})
    return labels


def _slots(figure: go.Figure, data: TaskMix, names: Sequence[str], axis: str, domain: tuple[float, float]) -> None:
    """Draw a row for each slot, in the colours of the stacks."""
    count = len(names)
    steps = [(row / count, (row + 1) / count, tinted(_color(data, row), STRENGTH)) for row in range(count)]
    figure.add_heatmap(
        x=[data.axis.at(step) for step in data.bounds],
        y=list(range(len(data.slots))),
        z=data.held,
        zmin=-0.5,
        zmax=count - 0.5,
        colorscale=[[place, color] for start, end, color in steps for place in (start, end)],
        showscale=False,
        hoverinfo="skip",
        ygap=1 if len(data.slots) <= 24 else 0,
        yaxis=axis,
    )
    texts = []
    for column in zip(*data.held, strict=True):
        counts = sorted(((column.count(row), name) for row, name in enumerate(names)), key=lambda pair: -pair[0])
        texts.append(", ".join(f"{count} x {name}" for count, name in counts[:NAMED] if count) or "no task yet")
    _add_hover(figure, data, texts, axis, word="slots")
    shown = range(0, len(data.slots), max(1, len(data.slots) // 8))
    scale = {"domain": domain, "autorange": "reversed", "fixedrange": True, "showgrid": False}
    ticks = {"tickvals": list(shown), "ticktext": [_slot(data, index) for index in shown], "tickfont": {"size": 10}}
    figure.update_layout({f"yaxis{axis[1:]}": {**scale, **ticks}})


def _slot(data: TaskMix, index: int) -> str:
    """`3`, or `r1 w0 3` if there are several ranks or workers."""
    place = data.slots[index]
    is_alone = len({(slot.rank, slot.worker) for slot in data.slots}) == 1
    return f"{place.slot}" if is_alone else f"r{place.rank} w{place.worker} {place.slot}"


def _framed(figure: go.Figure, data: TaskMix, names: Sequence[str], height: int) -> go.Figure:
    bottom = 64 + legend_height(names)
    said = f"{count_text(data.every, 'task')} over {data.bounds[-1]:,.0f} steps"
    figure.update_layout(
        hovermode="x unified",
        hoversubplots="axis",
        legend=legend(height),
        xaxis={
            **x_axis(data.axis.kind),
            "range": [data.axis.at(data.bounds[0]), data.axis.at(data.bounds[-1])],
            "anchor": "free",
            "position": 0,
        },
    )
    return framed(figure, title=data.run, said=said, notes=data.notes, height=height, bottom=bottom)
