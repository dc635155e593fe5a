"""One drawn parameter as one row: the stated range, two bands and the median of its draws."""

from typing import Any

from plotly import graph_objects as go

from envcfg.analysis.formatting import printable
from envcfg.analysis.run.draw_bands import Bands
from envcfg.analysis.run.timeline import Timeline
from envcfg.core.path import dotted
from envcfg.figures.layout import Row
from envcfg.figures.run.lane_parts import last_value, title
from envcfg.figures.style import INK, html, tinted


def draw_fan(figure: go.Figure, bands: Bands, row: Row, name: str, *, color: str, data: Timeline) -> None:
    """Draw the bands from 10 to 90 % and from 25 to 75 %, the median, and the stated range as dotted lines."""
    x = [data.axis.at(step) for step in (*bands.steps, data.last_step)]
    columns = [[*column, column[-1]] for column in map(list, zip(*bands.quantiles, strict=True))]
    line: dict[str, Any] = {"x": x, "yaxis": row.axis, "showlegend": False, "mode": "lines"}
    edge = {"width": 0, "shape": "hv"}
    for (bottom, top), alpha in zip(((0, 4), (1, 3)), (0.18, 0.3), strict=True):
        figure.add_scatter(**line, y=columns[bottom], line=edge, hoverinfo="skip")
        fill = {"fill": "tonexty", "fillcolor": tinted(color, alpha)}
        figure.add_scatter(**line, y=columns[top], line=edge, hoverinfo="skip", **fill)
    shown = [*bands.quantiles, bands.quantiles[-1]]
    counts = [*bands.counts, bands.counts[-1]]
    figure.add_scatter(
        **line,
        y=columns[2],
        line={"width": 1.8, "shape": "hv", "color": color},
        name=html(printable(dotted(bands.path))),
        customdata=[f"{q[2]:.4g} ({q[0]:.4g} to {q[4]:.4g}), {n:,} draws" for q, n in zip(shown, counts, strict=True)],
        hovertemplate=f"{html(name)} <b>%{{customdata}}</b><extra></extra>",
    )
    _draw_stated(figure, bands, line, data)
    low, high = min(bands.every), max(bands.every)
    room = (high - low or 1.0) * 0.2
    ticks = sorted({low, high})
    figure.update_layout(
        {
            row.key: {
                "domain": row.domain,
                "range": [low - room, high + room],
                "tickvals": ticks,
                "ticktext": [f"{value:.3g}" for value in ticks],
                "tickfont": {"size": 10},
                "fixedrange": True,
            }
        }
    )
    stated = ", stated range dotted" if bands.stated else ""
    said = f'<span style="color:{INK}"> median, 25–75 % and 10–90 % of the draws{stated}</span>'  # noqa: RUF001
    figure.add_annotation(title(row, html(name), color, said))
    figure.add_annotation(last_value(row, f"{columns[2][-1]:.3g}", columns[2][-1], color))


def _draw_stated(figure: go.Figure, bands: Bands, line: dict[str, Any], data: Timeline) -> None:
    if not bands.stated:
        return
    dots = {"width": 1.2, "dash": "dot", "shape": "hv", "color": INK}
    x = [data.axis.at(step) for step in (*(step for step, _, _ in bands.stated), data.last_step)]
    for end in (1, 2):
        values = [statement[end] for statement in (*bands.stated, bands.stated[-1])]
        figure.add_scatter(**{**line, "x": x}, y=values, line=dots, hoverinfo="skip")
