"""How often each task was adopted, how long slots stayed with it, and what came after it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from envcfg.analysis.tasks.agreement import Agreement, agreement
from envcfg.history.history import History


@dataclass(frozen=True, slots=True)
class TaskUse:
    """One task of a run."""

    task: str
    """Its name; '' for adoptions without one."""
    adoptions: int
    """Those that changed nothing included."""
    share: float
    """Of all adoptions."""
    stated: float | None
    """The share that the curriculum stated, over the same adoptions as `Agreement.realised`; None where it did not."""
    configs: int
    """How many different configs ran under this name."""
    first_step: int | None
    last_step: int | None
    """When it was first and last adopted, as far as records say."""
    stays: int
    """How often a slot came to it and left it again."""
    median_stay: float | None
    """Of those stays, in environment steps; None where no slot left it."""
    running: int
    """Slots that still ran it when the recording ended."""


class TaskUses(NamedTuple):
    """The tasks of a run."""

    rows: tuple[TaskUse, ...]
    """Most frequent first."""
    transitions: Mapping[tuple[str, str], int]
    """How often a slot went from one task to another, most frequent first."""
    agreement: Agreement | None
    """Whether what was adopted agrees with what the curriculum stated; None where it stated nothing."""


@dataclass(slots=True)
class _Seen:
    """What the records say of one task."""

    configs: set[str] = field(default_factory=set)
    steps: list[int] = field(default_factory=list)
    stays: list[int] = field(default_factory=list)
    running: int = 0


def task_uses(history: History) -> TaskUses:
    """How the tasks of *history* were used."""
    seen, transitions = _walk(history)
    agreed = agreement(history.mixes)
    total = sum(history.adopted.values())
    rows = tuple(_row(task, count, total, seen.get(task, _Seen()), agreed) for task, count in history.adopted.items())
    return TaskUses(rows, dict(transitions.most_common()), agreed)


def _row(task: str, adoptions: int, total: int, seen: _Seen, agreed: Agreement | None) -> TaskUse:
    return TaskUse(
        task=task,
        adoptions=adoptions,
        share=adoptions / total if total else 0.0,
        stated=None if agreed is None else agreed.stated.get(task, 0.0),
        configs=len(seen.configs),
        first_step=min(seen.steps, default=None),
        last_step=max(seen.steps, default=None),
        stays=len(seen.stays),
        median_stay=median(seen.stays) if seen.stays else None,
        running=seen.running,
    )


def _walk(history: History) -> tuple[Mapping[str, _Seen], Counter[tuple[str, str]]]:
    """Along the records once: each place's stays with each task, and its ways from one task to the next."""
    columns, place = history.adoptions.columns, history.adoptions.place
    tasks = [adopted.task or "" for adopted in columns.adopted.values]
    seen: dict[str, _Seen] = {task: _Seen() for task in tasks}
    for task, adopted in zip(tasks, columns.adopted.values, strict=True):
        seen[task].configs.add(adopted.config)
    _first_and_last(seen, tasks, columns.adopted.index, columns.step)
    transitions: Counter[tuple[str, str]] = Counter()
    running: dict[int, tuple[str, int]] = {}
    for where, kind, step in zip(place, columns.adopted.index, columns.step, strict=True):
        task, (before, since) = tasks[kind], running.get(where, ("", -1))
        if since < 0:
            running[where] = task, step
        elif task != before:
            running[where] = task, step
            seen[before].stays.append(step - since)
            transitions[before, task] += 1
    for task, _ in running.values():
        seen[task].running += 1
    return seen, transitions


def _first_and_last(
    seen: Mapping[str, _Seen], tasks: Sequence[str], index: Sequence[int], steps: Sequence[int]
) -> None:
    """Records are in order of step: of each kind of adoption, the first one met from either end."""
    last = dict(zip(index, steps, strict=True))
    first = dict(zip(reversed(index), reversed(steps), strict=True))
    for kind, task in enumerate(tasks):
        if kind in last:
            seen[task].steps += [first[kind], last[kind]]
