"""The data of the timeline: what most slots ran at each step, what changed when and why, and the metric above it."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from envcfg.analysis.dominant import Lane, Span, lane, spans, varying
from envcfg.analysis.sampling import Near, clusters, extremes, near, spread
from envcfg.analysis.wording import change_text
from envcfg.core.path import dotted
from envcfg.history.history import History, Transaction
from envcfg.history.metrics import Series

MAX_POINTS: Final = 2_000
MAX_MARKS: Final = 100
MAX_SPANS: Final = 300
MAX_LANES: Final = 10
BAND_POINTS: Final = 400


class Curve(NamedTuple):
    """A metric, reduced to what can be seen, and what its values are like nearby."""

    name: str
    axis: str
    steps: tuple[float, ...]
    values: tuple[float, ...]
    band_steps: tuple[float, ...]
    band: tuple[Near, ...]


class Mark(NamedTuple):
    """A change, or several that are too close together to be drawn apart."""

    step: int
    kind: str
    """The kind of the cause; `several causes` where they differ."""
    transactions: tuple[Transaction, ...]
    changes: tuple[str, ...]
    """Of a change that stands alone: each leaf, old and new."""


class Timeline(NamedTuple):
    """Everything that a timeline shows."""

    run: str
    last_step: int
    transactions: int
    curve: Curve | None
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    lanes: tuple[Lane, ...]
    notes: tuple[str, ...]
    """What was left out, in words."""


def timeline(
    history: History, *, metric: Series | None = None, params: Sequence[str] | None = None, most_lanes: int = MAX_LANES
) -> Timeline:
    """The timeline of a history under *metric*; *params* are globs over dotted places, by default all that changed."""
    end = max(history.last_step, int(metric.steps[-1]) if metric and metric.steps else 0)
    held, counts = varying(history)
    paths = [path for path in counts if params is None or any(fnmatchcase(dotted(path), glob) for glob in params)]
    shown = set(sorted(paths, key=lambda path: -counts[path])[:most_lanes])
    marks = _marks(history)
    tasks = spans(history, end, most=MAX_SPANS)
    return Timeline(
        run=history.run,
        last_step=end,
        transactions=len(history.transactions),
        curve=None if metric is None else _curve(metric),
        spans=tasks,
        marks=marks,
        lanes=tuple(lane(history, path, held) for path in paths if path in shown),
        notes=tuple(_notes(history, metric, unshown=len(paths) - len(shown), marks=len(marks), spans=len(tasks))),
    )


def _curve(series: Series) -> Curve:
    kept = extremes(series.values, MAX_POINTS)
    places = spread(len(series.values), BAND_POINTS)
    window = max(5, len(series.values) // 40)
    return Curve(
        series.name,
        series.axis,
        tuple(series.steps[index] for index in kept),
        tuple(series.values[index] for index in kept),
        tuple(series.steps[index] for index in places),
        tuple(near(series.values, index, window) for index in places),
    )


def _marks(history: History) -> tuple[Mark, ...]:
    transactions = history.transactions
    groups = clusters([transaction.step for transaction in transactions], MAX_MARKS)
    return tuple(_mark(history, [transactions[index] for index in group]) for group in groups)


def _mark(history: History, group: Sequence[Transaction]) -> Mark:
    kinds = {transaction.cause.kind if transaction.cause else "cause not recorded" for transaction in group}
    kind = kinds.pop() if len(kinds) == 1 else "several causes"
    changes = map(change_text, history.changes(group[0])) if len(group) == 1 else ()
    return Mark(group[0].step, kind, tuple(group), tuple(changes))


def _notes(history: History, metric: Series | None, *, unshown: int, marks: int, spans: int) -> list[str]:
    notes = []
    if unshown:
        notes.append(f"{unshown:,} more parameters changed")
    if marks < len(history.transactions):
        notes.append(f"{len(history.transactions):,} changes are drawn as {marks} marks")
    if spans == MAX_SPANS:
        notes.append("of each short stretch, the longest task is coloured")
    if metric is not None and metric.axis == "_step":
        notes.append("the metric's own log step was taken for the environment step")
    return notes
