"""The effects of the changes of a run, one row each, with intervals; or the reason why there is no effect."""

from collections.abc import Sequence
from typing import Any, Final

from plotly import graph_objects as go

from envcfg.analysis.effects.effect import Effect
from envcfg.analysis.effects.effect import effects as measured
from envcfg.analysis.effects.formatting import card, mix_and_skill_text, summary_text
from envcfg.analysis.formatting import count_text, elided, printable, task_text
from envcfg.analysis.placement import placements
from envcfg.core.errors import SourceError
from envcfg.figures.frame import framed, legend, sized
from envcfg.figures.layout import legend_height
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
PLAIN: Final = "no effect: plain difference of the means"
_KINDS: Final = {
    FOUND: (LINES[0], "circle"),
    NOISE: (INK, "circle"),
    UNTESTED: (INK, "circle-open"),
    UNCORRECTED: (INK, "x-thin-open"),
    PLAIN: (INK, "diamond-open"),
}
"""The colour and the symbol of each kind. Only tested changes are filled."""
WIDEST: Final = 6
"""The axis shows intervals up to this many times as wide as the middle one. Wider ones are cut."""
CUT: Final = 1.6
"""How much farther than the farthest of the other marks the axis reaches if an interval is cut."""


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
    'jump in returns after removing the trend'
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
    spans = [span for span in map(_span, shown) if span is not None]
    limit = _limit(spans)
    for kind, style in _KINDS.items():
        rows = [(row, each) for row, each in enumerate(shown) if _kind(each) == kind]
        if rows:
            _intervals(figure, rows, kind, style)
    height = ROW * len(shown)
    figure.update_layout(
        shapes=[{"x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper", "line": {"dash": "dot", "color": INK}}],
        annotations=[*_labels(shown), *_arrows(shown, limit)],
        xaxis={
            "title": {"text": f"jump in {html(printable(found[0].metric))} after removing the trend", "standoff": 6},
            "range": None if limit is None else [-limit, limit],
        },
        yaxis={"visible": False, "range": [len(shown) - 0.5, -0.5], "fixedrange": True},
        legend=legend(height),
        hovermode="closest",
        showlegend=True,
    )
    cut = 0 if limit is None else sum(max(abs(low), abs(high)) > limit for low, _, high in spans)
    notes = [f"the first {MOST} are shown"] if len(found) > MOST else []
    notes += [f"{count_text(cut, 'interval')} wider than the axis, with an arrow"] if cut else []
    notes += placed
    said = f"{summary_text(found)}; an association does not prove a cause"
    bottom = 72 + legend_height([trace.name for trace in figure.data])
    return framed(figure, title=run, said=said, notes=notes, height=height, bottom=bottom, left=24, right=24)


def _kind(effect: Effect) -> str | None:
    """What a mark stands for; None without an estimate and without plain means."""
    found = effect.estimate
    if found is None:
        return None if effect.means is None else PLAIN
    if found.correction is None:
        return UNCORRECTED
    if found.p is None:
        return UNTESTED
    return FOUND if card(effect).is_found else NOISE


def _span(effect: Effect) -> tuple[float, float, float] | None:
    """The ends of the interval of a mark, and the mark between them."""
    found = effect.estimate
    if found is None:
        return None if effect.means is None else (effect.means[1] - effect.means[0],) * 3
    low, high = (found.value if end is None else end for end in (found.low, found.high))
    return low, found.value, high


def _limit(spans: Sequence[tuple[float, float, float]]) -> float | None:
    """The end of the axis if one interval would squash all others; None if all of them fit."""
    widths = sorted(high - low for low, _, high in spans if high > low)
    if not widths or widths[-1] <= WIDEST * widths[(len(widths) - 1) // 2]:
        return None
    usual = WIDEST * widths[(len(widths) - 1) // 2]
    kept = [abs(end) for span in spans for end in (span if span[2] - span[0] <= usual else span[1:2])]
    return CUT * max(kept)


def _arrows(shown: Sequence[Effect], limit: float | None) -> list[dict[str, Any]]:
    """An arrow at each end of an interval that the axis cuts."""
    ends = [(row, end) for row, effect in enumerate(shown) for end in (_span(effect) or ())[::2]]
    cut = [(row, end) for row, end in ends if limit is not None and abs(end) > limit]
    left = [_line(row + BELOW, "◀") for row, end in cut if end < 0]
    return left + [_line(row + BELOW, "▶") | {"x": 1, "xanchor": "right"} for row, end in cut if end > 0]


def _intervals(figure: go.Figure, shown: Sequence[tuple[int, Effect]], kind: str, style: tuple[str, str]) -> None:
    color, symbol = style
    spans = [(row, effect, span) for row, effect in shown if (span := _span(effect)) is not None]
    figure.add_scatter(
        x=[middle for _, _, (_, middle, _) in spans],
        y=[row + BELOW for row, _, _ in spans],
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [high - middle for _, _, (_, middle, high) in spans],
            "arrayminus": [middle - low for _, _, (low, middle, _) in spans],
            "color": color,
            "thickness": 2,
        },
        mode="markers",
        marker={"color": color, "symbol": symbol, "size": 10, "line": {"width": 2}},
        customdata=[_hover(effect) for _, effect, _ in spans],
        hovertemplate="%{customdata}<extra></extra>",
        name=kind,
    )


def _labels(shown: Sequence[Effect]) -> list[dict[str, Any]]:
    """The name of each change above its mark. If there is no estimate, the reason follows."""
    return [_line(row - BELOW, f"<b>{html(_label(effect))}</b>{_reason(effect)}") for row, effect in enumerate(shown)]


def _reason(effect: Effect) -> str:
    return "" if effect.estimate is not None else f"  <i>{html(elided(_unmeasured(effect), 66))}</i>"


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
