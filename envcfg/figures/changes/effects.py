"""The effects of the changes of a run, one row each, with intervals; or the reason why there is no effect."""

from collections.abc import Sequence
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.effects.effect import Effect
from envcfg.analysis.effects.effect import effects as measured
from envcfg.analysis.effects.formatting import card, mix_and_skill_text, summary_text
from envcfg.analysis.formatting import elided, printable, task_text
from envcfg.analysis.placement import placements
from envcfg.core.errors import SourceError
from envcfg.figures.frame import framed, legend, sized
from envcfg.figures.style import INK, LINES, html
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice, metric

ROW: Final = 46
BELOW: Final = 0.2
"""The distance of an interval below the middle of its row, and of its name above it, in rows."""
MOST: Final = 40
"""The most changes that are drawn: the first ones."""


FOUND: Final = "q below 0.05"
NOISE: Final = "not distinguishable from noise"
UNTESTED: Final = "not tested"
UNCORRECTED: Final = "adaptive, not corrected"
_KINDS: Final = {
    FOUND: (LINES[0], "circle"),
    NOISE: (INK, "circle"),
    UNTESTED: (INK, "circle-open"),
    UNCORRECTED: (INK, "x-thin-open"),
}
"""The colour and the symbol of each kind. Only tested changes are filled."""


def effect_intervals(
    history: History,
    metric_name: MetricChoice = None,
    *,
    invariant: bool = False,
    width: int | None = None,
    height: int | None = None,
) -> go.Figure:
    """The effect of each change on a metric, with its interval; the first change is on top.

    *metric_name* is by default the run's reward. *invariant* says that it keeps its meaning. *width* and *height* are
    in pixels. Raises `SourceError` if nothing changed or if the run did not log the metric, and `MissingExtraError`
    without numpy and scipy.

    >>> from envcfg import load, sample
    >>> from envcfg.figures import effect_intervals
    >>> effect_intervals(load(sample("forage")), invariant=True).layout.xaxis.title.text
    'jump in reward after removing the trend'
    """
    found = measured(history, metric_name, invariant=invariant)
    if not found:
        raise SourceError(f"nothing changed during run {history.run}: there are no effects to draw")
    placed = placements([metric(history, metric_name)])
    return sized(draw(history.run, found, tuple(placed)), width=width, height=height)


def draw(run: str, found: Sequence[Effect], placed: Sequence[str] = ()) -> go.Figure:
    """The figure of *found*, the first change on top. *placed* says how the metric was placed, if it must be said."""
    figure = go.Figure()
    shown = found[:MOST]
    for kind, style in _KINDS.items():
        rows = [(row, each) for row, each in enumerate(shown) if _kind(each) == kind]
        if rows:
            _intervals(figure, rows, kind, style)
    height = ROW * len(shown)
    figure.update_layout(
        shapes=[{"x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": {"dash": "dot", "color": INK}}],
        annotations=[*_labels(shown), *_refusals(shown)],
        xaxis={
            "title": {"text": f"jump in {html(printable(found[0].metric))} after removing the trend", "standoff": 6}
        },
        yaxis={"visible": False, "range": [len(shown) - 0.5, -0.5], "fixedrange": True},
        legend=legend(height),
        hovermode="closest",
        showlegend=True,
    )
    notes = [f"the first {MOST} are shown", *placed] if len(found) > MOST else placed
    said = f"{summary_text(found)}; an association does not prove a cause"
    return framed(figure, title=run, said=said, notes=notes, height=height, bottom=92, left=24, right=24)


def _kind(effect: Effect) -> str | None:
    """What an interval stands for; None without an estimate."""
    found = effect.estimate
    if found is None:
        return None
    if found.correction is None:
        return UNCORRECTED
    if found.p is None:
        return UNTESTED
    return FOUND if card(effect).is_found else NOISE


def _intervals(figure: go.Figure, shown: Sequence[tuple[int, Effect]], kind: str, style: tuple[str, str]) -> None:
    color, symbol = style
    rows = [(row, effect, effect.estimate) for row, effect in shown if effect.estimate is not None]
    figure.add_scatter(
        x=[one.value for _, _, one in rows],
        y=[row + BELOW for row, _, _ in rows],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [0 if one.high is None else one.high - one.value for _, _, one in rows],
            "arrayminus": [0 if one.low is None else one.value - one.low for _, _, one in rows],
            "color": color,
            "thickness": 2,
        },
        mode="markers",
        marker={"color": color, "symbol": symbol, "size": 10, "line": {"width": 2}},
        customdata=[_hover(effect) for _, effect, _ in rows],
        hovertemplate="%{customdata}<extra></extra>",
        name=kind,
    )


def _labels(shown: Sequence[Effect]) -> list[dict[str, Any]]:
    """The name of each change, above its interval."""
    texts = (f"<b>{html(_label(effect))}</b>" for effect in shown)
    return [_line(row - BELOW, text) for row, text in enumerate(texts)]


def _refusals(shown: Sequence[Effect]) -> list[dict[str, Any]]:
    """For each effect without an estimate: its split, or else the reason."""
    return [
        _line(row + BELOW, f"<i>{html(elided(_unmeasured(effect), 76))}</i>")
        for row, effect in enumerate(shown)
        if effect.estimate is None
    ]


def _unmeasured(effect: Effect) -> str:
    why = printable(effect.refusal or "").partition(", so ")[0]
    if effect.split is None:
        return why
    return f"no test: {why.partition(':')[0]} · {mix_and_skill_text(effect.split)}"


def _line(y: float, text: str) -> dict[str, Any]:
    place = {"x": 0, "xref": "paper", "xanchor": "left", "showarrow": False, "align": "left"}
    return {**place, "y": y, "text": text, "bgcolor": "rgba(0,0,0,0)", "font": {"size": 11}}


def _label(effect: Effect) -> str:
    numbers = " to ".join(map(str, sorted({effect.numbers[0], effect.numbers[-1]})))
    return f"{numbers} · to {elided(task_text(effect.group.changes[-1].task), 24)}"


def _hover(effect: Effect) -> str:
    one = card(effect)
    lines = [one.title, *one.edits, one.headline, one.detail, *(f"! {caution}" for caution in one.cautions)]
    return "<br>".join(html(elided(line, 110)) for line in lines if line)
