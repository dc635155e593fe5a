"""Finds where a rerun diverges from the recording: the first key that differs in each slot."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from envcfg.analysis.formatting import printable, task_text, value_texts
from envcfg.core.diff import ABSENT, Absent, Edit, diff
from envcfg.core.path import dotted
from envcfg.core.tree import Config, Marker, Path, Tree
from envcfg.history.adoptions import Adoption, Adoptions, Place
from envcfg.history.history import History

_LEFT_OUT: Final = ("redacted", "unreadable", "unresolved")
"""The kinds of markers for values that were not recorded, so that there is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """A slot that ran another value than the recorded one."""

    place: Place
    step: int
    """The environment step of the recorded adoption."""
    path: Path
    """The first key that differs; empty if only the task, the step or the adoption itself differs."""
    recorded: Tree | Absent
    found: Tree | Absent
    what: str = ""
    """What differs, if it is not a value of a config: `task`, `step of adoption` or `adoption`."""

    def __str__(self) -> str:
        recorded, found = value_texts([self.recorded, self.found])
        what = self.what or printable(dotted(self.path))
        return f"{self.place}, step {self.step:,}: {what}: recorded {recorded}, found {found}"


def first_difference(recorded: Config, found: Config) -> Edit | None:
    """The first leaf that differs, in order of paths. Values that were not recorded are not compared."""
    return next((edit for edit in diff(recorded, found) if not _is_left_out(edit.before)), None)


def divergences(recorded: History, again: History) -> tuple[Divergence, ...]:
    """The first divergence of each slot between *recorded* and its rerun *again*, in order of step.

    The step, the task and the config of each adoption are compared. Empty if the rerun did the same.
    """
    places = sorted({*recorded.adoptions.places, *again.adoptions.places})
    found = (_first(recorded, again, place) for place in places)
    return tuple(sorted((each for each in found if each is not None), key=lambda each: (each.step, each.place)))


def _first(recorded: History, again: History, place: Place) -> Divergence | None:
    pairs = zip_longest(_adoptions(recorded.adoptions, place), _adoptions(again.adoptions, place))
    return next((each for one, other in pairs if (each := _between(recorded, again, one, other)) is not None), None)


def _adoptions(adoptions: Adoptions, place: Place) -> Iterator[Adoption]:
    """The adoptions of one place, without those of a new session that began with the same config and task."""
    held = None
    for row in adoptions.rows.get(place, ()):
        adopted = adoptions.columns.adopted[row]
        if held != (adopted.config, adopted.task):
            yield adoptions[row]
        held = (adopted.config, adopted.task)


def _between(recorded: History, again: History, one: Adoption | None, other: Adoption | None) -> Divergence | None:
    if one is None or other is None:
        return _alone(one, other)
    was, now = one.record, other.record
    edit = None if was.config == now.config else first_difference(recorded.config(was.config), again.config(now.config))
    if edit is not None:
        return Divergence(one.place, was.step, edit.path, edit.before, edit.after)
    if was.task != now.task:
        return Divergence(one.place, was.step, (), task_text(was.task), task_text(now.task), "task")
    if was.step != now.step:
        return Divergence(one.place, was.step, (), was.step, now.step, "step of adoption")
    return None


def _alone(one: Adoption | None, other: Adoption | None) -> Divergence | None:
    """The divergence if only one run has the adoption: the other ended before, or does not have the slot."""
    there = one or other
    if there is None:
        return None
    task = task_text(there.record.task)
    before, after = (task, ABSENT) if other is None else (ABSENT, task)
    return Divergence(there.place, there.record.step, (), before, after, "adoption")


def _is_left_out(value: Tree | Absent) -> bool:
    return isinstance(value, Marker) and value.kind in _LEFT_OUT
