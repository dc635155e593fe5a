"""The data of the timeline: the parameters and tasks of the living slots, the changes, and the metric."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from envcfg.analysis.axis import Axis, axis
from envcfg.analysis.formatting import changes_text, count_text
from envcfg.analysis.placement import placement
from envcfg.analysis.run.curve import Curve, curve
from envcfg.analysis.run.draw_bands import Bands, bands
from envcfg.analysis.run.events import Event, events
from envcfg.analysis.run.lanes import Lane, lane, parts
from envcfg.analysis.run.new_keys import edit_text_of
from envcfg.analysis.run.requests import never_effective_text
from envcfg.analysis.run.sampling import clusters
from envcfg.analysis.run.task_spans import TaskSpan, longest_tasks, task_spans, thinned
from envcfg.analysis.tasks.families import Families, families, family_notes
from envcfg.core.diff import Edit
from envcfg.core.path import matches
from envcfg.core.record import Phase
from envcfg.core.selection import warn_or_raise
from envcfg.core.tree import Path
from envcfg.history.changes import Change, Entries
from envcfg.history.history import History
from envcfg.history.queries.selected import without_keys
from envcfg.sources.series import Series

MAX_MARKS: Final = 100
MAX_SPANS: Final = 150
MAX_TASKS: Final = 10
MAX_LANES: Final = 10
MAX_CUTS: Final = 60
"""With more marks, the band of the metric is not cut at them: too little of it would be left."""
GRID: Final = 240
INITIAL: Final = "initial config"


class Mark(NamedTuple):
    """One change or initial config, or several that are too close together to draw separately."""

    step: int
    kinds: Mapping[str, int]
    """The number of changes of each kind of cause, and of initial configs, the most frequent first."""
    changes: Sequence[Change]
    edits: tuple[str, ...]
    """The edits as text; only for a single change."""
    lags: tuple[int, int] | None = None
    """Steps from the request to the first and to the last adoption; only for a single change."""


class IneffectiveKey(NamedTuple):
    """A key that was first requested at this step and never became effective."""

    step: int
    text: str


class Timeline(NamedTuple):
    """Everything that a timeline shows, by environment step; `axis` gives the position of a step."""

    run: str
    first_step: float
    last_step: float
    axis: Axis
    epochs: Axis | None
    """The epoch of each step; None if no epoch was recorded."""
    changes: int
    """The number of changes in the shown part. The initial configs are not counted, but have a mark."""
    curve: Curve | None
    spans: tuple[TaskSpan, ...]
    tasks: tuple[str | None, ...]
    """The tasks that were in force longest in the whole run, one for each colour."""
    marks: tuple[Mark, ...]
    ineffective_keys: tuple[IneffectiveKey, ...]
    lanes: tuple[Lane, ...]
    drawn: tuple[Bands, ...]
    """The parameters of a randomised environment."""
    events: tuple[Event, ...]
    phases: tuple[Phase, ...]
    """The phases that begin within the shown part, the first one excluded."""
    notes: tuple[str, ...]
    """Sentences about what is not shown."""
    grid: tuple[float, ...]
    """The steps with a hover text: those of the metric and of the marks."""


def timeline(
    history: History,
    *,
    metric: Series | None = None,
    params: Sequence[str] | None = None,
    x: str = "step",
    most_lanes: int = MAX_LANES,
    between: tuple[float, float] | None = None,
) -> Timeline:
    """The timeline of a history with *metric*. *params* are globs for dotted keys; by default all keys that changed.

    *x* is `step`, `epoch` or `time`. *between* two steps, it has as many points and marks as a whole run. Raises
    `SourceError` for an *x* that the run did not record.
    """
    shown_metric = metric if metric is not None and metric.steps else None
    end = max(history.last_step, int(shown_metric.steps[-1]) if shown_metric else 0)
    first, last = between or (0, end)
    counts = history.parameters.changes
    drawn = _drawn(history, params, first, last)[:most_lanes]
    stated = {bands.path for bands in drawn}
    paths = [path for path in counts if params is None or any(matches(path, glob) for glob in params)]
    warn_or_raise(_unshown(history, params or (), [*paths, *stated]), is_anything_left=True)
    paths = [path for path in paths if path[:-1] not in stated]
    shown = set(sorted(paths, key=lambda path: -counts[path])[:most_lanes])
    across = axis(history, x, metric)
    inside = history.changes.with_initial.between(first, last)
    marks = _marks(history, inside, across)
    ineffective_keys = tuple(_ineffective_keys(history, first, last))
    line = curve(_within(shown_metric, first, last), cuts=_cuts(marks)) if shown_metric else None
    ranges = parts(history, first, last)
    kin = families(history.adopted, most=MAX_TASKS)
    every = task_spans(history, end, parts(history, 0, end) if between else ranges, kin)
    found = thinned(every, first, last, most=MAX_SPANS)
    longest = longest_tasks(thinned(every, 0, end, most=MAX_SPANS), most=MAX_TASKS)
    notes = _notes(metric, unshown=len(paths) - len(shown), marks=len(marks), inside=inside, spans=len(found), of=kin)
    return Timeline(
        run=history.run,
        first_step=first,
        last_step=last,
        axis=across,
        epochs=None if history.last_epoch is None else axis(history, "epoch", metric),
        changes=len(history.changes.between(first, last)),
        curve=line if line and line.steps else None,
        spans=found,
        tasks=longest,
        marks=marks,
        ineffective_keys=ineffective_keys,
        lanes=tuple(lane(history, path, ranges).within(first, last) for path in paths if path in shown),
        drawn=drawn,
        events=tuple(events(history, first, last)),
        phases=tuple(phase for phase in history.phases if phase.number and first <= phase.step <= last),
        notes=tuple(notes),
        grid=_grid(line, (*marks, *ineffective_keys), first, last),
    )


def _drawn(history: History, params: Sequence[str] | None, first: float, last: float) -> tuple[Bands, ...]:
    """The bands of the drawn parameters; those of which no number was drawn are left out."""
    chosen = [
        parameter
        for parameter in history.drawn_parameters.values()
        if params is None or any(matches(parameter.path, glob) for glob in params)
    ]
    found = (bands(parameter, first, last) for parameter in chosen)
    return tuple([each for each in found if each is not None])


def _unshown(history: History, params: Sequence[str], paths: Sequence[Path]) -> list[str]:
    """A sentence for each of *params* without a row: no config has such a key, or its value never changed."""
    idle = [param for param in params if not any(matches(path, param) for path in paths)]
    unknown = [(param, without_keys(history, [param])) for param in idle]
    return [text for param, said in unknown for text in said or [f"{param} never changed in run {history.run}"]]


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
    own = [step for segment in line.segments for step in segment.steps] if line else []
    return tuple(sorted({*own, *(even if len(own) < GRID else ()), *(mark.step for mark in marks), last}))


def _marks(history: History, inside: Entries, across: Axis) -> tuple[Mark, ...]:
    steps = inside.steps
    groups = clusters(len(inside), lambda index: across.at(steps[index]), MAX_MARKS)
    text = edit_text_of(history)
    return tuple(_mark(history, inside.part(group.start, group.stop), text) for group in groups)


def _mark(history: History, group: Entries, text: Callable[[Change, Edit], str]) -> Mark:
    first = group[0]
    edits = [text(first, edit) for edit in history.edits(first)] if len(group) == 1 else ()
    return Mark(first.step, kinds_of(group), group, tuple(edits), _lags(history, group))


def kinds_of(group: Entries) -> Mapping[str, int]:
    """The number of changes of each kind of cause, and of initial configs as `INITIAL`, the most frequent first."""
    counts: Counter[str] = Counter()
    for cause, count in group.causes.items():
        counts["cause not recorded" if cause is None else cause.kind] += count
    counts[INITIAL] += len(group) - counts.total()
    return {kind: count for kind, count in counts.most_common() if count}


def _lags(history: History, group: Sequence[Change]) -> tuple[int, int] | None:
    first, asked = group[0], group[0].requested_at
    if not history.requests or len(group) > 1 or asked is None:
        return None
    return first.step - asked, first.last_step - asked


def kind_of(change: Change) -> str:
    """The kind of the cause of a change; `INITIAL` for an initial config."""
    if change.is_initial:
        return INITIAL
    return "cause not recorded" if change.cause is None else change.cause.kind


def _notes(
    metric: Series | None, *, unshown: int, marks: int, inside: Sequence[Change], spans: int, of: Families
) -> list[str]:
    notes = []
    if unshown:
        more = f"{count_text(unshown, 'more parameter')} changed"
        notes.append(f'{more}: choose with params=["KEY", "GLOB"], or on the command line with --param KEY')
    if marks < len(inside):
        notes.append(f"{changes_text(inside)} are shown as {marks} marks")
    notes += family_notes(of)
    if spans == MAX_SPANS:
        notes.append("in each short part, the colour is that of the longest task")
    placed = None if metric is None else placement(metric)
    return notes if placed is None else [*notes, placed]
