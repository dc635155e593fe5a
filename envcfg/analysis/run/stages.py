"""The stages of a run: the task and config that more than half of the living slots ran, over steps."""

from itertools import pairwise
from typing import NamedTuple

from envcfg.analysis.run.lanes import parts
from envcfg.history.history import History
from envcfg.history.parameters import Column


class Stage(NamedTuple):
    """A config that more than half of the slots ran, with the name of its task; `config` is its digest."""

    task: str | None
    config: str


class Stages(NamedTuple):
    """The stages of a run in order."""

    held: tuple[tuple[int, Stage], ...]
    """Each stage with its first step. While slots adopt the next stage, none may have so many slots."""
    mixed: float
    """The share of all steps in which no config ran in more than half of the slots."""


def stages(history: History) -> Stages:
    """The stages of a run; neighbouring ones are never equal."""
    kinds = [Stage(kind.task, kind.config) for kind in history.adoptions.columns.adopted.values]
    positions = {stage: position for position, stage in enumerate(dict.fromkeys(kinds))}
    column = Column(tuple(positions.values()), (*map(positions.__getitem__, kinds), -1))
    every, end = tuple(positions), history.last_step + 1
    steps, spreads = history.parameters.column_moved(column, parts(history, 0, history.last_step))
    held: list[tuple[int, Stage]] = []
    mixed = 0.0
    for (start, stop), spread in zip(pairwise([*steps, end]), spreads, strict=True):
        if not spread.has_majority or not isinstance(spread.value, int):
            mixed += stop - start
        elif not held or held[-1][1] != every[spread.value]:
            held.append((int(start), every[spread.value]))
    return Stages(tuple(held), mixed / (end - steps[0]) if steps else 0.0)
