"""Families of tasks: many tasks in few groups with a common prefix, so that a figure can show all of them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

Families: TypeAlias = Mapping[str | None, str | None]
"""The family of each task. A task that is alone in its family keeps its name."""

_NUMBER: Final = re.compile(r"[\d]+$")


def families(tasks: Iterable[str | None], *, most: int) -> Families:
    """The finest families that are at most *most*: tasks without a last number, then folders: `maze/level-*`, `maze/*`.

    If there are at most *most* tasks, or if no level has so few families but more than one, each task is alone.

    >>> families(["maze/1", "maze/2", "open/1"], most=2)
    {'maze/1': 'maze/*', 'maze/2': 'maze/*', 'open/1': 'open/1'}
    """
    every = list(dict.fromkeys(tasks))
    alone = {task: task for task in every}
    if len(every) <= most:
        return alone
    for level in _levels(every):
        found = _named(every, level)
        if 1 < len(set(found.values())) <= most:
            return found
    return alone


def family_notes(of: Families) -> list[str]:
    """A sentence for a figure that shows families."""
    kinds = len(set(of.values()))
    return [f"{len(of):,} tasks are grouped by their common prefix into {kinds:,}"] if kinds < len(of) else []


def _levels(every: Iterable[str | None]) -> Iterable[Callable[[str], str]]:
    depth = max((task.count("/") for task in every if task), default=0)
    yield lambda task: _NUMBER.sub("", task)
    for kept in range(depth, 0, -1):
        yield lambda task, kept=kept: "".join(f"{part}/" for part in task.split("/")[:-1][:kept]) or task  # type: ignore[misc]


def _named(every: Iterable[str | None], level: Callable[[str], str]) -> dict[str | None, str | None]:
    prefixes = {task: level(task) for task in every if task}
    sizes = Counter(prefixes.values())
    return {task: f"{prefixes[task]}*" if task and sizes[prefixes[task]] > 1 else task for task in every}
