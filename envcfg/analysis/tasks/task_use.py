"""How often each task was adopted, how long slots stayed with it, and which task came next."""

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
    """The name of the task; '' for adoptions without a name."""
    adoptions: int
    """The number of adoptions, also of those that changed nothing."""
    share: float
    """The share of all adoptions, from 0 to 1."""
    stated: float | None
    """The stated share, over the same adoptions as `Agreement.realised`; None if the curriculum stated none."""
    configs: int
    """The number of different configs under this name."""
    first_step: int | None
    last_step: int | None
    """The first and the last step at which it was adopted, according to the records."""
    stays: int
    """How often a slot started this task and left it again."""
    median_stay: float | None
    """The median length of these stays, in environment steps; None if no slot left the task."""
    running: int
    """The number of slots that ran it when the recording ended."""


class TaskUses(NamedTuple):
    """The tasks of a run."""

    rows: tuple[TaskUse, ...]
    """The most frequent first."""
    transitions: Mapping[tuple[str, str], int]
    """How often a slot went from one task to another, the most frequent first."""
    agreement: Agreement | None
    """Whether the adopted tasks agree with the stated probabilities; None if there are none."""


@dataclass(slots=True)
class _TaskFacts:
    """The facts about one task, collected from the records."""

    configs: set[str] = field(default_factory=set)
    steps: list[int] = field(default_factory=list)
    stays: list[int] = field(default_factory=list)
    running: int = 0


def task_uses(history: History) -> TaskUses:
    """How a run used its tasks."""
    facts, transitions = _collected(history)
    agreed = agreement(history.mixes)
    total = sum(history.adopted.values())
    adopted = history.adopted.items()
    rows = tuple(_row(task, count, total, facts.get(task, _TaskFacts()), agreed) for task, count in adopted)
    return TaskUses(rows, dict(transitions.most_common()), agreed)


def _row(task: str, adoptions: int, total: int, facts: _TaskFacts, agreed: Agreement | None) -> TaskUse:
    return TaskUse(
        task=task,
        adoptions=adoptions,
        share=adoptions / total if total else 0.0,
        stated=None if agreed is None else agreed.stated.get(task, 0.0),
        configs=len(facts.configs),
        first_step=min(facts.steps, default=None),
        last_step=max(facts.steps, default=None),
        stays=len(facts.stays),
        median_stay=median(facts.stays) if facts.stays else None,
        running=facts.running,
    )


def _collected(history: History) -> tuple[Mapping[str, _TaskFacts], Counter[tuple[str, str]]]:
    """Collect the stays of each place with each task, and the transitions between tasks, in one pass."""
    columns, place = history.adoptions.columns, history.adoptions.place
    tasks = [adopted.task or "" for adopted in columns.adopted.values]
    facts: dict[str, _TaskFacts] = {task: _TaskFacts() for task in tasks}
    for task, adopted in zip(tasks, columns.adopted.values, strict=True):
        facts[task].configs.add(adopted.config)
    _first_and_last(facts, tasks, columns.adopted.index, columns.step)
    transitions: Counter[tuple[str, str]] = Counter()
    running: dict[int, tuple[str, int]] = {}
    for where, kind, step in zip(place, columns.adopted.index, columns.step, strict=True):
        task, (before, since) = tasks[kind], running.get(where, ("", -1))
        if since < 0:
            running[where] = task, step
        elif task != before:
            running[where] = task, step
            facts[before].stays.append(step - since)
            transitions[before, task] += 1
    for task, _ in running.values():
        facts[task].running += 1
    return facts, transitions


def _first_and_last(
    facts: Mapping[str, _TaskFacts], tasks: Sequence[str], index: Sequence[int], steps: Sequence[int]
) -> None:
    """Add the first and the last step of each kind of adoption; the records are in order of step."""
    last = dict(zip(index, steps, strict=True))
    first = dict(zip(reversed(index), reversed(steps), strict=True))
    for kind, task in enumerate(tasks):
        if kind in last:
            facts[task].steps += [first[kind], last[kind]]
