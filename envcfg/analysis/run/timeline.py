"""The data of the timeline: what most slots ran at each step, what changed when and why, and the metric above it."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from envcfg.analysis.axis import Axis, axis
from envcfg.analysis.run.curve import Curve, curve
from envcfg.analysis.run.dominant import Lane, Span, lane, longest_tasks, spans, thinned, varying
from envcfg.analysis.run.new_keys import remarking
from envcfg.analysis.run.requests import never_effective_text
from envcfg.analysis.run.sampling import clusters
from envcfg.core.diff import Edit
from envcfg.core.path import matches
from envcfg.core.selection import judged
from envcfg.core.tree import Path
from envcfg.history.changes import Change
from envcfg.history.history import History
from envcfg.history.queries.selected import without_keys
from envcfg.sources.series import Series

MAX_MARKS: Final = 100
MAX_SPANS: Final = 150
MAX_TASKS: Final = 10
MAX_LANES: Final = 10
MAX_CUTS: Final = 60
"""With more marks than these the metric's band is not cut at them: it would be nothing but cuts."""
GRID: Final = 240


class Mark(NamedTuple):
    """A change, or several that are too close together to be drawn apart."""

    step: int
    kinds: Mapping[str, int]
    """How many changes of each kind of cause, most frequent first."""
    changes: tuple[Change, ...]
    edits: tuple[str, ...]
    """Of a change that stands alone: each leaf, old and new."""
    lags: tuple[int, int] | None = None
    """Of a change that stands alone: steps from its request to the first and the last slot that adopted it."""


class IneffectiveKey(NamedTuple):
    """A key that was asked for at this step, and never became effective."""

    step: int
    text: str


class Timeline(NamedTuple):
    """Everything that a timeline shows, by environment step; `axis` says where a step stands."""

    run: str
    first_step: float
    last_step: float
    axis: Axis
    epochs: Axis | None
    """Which epoch a step was in; None where none was recorded."""
    changes: int
    curve: Curve | None
    spans: tuple[Span, ...]
    tasks: tuple[str | None, ...]
    """Of the whole run, those that most slots ran longest, as many as have colours of their own."""
    marks: tuple[Mark, ...]
    ineffective_keys: tuple[IneffectiveKey, ...]
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
    between: tuple[float, float] | None = None,
) -> Timeline:
    """The timeline of a history under *metric*; *params* are globs over dotted places, by default all that changed.

    *x* is `step`, `epoch` or `time`; raises `SourceError` for one that the run recorded nothing of. Of a stretch
    *between* two steps, the points and marks are as many as of a whole run.
    """
    shown_metric = metric if metric is not None and metric.steps else None
    end = max(history.last_step, int(shown_metric.steps[-1]) if shown_metric else 0)
    first, last = between or (0, end)
    held, counts = varying(history)
    paths = [path for path in counts if params is None or any(matches(path, glob) for glob in params)]
    judged(_unshown(history, params or (), paths), is_anything_left=True)
    shown = set(sorted(paths, key=lambda path: -counts[path])[:most_lanes])
    across = axis(history, x, metric)
    inside = [change for change in history.changes if first <= change.step <= last]
    marks = _marks(history, inside, across)
    ineffective_keys = tuple(_ineffective_keys(history, first, last))
    line = curve(_within(shown_metric, first, last), cuts=_cuts(marks)) if shown_metric else None
    every = spans(history, end)
    found = thinned(every, first, last, most=MAX_SPANS)
    longest = longest_tasks(thinned(every, 0, end, most=MAX_SPANS), most=MAX_TASKS)
    notes = _notes(metric, unshown=len(paths) - len(shown), marks=len(marks), changes=len(inside), spans=len(found))
    return Timeline(
        run=history.run,
        first_step=first,
        last_step=last,
        axis=across,
        epochs=None if history.last_epoch is None else axis(history, "epoch", metric),
        changes=len(inside),
        curve=line if line and line.steps else None,
        spans=found,
        tasks=longest,
        marks=marks,
        ineffective_keys=ineffective_keys,
        lanes=tuple(lane(history, path, held).within(first, last) for path in paths if path in shown),
        notes=tuple(notes),
        grid=_grid(line, (*marks, *ineffective_keys), first, last),
    )


def _unshown(history: History, params: Sequence[str], paths: Sequence[Path]) -> list[str]:
    """A sentence for each of *params* that gives no row: no config has such a key, or it is the same in all."""
    idle = [param for param in params if not any(matches(path, param) for path in paths)]
    unknown = [(param, without_keys(history, [param])) for param in idle]
    return [text for param, said in unknown for text in said or [f"{param} is the same in all of run {history.run}"]]


def _within(series: Series, first: float, last: float) -> Series:
    low, high = bisect_left(series.steps, first), bisect_right(series.steps, last)
    if high - low == len(series.steps):
        return series
    return replace(series, steps=series.steps[low:high], values=series.values[low:high], epochs=series.epochs[low:high])


def _cuts(marks: Sequence[Mark]) -> list[int]:
    return [mark.step for mark in marks] if len(marks) <= MAX_CUTS else []


def _ineffective_keys(history: History, first: float, last: float) -> Iterator[IneffectiveKey]:
    for ineffective in history.never_effective()[:MAX_MARKS]:
        if first <= ineffective.first_step <= last:
            yield IneffectiveKey(ineffective.first_step, never_effective_text(ineffective))


def _grid(line: Curve | None, marks: Sequence[Mark | IneffectiveKey], first: float, last: float) -> tuple[float, ...]:
    even = [first + (last - first) * index / GRID for index in range(GRID)]
    own = [step for stretch in line.stretches for step in stretch.steps] if line else []
    return tuple(sorted({*own, *(even if len(own) < GRID else ()), *(mark.step for mark in marks), last}))


def _marks(history: History, changes: Sequence[Change], across: Axis) -> tuple[Mark, ...]:
    groups = clusters([across.at(change.step) for change in changes], MAX_MARKS)
    text = remarking(history)
    return tuple(_mark(history, [changes[index] for index in group], text) for group in groups)


def _mark(history: History, group: Sequence[Change], text: Callable[[Change, Edit], str]) -> Mark:
    kinds = dict(Counter(map(kind_of, group)).most_common())
    changes = [text(group[0], change) for change in history.edits(group[0])] if len(group) == 1 else ()
    return Mark(group[0].step, kinds, tuple(group), tuple(changes), _lags(history, group))


def _lags(history: History, group: Sequence[Change]) -> tuple[int, int] | None:
    first, asked = group[0], group[0].requested_at
    if not history.requests or len(group) > 1 or asked is None:
        return None
    return first.step - asked, first.last_step - asked


def kind_of(transaction: Change) -> str:
    """What gave a slot its first config is `initial`, also where nobody said so."""
    if transaction.cause is not None:
        return transaction.cause.kind
    return "initial" if transaction.is_initial else "cause not recorded"


def _notes(metric: Series | None, *, unshown: int, marks: int, changes: int, spans: int) -> list[str]:
    notes = []
    if unshown:
        notes.append(f"{unshown:,} more parameter{'s' * (unshown != 1)} changed")
    if marks < changes:
        notes.append(f"{changes:,} changes are drawn as {marks} marks")
    if spans == MAX_SPANS:
        notes.append("of each short stretch, the longest task is coloured")
    if metric is not None and metric.axis == "_step":
        notes.append("the metric's own log step was taken for the environment step")
    return notes
