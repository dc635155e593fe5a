"""The outcomes of groups in each task that all runs played: these do not depend on the task mix."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from envcfg.analysis.effects import gate
from envcfg.analysis.groups import LAST, Run
from envcfg.analysis.sweep.between import between
from envcfg.analysis.sweep.outcomes import Outcome, outcomes
from envcfg.core.record import Returns
from envcfg.core.returns import pooled
from envcfg.core.tree import Config
from envcfg.core.variation import variations
from envcfg.history.history import History
from envcfg.sources.returns import RETURNS


class TaskOutcomes(NamedTuple):
    """The outcomes of the groups in one task."""

    task: str
    outcomes: tuple[Outcome, ...]
    """Of the mean returns of the task's episodes, one for each group, the highest interquartile mean first."""
    differing: tuple[str, ...]
    """The dotted keys of the task's config that give its returns another meaning in different groups. Then there are no
    intervals of differences."""


def task_outcomes(
    found: Sequence[Run], groups: Mapping[str, str], steps: Mapping[str, float], *, invariant: bool = False
) -> tuple[TaskOutcomes, ...]:
    """The outcomes in each task whose episodes ended in all runs, in the last tenth of the steps until the common step.

    The tasks are in order of their names. Runs without such episodes are left out. There are no outcomes if the runs
    played one and the same task only. *groups* and *steps* have the group and the step of each run, by its name.
    """
    played = {run.name: _played(run.history, steps[run.name]) for run in found if run.name in steps}
    played = {name: means for name, means in played.items() if means}
    if len({task for means in played.values() for task in means}) < 2:
        return ()
    shared = set.intersection(*(set(means) for means in played.values()))
    kept = [run for run in found if run.name in played]
    known = [_configs(run.history, steps[run.name]) for run in kept]
    redefining = gate.meaning(RETURNS, invariant=invariant, histories=[run.history for run in kept])
    names = [groups[run.name] for run in kept]
    answer = []
    for task in sorted(shared):
        configs = [own.get(task, {}) for own in known]
        differing = tuple(redefining(list(between(variations(configs), names))))
        values = _by_group((groups[run.name], played[run.name][task]) for run in kept)
        answer.append(TaskOutcomes(task, outcomes(values, is_comparable=not differing), differing))
    return tuple(answer)


def _played(history: History, step: float) -> Mapping[str, float]:
    """The mean return in each task, over the episodes of the last tenth of the steps until *step*."""
    parts: dict[str, list[Returns]] = {}
    for mix in history.mixes:
        if (1 - LAST) * step < mix.step <= step:
            for task, part in (mix.rewards or {}).items():
                parts.setdefault(task, []).append(part)
    whole = {task: pooled(own) for task, own in parts.items()}
    return {task: found.mean for task, found in whole.items() if found is not None}


def _configs(history: History, step: float) -> Mapping[str, Config]:
    """The last config of each task that a slot adopted until *step*."""
    adopted, stop = history.adoptions.columns.adopted, history.adoptions.row_at(step)
    last = dict.fromkeys(adopted.index[:stop])
    ordered = {kind: row for row, kind in enumerate(adopted.index[:stop])}
    kinds = sorted(last, key=lambda kind: ordered[kind])
    return {adopted.values[kind].task or "": history.config(adopted.values[kind].config) for kind in kinds}


def _by_group(values: Iterable[tuple[str, float]]) -> Mapping[str, Sequence[float]]:
    found: dict[str, list[float]] = {}
    for group, value in values:
        found.setdefault(group, []).append(value)
    return found
