"""A lane of other values in which slots differ: the share of slots that has each value, stacked."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from plotly import graph_objects as go

from envcfg.analysis.formatting import elided, printable, value_text, value_texts
from envcfg.analysis.run.lanes import Lane
from envcfg.analysis.run.timeline import Timeline
from envcfg.analysis.spread_text import spread_text
from envcfg.core.diff import identity
from envcfg.core.path import dotted
from envcfg.figures.layout import Row
from envcfg.figures.run.lane_parts import last_value, title
from envcfg.figures.style import AREAS, HATCHES, INK, html, tinted

SHOWN: Final = 5
"""The most values with an area of their own; the others share one."""
STRENGTH: Final = 0.72
CHARACTERS: Final = 34
"""The characters of a name in the legend."""


def draw_shares(figure: go.Figure, lane: Lane, row: Row, name: str, *, color: str, data: Timeline) -> None:
    """Draw the stacked shares of one parameter. The legend names the value of each area."""
    keys = _longest(lane, data.last_step)
    texts = {identity(value): text for value, text in zip(lane.values, value_texts(lane.values, 24), strict=True)}
    x = [data.axis.at(step) for step in (*lane.steps, max(data.last_step, lane.steps[-1]))]
    areas = [_share_of(lane, {key}) for key in keys]
    names = [texts[key] for key in keys]
    others = texts.keys() - set(keys)
    if others:
        areas.append(_share_of(lane, others))
        names.append(f"{len(others):,} others")
    for place, (shares, text) in enumerate(zip(areas, names, strict=True)):
        tint = tinted(_color(place, len(keys)), STRENGTH)
        hatch = {"shape": HATCHES[place], "fgcolor": tinted(INK, 0.45), "size": 7, "solidity": 0.12}
        figure.add_scatter(
            x=x,
            y=[*shares, shares[-1]],
            stackgroup=row.axis,
            mode="lines",
            line={"width": 0, "color": tint, "shape": "hv"},
            fillcolor=tint,
            fillpattern={**hatch, "bgcolor": tint, "fillmode": "overlay"},
            hoverinfo="skip",
            name=html(elided(f"{name}: {text}", CHARACTERS)),
            yaxis=row.axis,
        )
    _add_hover(figure, lane, row, name, data)
    axis = {"domain": row.domain, "range": [0, 1], "tickvals": [0, 1], "ticktext": ["0", "100 %"]}
    figure.update_layout({row.key: {**axis, "tickfont": {"size": 10}, "fixedrange": True}})
    figure.add_annotation(title(row, html(name), color))
    figure.add_annotation(last_value(row, html(value_text(lane.spreads[-1].value, 9)), None, color))


def _longest(lane: Lane, end: float) -> list[bytes | None]:
    """The values that slots had for longest, in order of appearance."""
    totals: Counter[bytes | None] = Counter()
    ends = pairwise((*lane.steps, max(end, lane.steps[-1])))
    for spread, (start, stop) in zip(lane.spreads, ends, strict=True):
        for value, share in zip(spread.values, spread.shares, strict=True):
            totals[identity(value)] += share * (stop - start)  # type: ignore[assignment]  # a part of the steps
    most = SHOWN + (len(totals) == SHOWN + 1)
    kept = {key for key, _ in totals.most_common(most)}
    return [key for value in lane.values if (key := identity(value)) in kept]


def _share_of(lane: Lane, keys: set[bytes | None]) -> Sequence[float]:
    return [
        round(
            sum(share for value, share in zip(spread.values, spread.shares, strict=True) if identity(value) in keys),
            4,
        )
        for spread in lane.spreads
    ]


def _color(place: int, own: int) -> str:
    return AREAS[place] if place < own else INK


def _add_hover(figure: go.Figure, lane: Lane, row: Row, name: str, data: Timeline) -> None:
    """An invisible line that speaks: areas have no hover of their own at each step."""
    steps = sorted({*lane.steps, *(step for step in data.grid if step >= lane.steps[0])})
    figure.add_scatter(
        x=[data.axis.at(step) for step in steps],
        y=[0.5] * len(steps),
        customdata=[html(spread_text(lane.spreads[lane.at(step)])) for step in steps],
        hovertemplate=f"{html(name)} <b>%{{customdata}}</b><extra></extra>",
        name=html(printable(dotted(lane.path))),
        mode="lines",
        line={"width": 0},
        showlegend=False,
        yaxis=row.axis,
    )
