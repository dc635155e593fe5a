"""The tasks over a run: the stated probabilities, the adopted shares, and the task of each slot."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple, TypeAlias

from envcfg.analysis.axis import Axis, axis
from envcfg.analysis.groups import picked
from envcfg.analysis.tasks.families import Families, families, family_notes
from envcfg.core.record import Mix
from envcfg.history.adoptions import Adoption, Place
from envcfg.history.history import History

COLUMNS: Final = 160
MAX_TASKS: Final = 10
MAX_SLOTS: Final = 48
MIXES: Final = 4
"""The most mixes that are read for each column, because a curriculum may state thousands of tasks in each epoch."""

Weights: TypeAlias = Mapping[str | None, float]
Shares: TypeAlias = tuple[tuple[float, ...], ...]
"""For each row, its share in each column; all are 0 in a column without data."""


class TaskMix(NamedTuple):
    """Columns of equal width over a run, with a row for each task. A last row is for all other tasks, if any."""

    run: str
    axis: Axis
    bounds: tuple[float, ...]
    """The steps at the edges of the columns: one more than there are columns."""
    tasks: tuple[str | None, ...]
    others: int
    """The number of tasks, or of families of tasks, without a row of their own."""
    every: int
    """The number of all tasks."""
    stated: Shares
    """The task probabilities; empty if the curriculum stated none."""
    adopted: Shares
    """The shares of adoptions at resets, also of unchanged tasks; empty if they were not counted."""
    slots: tuple[Place, ...]
    held: tuple[tuple[int | None, ...], ...]
    """For each slot, the row of its task in the middle of each column; None before its first task."""
    notes: tuple[str, ...]
    """Sentences about what is not shown."""


def task_mix(history: History, *, x: str = "step") -> TaskMix:
    """The task mix of a run; *x* is `step`, `epoch` or `time`."""
    end = max(1, history.last_step)
    bounds = tuple(end * column / COLUMNS for column in range(COLUMNS + 1))
    speaking = [mix for mix in history.mixes if mix.stated]
    stated = [speaking[index] for index in picked(len(speaking), MIXES * COLUMNS)]
    of = families(_named(history, stated), most=MAX_TASKS)
    rows = _rows(history, of)
    others = len(set(of.values()) - rows.keys())
    held = _held(history.adoptions, of)
    places = sorted(held)
    slots = tuple(places[index] for index in picked(len(places), MAX_SLOTS))
    counted = any(mix.adopted for mix in history.mixes)
    return TaskMix(
        run=history.run,
        axis=axis(history, x),
        bounds=bounds,
        tasks=tuple(rows),
        others=others,
        every=len(of),
        stated=_shares(_stated(stated, bounds, of), rows, others) if stated else (),
        adopted=_shares(_adopted(history.mixes, bounds, of), rows, others) if counted else (),
        slots=slots,
        held=tuple(_in_force(held[slot], bounds, rows) for slot in slots),
        notes=(*family_notes(of), *_notes(others, len(places), len(slots))),
    )


def _named(history: History, stated: Iterable[Mix]) -> Iterable[str | None]:
    """Every task: first in the order of the statements, then those without a statement in order of adoption."""
    yield from (task or None for mix in stated for task in mix.stated or ())
    yield from (adoption.record.task for adoption in history.adoptions)


def _rows(history: History, of: Families) -> Mapping[str | None, int]:
    """The row of each family, in their order. If there are too many, only the most frequent have a row."""
    order = list(dict.fromkeys(of.values()))
    weights: Counter[str | None] = Counter()
    for task, count in history.adopted.items():
        weights[of.get(task or None, task or None)] += count
    most = set(order)
    if len(order) > MAX_TASKS:
        most = set(sorted(order, key=lambda task: -weights[task])[: MAX_TASKS - 1])
    return {task: row for row, task in enumerate(task for task in order if task in most)}


def _stated(mixes: Sequence[Mix], bounds: Sequence[float], of: Families) -> list[Weights]:
    """The sum of the statements within each column; in a column without one, the last statement before it."""
    steps = [mix.step for mix in mixes]
    found: list[Weights] = []
    for low, high in pairwise(bounds):
        first, after = bisect_left(steps, low), bisect_left(steps, high)
        inside = mixes[first:after] or mixes[max(0, first - 1) : first]
        sums: dict[str | None, float] = {}
        for mix in inside:
            for task, share in (mix.stated or {}).items():
                family = of[task or None]
                sums[family] = sums.get(family, 0.0) + share
        found.append(sums)
    return found


def _adopted(mixes: Sequence[Mix], bounds: Sequence[float], of: Families) -> list[Weights]:
    """The adoptions in each column: those of a mix are spread evenly over the steps since the mix before."""
    found: list[dict[str | None, float]] = [{} for _ in bounds[1:]]
    width = bounds[1] - bounds[0]
    since = 0
    for mix in mixes:
        first, last = (min(len(found) - 1, int(step / width)) for step in (since, mix.step))
        for column in range(first, last + 1):
            overlap = min(mix.step, bounds[column + 1]) - max(since, bounds[column])
            share = overlap / (mix.step - since) if mix.step > since else 1.0
            for task, count in mix.adopted.items():
                family = of.get(task or None, task or None)
                found[column][family] = found[column].get(family, 0.0) + count * share
        since = mix.step
    return list(found)


def _shares(columns: Sequence[Weights], rows: Mapping[str | None, int], others: int) -> Shares:
    table = [[0.0] * len(columns) for _ in range(len(rows) + bool(others))]
    for column, weights in enumerate(columns):
        total = sum(weights.values())
        for task, weight in weights.items():
            table[rows.get(task, -1)][column] += weight / total if total else 0.0
    return tuple(tuple(row) for row in table)


def _held(adoptions: Iterable[Adoption], of: Families) -> Mapping[Place, tuple[list[int], list[str | None]]]:
    """For each place, the steps of its adoptions and the task from each step on."""
    found: dict[Place, tuple[list[int], list[str | None]]] = {}
    for adoption in adoptions:
        steps, tasks = found.setdefault(adoption.place, ([], []))
        steps.append(adoption.record.step)
        tasks.append(of[adoption.record.task])
    return found


def _in_force(
    held: tuple[Sequence[int], Sequence[str | None]], bounds: Sequence[float], rows: Mapping[str | None, int]
) -> tuple[int | None, ...]:
    steps, tasks = held
    places = (bisect_right(steps, (low + high) / 2) for low, high in pairwise(bounds))
    return tuple(rows.get(tasks[place - 1], len(rows)) if place else None for place in places)


def _notes(others: int, slots: int, drawn: int) -> Iterable[str]:
    if others:
        yield f"the {others:,} rarest tasks are shown together"
    if drawn < slots:
        yield f"{drawn} of {slots:,} slots are shown, evenly spaced"
