"""The spans of the tasks: from when to when slots ran one task."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from envcfg.analysis.tasks.families import Families
from envcfg.history.history import History
from envcfg.history.parameters import Ranges
from envcfg.history.spread import Spread

SEVERAL_TASKS: Final = "(several tasks)"
"""Stands for the task where slots differed, and none had a task in more than half of them."""


class TaskSpan(NamedTuple):
    """The steps [start, end) in which more than half of the living slots ran one task, or none did."""

    start: float
    end: float
    task: str | None


def task_spans(history: History, end: float, ranges: Ranges, of: Families) -> tuple[TaskSpan, ...]:
    """The family of tasks that more than half of the living slots ran, over steps up to *end*."""
    held: list[tuple[float, str | None]] = []
    for step, spread in zip(*history.parameters.column_moved(history.parameters.tasks, ranges), strict=True):
        name = _most(spread, of)
        if not held or held[-1][1] != name:
            held.append((step, name))
    return tuple(TaskSpan(step, stop, task) for (step, task), (stop, _) in pairwise([*held, (end, None)]))


def _most(spread: Spread, of: Families) -> str | None:
    """The family with more than half of the weight, or `SEVERAL_TASKS`."""
    weights: Counter[str | None] = Counter()
    for task, weight in zip(spread.values, spread.weights, strict=True):
        name = task if isinstance(task, str) else None
        weights[of.get(name, name)] += weight  # type: ignore[assignment]  # a part of the steps
    name, weight = weights.most_common(1)[0]
    return name if 2 * weight > weights.total() else SEVERAL_TASKS


def thinned(every: Iterable[TaskSpan], start: float, end: float, *, most: int) -> tuple[TaskSpan, ...]:
    """The spans from *start* to *end*. If there are more than *most*, the longest task of each of *most* parts."""
    found = [
        TaskSpan(max(start, low), min(end, high), task) for low, high, task in every if low <= end and high >= start
    ]
    return tuple(found if len(found) <= most else _merged(found, most))


def longest_tasks(every: Iterable[TaskSpan], *, most: int) -> tuple[str | None, ...]:
    """The *most* tasks that more than half of the slots ran for most steps, in order of their first span."""
    lengths: dict[str | None, float] = {}
    for span in every:
        if span.task != SEVERAL_TASKS:
            lengths[span.task] = lengths.get(span.task, 0.0) + span.end - span.start
    kept = set(sorted(lengths, key=lambda task: -lengths[task])[:most])
    return tuple(task for task in lengths if task in kept)


def _merged(found: Sequence[TaskSpan], most: int) -> list[TaskSpan]:
    start, end = found[0].start, found[-1].end
    times: list[Counter[str | None]] = [Counter() for _ in range(most)]
    width = (end - start) / most or 1.0
    for span in found:
        first, last = (min(most - 1, int((step - start) / width)) for step in (span.start, span.end))
        for part in range(first, last + 1):
            low, high = start + part * width, start + (part + 1) * width
            times[part][span.task] += max(0, round(min(high, span.end) - max(low, span.start)))
    tasks = [counts.most_common(1)[0][0] if counts else None for counts in times]
    return [TaskSpan(round(start + i * width), round(start + (i + 1) * width), task) for i, task in enumerate(tasks)]
