"""The positions of the rows of a timeline. All share one x axis, so that one hover shows all rows."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from envcfg.analysis.formatting import elided, printable, task_text
from envcfg.analysis.run.task_spans import SEVERAL_TASKS
from envcfg.core.path import dotted
from envcfg.core.tree import Path

METRIC: Final = 250
MARKS: Final = 22
TASKS: Final = 18
LANE: Final = 34
WIDE_LANE: Final = 54
"""The height of a lane in which slots differ."""
GAP: Final = 20
BOTTOM: Final = 64
LEGEND: Final = 20
"""Heights in pixels; `LEGEND` is the height of one line of the legend."""
PAGE: Final = 806
"""The width in pixels of a figure whose width is not known."""
_SIDES: Final = 146
_ENTRY: Final = (6, 48)
"""The pixels beside a legend; the pixels of a character in it, and those of its symbol and of the space around it."""


class Row(NamedTuple):
    """One y axis: its name in a trace (`y2`), in the layout (`yaxis2`), and its place in [0, 1]."""

    axis: str
    key: str
    domain: tuple[float, float]


class Rows(NamedTuple):
    """The rows from top to bottom: marks, metric, tasks, lanes."""

    marks: Row
    metric: Row
    tasks: tuple[float, float]
    lanes: tuple[Row, ...]
    height: int
    """The height of all rows together, in pixels."""


def domains(*, has_metric: bool, lanes: Sequence[int]) -> Rows:
    """The rows of a figure; *lanes* are the heights of the parameters in pixels."""
    inner = _rows_height(has_metric=has_metric, lanes=lanes)
    top = float(inner)

    def take(height: float, gap: float) -> tuple[float, float]:
        nonlocal top
        place = (max(0.0, (top - height) / inner), top / inner)
        top -= height + gap
        return place

    marks = _row(1, take(MARKS, 0))
    metric = _row(2, take(METRIC if has_metric else 0, 6 if has_metric else 0))
    tasks = take(TASKS, GAP)
    rows = tuple(_row(3 + index, take(height, GAP)) for index, height in enumerate(lanes))
    return Rows(marks, metric, tasks, rows, inner)


def legend_height(names: Sequence[str], width: int = PAGE) -> int:
    """The height of a legend with these *names* in a figure of this *width*. All entries are as wide as the longest."""
    character, around = _ENTRY
    in_a_row = max(1, (width - _SIDES) // (character * max(map(len, names), default=0) + around))
    return LEGEND * -(-len(names) // in_a_row)


def row_names(paths: Sequence[Path]) -> list[str]:
    """Short names: the end of each dotted key, long enough that no two are the same."""
    names: list[str] = []
    for path in paths:
        lengths = (length for length in range(1, len(path)) if _has_two_keys(path[-length:]))
        alone = (length for length in lengths if sum(other[-length:] == path[-length:] for other in paths) == 1)
        names.append(elided(printable(dotted(path[-next(alone, len(path)) :])), 44))
    return names


def short_tasks(tasks: Sequence[str | None]) -> dict[str | None, str]:
    """Names of tasks, without the folder that all of them have in common."""
    named = {task for task in tasks if task and task != SEVERAL_TASKS}
    folders = {task.rpartition("/")[0] for task in named}
    skipped = len(folders.pop()) + 1 if len(folders) == 1 and "" not in folders else 0
    return {task: task_text(task[skipped:] if task and task in named else task) for task in tasks}


def _has_two_keys(end: Path) -> bool:
    """Whether the end of a path has at least two keys: `map_builder.width`, `reward.weights[0]`."""
    return isinstance(end[0], str) and sum(isinstance(part, str) for part in end) >= 2


def _row(number: int, domain: tuple[float, float]) -> Row:
    suffix = "" if number == 1 else str(number)
    return Row(f"y{suffix}", f"yaxis{suffix}", domain)


def _rows_height(*, has_metric: bool, lanes: Sequence[int]) -> int:
    return MARKS + (METRIC + 6 if has_metric else 0) + TASKS + sum(lanes) + GAP * len(lanes)
