"""The comparison of the runs of a sweep: their outcomes, their differences and their schedules."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from envcfg.analysis.effects import gate
from envcfg.analysis.effects.gate import ENDS, Caution
from envcfg.analysis.groups import Run, metric_of, outcome_at, runs
from envcfg.analysis.sweep.between import between
from envcfg.analysis.sweep.environments import EnvVariation, environments
from envcfg.analysis.sweep.evaluation import evaluation_caution, evaluation_metric, is_evaluation
from envcfg.analysis.sweep.schedules import Schedule, schedules
from envcfg.core.code import Coded
from envcfg.core.errors import SourceError
from envcfg.core.path import dotted
from envcfg.core.selection import unmatched_keys, warn_or_raise
from envcfg.core.variation import Variation, variations
from envcfg.history.queries.moments import moment as moment_of
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SEEDS, Sweep, SweepRun

if TYPE_CHECKING:
    from envcfg.analysis.sweep.outcomes import Outcome
    from envcfg.analysis.sweep.task_outcomes import TaskOutcomes


class By(StrEnum):
    """What the runs of one group have in common."""

    OVERRIDES = "overrides"
    CURRICULUM = "curriculum"
    SCHEDULE = "schedule"


class Compared(NamedTuple):
    """A run with its group and its outcome."""

    run: SweepRun
    group: str
    outcome: float | None
    """The mean of the metric over the last tenth of the steps until the common step; None if it has no point there."""


class Comparison(NamedTuple):
    """The comparison of the runs of a sweep."""

    metric: str
    step: float | None
    """The step at which the outcomes are compared: by default the last one that all runs reached. None if each run is
    compared at another step, that of the moment that was named."""
    runs: tuple[Compared, ...]
    """The highest outcome first, runs without an outcome last."""
    outcomes: "tuple[Outcome, ...]"
    """One for each group, the highest interquartile mean first."""
    env: tuple[EnvVariation, ...]
    """The parameters that differ between runs at the chosen moment, over their living slots, in the order of `runs`."""
    job: tuple[Variation, ...]
    """The differences between the job configs, in the order of `runs`; empty if one was not recorded."""
    schedules: tuple[Schedule, ...]
    losses: tuple[Coded, ...]
    cautions: tuple[Caution, ...]
    """Reasons to doubt the comparison."""
    tasks: "tuple[TaskOutcomes, ...]"
    """The outcomes in each task that all runs played; empty if there were not several tasks."""


NO_OVERRIDES: Final = "(no overrides)"
NO_CURRICULUM: Final = "(not recorded)"


def comparison(
    sweep: Sweep,
    *,
    metric: MetricChoice = None,
    moment: str = "last",
    ignore: Iterable[str] = (),
    by: By = By.OVERRIDES,
    invariant: bool = False,
) -> Comparison:
    """Compare all runs of *sweep* at a common step. Raises `SourceError` if no run has the metric that was named.

    The metric is by default the reward of an evaluation that all runs logged, and otherwise that of the training.
    *moment* is by default the last step that all runs reached. *invariant* says that the metric means the same under
    every config.
    """
    from envcfg.analysis.sweep.outcomes import outcomes  # noqa: PLC0415  # numpy
    from envcfg.analysis.sweep.task_outcomes import task_outcomes  # noqa: PLC0415  # numpy

    found_schedules = schedules(sweep)
    grouped = _groups(sweep, found_schedules, by)
    found = runs(sweep, metric or evaluation_metric(run.history for run in sweep))
    named = {run.name: run for run in sweep}
    steps = _steps(found, moment)
    outcome = {run.name: _outcome(run, steps.get(run.name)) for run in found}
    found = tuple(sorted(found, key=lambda run: _descending(outcome[run.name], run.name)))
    compared = tuple(Compared(named[run.name], grouped[run.name], outcome[run.name]) for run in found)
    globs = tuple(ignore)
    step = next(iter(steps.values())) if len(set(steps.values())) == 1 else None
    is_cut = moment == "last" and step is not None and gate.unequal_end(_ends(found)) is not None
    held = environments(found, str(int(step)) if is_cut and step is not None else moment)
    jobs = [named[run.name].job or {} for run in found]
    warn_or_raise(unmatched_keys(globs, [*held.configs, *jobs], "no config of these runs"), is_anything_left=True)
    env = tuple(held.variations(globs))
    doubts = tuple(_cautions(found, compared, env, by, invariant=invariant))
    is_same = not any(doubt.kind == "metric not invariant" for doubt in doubts)
    return Comparison(
        metric=metric_of(found),
        step=step,
        runs=compared,
        outcomes=outcomes(_values(compared), is_comparable=is_same),
        env=env,
        job=_jobs(compared, globs),
        schedules=found_schedules,
        losses=sweep.losses,
        cautions=doubts,
        tasks=task_outcomes(found, grouped, steps, invariant=invariant),
    )


def _descending(outcome: float | None, name: str) -> tuple[bool, float, str]:
    return outcome is None, -(outcome or 0.0), name


def _steps(found: Sequence[Run], moment: str) -> dict[str, float]:
    """The step at which the outcome of each run is taken."""
    ends = _ends(found)
    if moment == "last":
        return dict.fromkeys(ends, min(ends.values(), default=0.0))
    if moment.isdigit():
        return dict.fromkeys(ends, float(moment))
    return {run.name: step for run in found if run.name in ends and (step := _step(run, moment)) is not None}


def _ends(found: Sequence[Run]) -> dict[str, float]:
    """The last step of the metric of each run that logged it."""
    return {run.name: run.series.steps[-1] for run in found if run.series is not None}


def _step(run: Run, moment: str) -> float | None:
    try:
        return float(moment_of(run.history, moment).step)
    except SourceError:
        return None


def _outcome(run: Run, step: float | None) -> float | None:
    if run.series is None or step is None or step > (1 + ENDS) * run.series.steps[-1]:
        return None
    return outcome_at(run.series, step)


def _cautions(
    found: Sequence[Run], compared: Sequence[Compared], env: Sequence[EnvVariation], by: By, *, invariant: bool
) -> Iterator[Caution]:
    """The cautions of the gate about these runs."""
    name, histories = metric_of(found), [run.history for run in found]
    redefining = gate.meaning(name, invariant=invariant, histories=histories)
    groups = {run.run.name: run.group for run in compared}
    edits = list(between(env, [run.group for run in compared]))
    ends = _ends(found)
    kinds = [change.cause for run in found for change in run.history.changes]
    small = min(Counter(run.group for run in compared if run.outcome is not None).values(), default=gate.SEEDS)
    checks = (
        gate.unequal_end(ends),
        evaluation_caution(name, found, groups, invariant=invariant)
        if is_evaluation(name)
        else gate.other_environment([dotted(edit.path) for edit in edits], name, redefining(edits)),
        gate.few_runs(small),
        _as_outcome(by, gate.adaptive(kinds)),
        *(gate.smoothed(name, run.series.values) for run in found[:1] if run.series is not None),
    )
    yield from (check for check in checks if check is not None)


def _as_outcome(by: By, found: Caution | None) -> Caution | None:
    """The caution that schedules of an adaptive curriculum are results of the metric, and not causes."""
    if by is not By.SCHEDULE or found is None:
        return None
    text = "the curriculum is adaptive, so the schedule of a run is an outcome of its learning, and not a cause"
    return Caution(found.kind, text)


def _groups(sweep: Sweep, found: Sequence[Schedule], by: By) -> dict[str, str]:
    match by:
        case By.SCHEDULE:
            numbered = enumerate(found, start=1)
            return {name: f"schedule {number}" for number, schedule in numbered for name in schedule.runs}
        case By.CURRICULUM:
            return {run.name: run.history.curriculum or NO_CURRICULUM for run in sweep}
        case By.OVERRIDES:
            return _by_overrides(sweep)


def _by_overrides(sweep: Sweep) -> dict[str, str]:
    """The overrides by which the jobs differ, without seeds."""
    return {
        name: " ".join(filter(_is_no_seed, overrides)) or NO_OVERRIDES
        for name, overrides in differing_overrides(sweep).items()
    }


def differing_overrides(found: Iterable[SweepRun]) -> dict[str, tuple[str, ...]]:
    """For each run, by its name, the overrides that not all runs have. A single run has all of its overrides."""
    every = {run.name: run.overrides for run in found}
    common = set.intersection(*map(set, every.values())) if len(every) > 1 else set()
    return {name: tuple(text for text in own if text not in common) for name, own in every.items()}


def _is_no_seed(override: str) -> bool:
    """Whether an override belongs to the name of a group: it sets no seed, and no option of Hydra."""
    return not override.startswith("hydra.") and override.partition("=")[0].lstrip("+~").rpartition(".")[2] not in SEEDS


def _values(compared: Sequence[Compared]) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for run in compared:
        if run.outcome is not None:
            values.setdefault(run.group, []).append(run.outcome)
    return values


def _jobs(compared: Sequence[Compared], ignore: Iterable[str]) -> tuple[Variation, ...]:
    jobs = [run.run.job for run in compared]
    known = [job for job in jobs if job is not None]
    return variations(known, ignore=ignore) if len(known) == len(jobs) else ()
