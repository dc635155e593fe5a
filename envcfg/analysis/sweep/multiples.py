"""Small multiples: one curve for each run of a sweep, with its changes."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from envcfg.analysis.groups import Run, metric_of, picked, runs
from envcfg.analysis.placement import placements
from envcfg.analysis.run.curve import Curve, curve
from envcfg.analysis.run.sampling import clusters
from envcfg.analysis.run.timeline import kinds_of
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SweepRun

MAX_PANELS: Final = 24
MAX_MARKS: Final = 16
"""The most marks of one panel. With more changes, neighbouring ones share a mark."""


class PanelMark(NamedTuple):
    """One change, or several that are close together; `value` is the metric there."""

    step: float
    value: float
    kinds: Mapping[str, int]
    first: int
    """The number of the first change."""


class Panel(NamedTuple):
    """One run: its metric and its changes, without the initial config."""

    run: Run
    curve: Curve | None
    marks: tuple[PanelMark, ...]


class Multiples(NamedTuple):
    """One panel for each run, the best outcome first."""

    metric: str
    panels: tuple[Panel, ...]
    runs: int
    end: float
    notes: tuple[str, ...]
    """Sentences about what is not shown."""


def multiples(sweep: Iterable[SweepRun], *, metric_name: MetricChoice = None) -> Multiples:
    """A panel for each run. Raises `SourceError` if there are no runs, or none has the metric."""
    found = runs(sweep, metric_name)
    shown = [found[index] for index in picked(len(found), MAX_PANELS)]
    panels = tuple(map(_panel, shown))
    notes = []
    if len(shown) < len(found):
        notes.append(f"{len(shown)} of {len(found):,} runs are shown, evenly spaced by outcome")
    if any(sum(mark.kinds.values()) > 1 for panel in panels for mark in panel.marks):
        notes.append("a larger mark means several changes")
    notes += placements(run.series for run in found if run.series)
    return Multiples(metric_of(found), panels, len(found), max(run.history.last_step for run in shown), tuple(notes))


def _panel(run: Run) -> Panel:
    if run.series is None:
        return Panel(run, None, ())
    changes = run.history.changes
    steps = changes.steps
    groups = clusters(len(changes), steps.__getitem__, MAX_MARKS)
    line = curve(run.series, cuts=steps if len(changes) <= MAX_MARKS else ())
    marks = [
        PanelMark(
            steps[group.start],
            _value(line, steps[group.start]),
            kinds_of(changes.part(group.start, group.stop)),
            changes[group.start].number,
        )
        for group in groups
    ]
    return Panel(run, line, tuple(marks))


def _value(line: Curve, step: float) -> float:
    """The running median of the metric at the point nearest to *step*."""
    points = [(abs(at - step), band.median) for part in line.segments for at, band in zip(*part, strict=True)]
    return min(points)[1]
