"""One parameter over all runs of a sweep: its value over the slots of each run at each step, and the run's outcome."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from envcfg.analysis.groups import Run, metric_of, picked, runs
from envcfg.analysis.run.lanes import Lane, lane, parts
from envcfg.core.diff import Absent, identity
from envcfg.core.errors import SourceError
from envcfg.core.path import dotted, matches
from envcfg.core.selection import nearest
from envcfg.core.tree import Path, Tree, leaves
from envcfg.history.history import History
from envcfg.history.spread import Spread, is_number
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SweepRun

SEVERAL: Final = "(several values)"
"""Stands for the value where slots differ, and none has a value in more than half of them."""
COLUMNS: Final = 120
MAX_RUNS: Final = 200
ASKED: Final = 24
"""The most runs that are searched for the parameter that changes most."""


class Cells(NamedTuple):
    """The row of a run: in each column the position of its value; None before its first config and after its end."""

    run: Run
    values: tuple[int | None, ...]


class ParameterGrid(NamedTuple):
    """A row for each run, the best outcome first, and columns of equal width."""

    path: Path
    metric: str
    bounds: tuple[float, ...]
    values: tuple[Tree | Absent, ...]
    """All values that occur: first the numbers in order, then the others in order of appearance."""
    rows: tuple[Cells, ...]
    runs: int
    """The number of all runs, also of those without a row."""
    notes: tuple[str, ...]


def parameter(
    sweep: Iterable[SweepRun], param: str | None = None, *, metric_name: MetricChoice = None
) -> ParameterGrid:
    """The parameter with the dotted key *param* (or a glob) in all runs; by default the one that changed in most runs.

    Raises `SourceError` if no run has such a parameter.
    """
    found = runs(sweep, metric_name)
    shown = [found[index] for index in picked(len(found), MAX_RUNS)]
    path = _path(shown, param)
    end = max(1, *(run.history.last_step for run in shown))
    bounds = tuple(end * column / COLUMNS for column in range(COLUMNS + 1))
    lanes = [lane(run.history, path, parts(run.history, 0, run.history.last_step)) for run in shown]
    values = _distinct(_summary(spread) for line in lanes for spread in line.spreads)
    places = {identity(value): place for place, value in enumerate(values)}
    notes = []
    if len(shown) < len(found):
        notes.append(f"{len(shown)} of {len(found):,} runs are shown, evenly spaced by outcome")
    if not all(line.agrees for line in lanes):
        notes.append("where slots of a run differ: their median, or the value of more than half of them")
    return ParameterGrid(
        path=path,
        metric=metric_of(found),
        bounds=bounds,
        values=values,
        rows=tuple(Cells(run, _cells(line, run, bounds, places)) for run, line in zip(shown, lanes, strict=True)),
        runs=len(found),
        notes=tuple(notes),
    )


def _path(shown: Sequence[Run], param: str | None) -> Path:
    """The key that matches *param* and changed in most runs; of several, the one that changed most often."""
    asked = [shown[index] for index in picked(len(shown), ASKED)]
    changed: Counter[Path] = Counter()
    times: Counter[Path] = Counter()
    for run in asked:
        counts = run.history.parameters.changes
        changed.update(counts.keys())
        times.update(counts)
    wanted = [path for path in changed if param is None or matches(path, param)]
    if not wanted and param is not None:
        wanted = [path for run in asked for path in _leaves(run.history) if matches(path, param)]
    if not wanted and param is None:
        raise SourceError(f"nothing changed in any of {len(shown):,} runs: name the parameter to show")
    if not wanted:
        some = ", ".join(dotted(path) for path, _ in changed.most_common(8)) or "none"
        close = nearest(param or "", (dotted(path) for run in asked for path in _leaves(run.history) if path))
        near = f"; did you mean {', '.join(close)}?" if close else ""
        raise SourceError(f"no run has a parameter {param}; these changed: {some}{near}")
    return max(wanted, key=lambda path: (changed[path], times[path]))


def _leaves(history: History) -> Iterable[Path]:
    return (path for config in history.configs.values() for path, _ in leaves(config))


def _summary(spread: Spread) -> Tree | Absent:
    """One value for the cell of a heatmap: the median of numbers; of other values that of most slots, or `SEVERAL`."""
    if spread.is_one or not spread.is_numeric:
        return spread.value if spread.has_majority else SEVERAL
    median = spread.quantile(0.5)
    return spread.value if median is None else median


def _distinct(values: Iterable[Tree | Absent]) -> tuple[Tree | Absent, ...]:
    """Each value once: numbers in order, then the others."""
    found = list({identity(value): value for value in values}.values())
    numbers = [value for value in found if is_number(value)]
    others = [value for value in found if not is_number(value)]
    return (*sorted(numbers, key=float), *others)  # type: ignore[arg-type]  # they are numbers


def _cells(line: Lane, run: Run, bounds: Sequence[float], places: Mapping[bytes | None, int]) -> tuple[int | None, ...]:
    """The position of the value in the middle of each column."""
    middles = [(low + high) / 2 for low, high in pairwise(bounds)]
    before = [bisect_right(line.steps, middle) for middle in middles]
    return tuple(
        places[identity(_summary(line.spreads[count - 1]))] if count and middle <= run.history.last_step else None
        for count, middle in zip(before, middles, strict=True)
    )
