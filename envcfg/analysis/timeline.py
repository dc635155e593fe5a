"""The data of the timeline: what most slots ran at each step, what changed when and why, and the metric above it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from envcfg.analysis.axis import Axis, axis
from envcfg.analysis.curve import Curve, curve
from envcfg.analysis.dominant import Lane, Span, lane, spans, varying
from envcfg.analysis.sampling import clusters
from envcfg.analysis.wording import change_text
from envcfg.core.path import dotted
from envcfg.history.history import History
from envcfg.history.metrics import Series
from envcfg.history.transactions import Transaction

MAX_MARKS: Final = 100
MAX_SPANS: Final = 300
MAX_LANES: Final = 10
MAX_CUTS: Final = 60
"""With more marks than these the metric's band is not cut at them: it would be nothing but cuts."""
GRID: Final = 240


class Mark(NamedTuple):
    """A change, or several that are too close together to be drawn apart."""

    step: int
    kinds: Mapping[str, int]
    """How many changes of each kind of cause, most frequent first."""
    transactions: tuple[Transaction, ...]
    changes: tuple[str, ...]
    """Of a change that stands alone: each leaf, old and new."""


class Timeline(NamedTuple):
    """Everything that a timeline shows, by environment step; `axis` says where a step stands."""

    run: str
    last_step: int
    axis: Axis
    epochs: Axis | None
    """Which epoch a step was in; None where none was recorded."""
    transactions: int
    curve: Curve | None
    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    lanes: tuple[Lane, ...]
    notes: tuple[str, ...]
    """What was left out, in words."""
    grid: tuple[float, ...]
    """Steps at which a hover can ask what was in force: the metric's own, and those of the marks."""


def timeline(
    history: History,
    *,
    metric: Series | None = None,
    params: Sequence[str] | None = None,
    x: str = "step",
    most_lanes: int = MAX_LANES,
) -> Timeline:
    """The timeline of a history under *metric*; *params* are globs over dotted places, by default all that changed.

    *x* is `step`, `epoch` or `time`; raises `SourceError` for one that the run recorded nothing of.
    """
    shown_metric = metric if metric is not None and metric.steps else None
    end = max(history.last_step, int(shown_metric.steps[-1]) if shown_metric else 0)
    held, counts = varying(history)
    paths = [path for path in counts if params is None or any(fnmatchcase(dotted(path), glob) for glob in params)]
    shown = set(sorted(paths, key=lambda path: -counts[path])[:most_lanes])
    across = axis(history, x, metric)
    marks = _marks(history, across)
    line = curve(shown_metric, cuts=_cuts(marks)) if shown_metric else None
    tasks = spans(history, end, most=MAX_SPANS)
    return Timeline(
        run=history.run,
        last_step=end,
        axis=across,
        epochs=None if history.last_epoch is None else axis(history, "epoch", metric),
        transactions=len(history.transactions),
        curve=line,
        spans=tasks,
        marks=marks,
        lanes=tuple(lane(history, path, held) for path in paths if path in shown),
        notes=tuple(_notes(history, metric, unshown=len(paths) - len(shown), marks=len(marks), spans=len(tasks))),
        grid=_grid(line, marks, end),
    )


def _cuts(marks: Sequence[Mark]) -> list[int]:
    return [mark.step for mark in marks] if len(marks) <= MAX_CUTS else []


def _grid(line: Curve | None, marks: Sequence[Mark], end: int) -> tuple[float, ...]:
    even = [end * index / GRID for index in range(GRID)]
    steps = even if line is None else [step for stretch in line.stretches for step in stretch.steps]
    return tuple(sorted({*steps, *(mark.step for mark in marks), end}))


def _marks(history: History, across: Axis) -> tuple[Mark, ...]:
    transactions = history.transactions
    groups = clusters([across.at(transaction.step) for transaction in transactions], MAX_MARKS)
    return tuple(_mark(history, [transactions[index] for index in group]) for group in groups)


def _mark(history: History, group: Sequence[Transaction]) -> Mark:
    kinds = dict(Counter(map(kind_of, group)).most_common())
    changes = map(change_text, history.changes(group[0])) if len(group) == 1 else ()
    return Mark(group[0].step, kinds, tuple(group), tuple(changes))


def kind_of(transaction: Transaction) -> str:
    """What gave a slot its first config is `initial`, also where nobody said so."""
    if transaction.cause is not None:
        return transaction.cause.kind
    return "initial" if transaction.is_initial else "cause not recorded"


def _notes(history: History, metric: Series | None, *, unshown: int, marks: int, spans: int) -> list[str]:
    notes = []
    if unshown:
        notes.append(f"{unshown:,} more parameter{'s' * (unshown != 1)} changed")
    if marks < len(history.transactions):
        notes.append(f"{len(history.transactions):,} changes are drawn as {marks} marks")
    if spans == MAX_SPANS:
        notes.append("of each short stretch, the longest task is coloured")
    if metric is not None and metric.axis == "_step":
        notes.append("the metric's own log step was taken for the environment step")
    return notes
