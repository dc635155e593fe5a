"""The comparison of the runs of a sweep: their outcomes, their differences and their schedules."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from envcfg.analysis.groups import Run, metric_of, runs
from envcfg.analysis.sweep.outcomes import Outcome, outcomes
from envcfg.analysis.sweep.schedules import Schedule, schedules
from envcfg.core.code import Coded
from envcfg.core.errors import SourceError
from envcfg.core.selection import unmatched_keys, warn_or_raise
from envcfg.core.tree import Config
from envcfg.core.variation import Variation, variations
from envcfg.history.queries.in_force import in_force
from envcfg.history.queries.moments import moment as moment_of
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SEEDS, Sweep, SweepRun


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
    """The mean of the last tenth of the metric; None if the run did not log it."""


class Comparison(NamedTuple):
    """The comparison of the runs of a sweep."""

    metric: str
    runs: tuple[Compared, ...]
    """The highest outcome first, runs without an outcome last."""
    outcomes: tuple[Outcome, ...]
    """One for each group, the highest interquartile mean first."""
    env: tuple[Variation, ...]
    """The differences between the environment configs in force at the chosen moment, in the order of `runs`."""
    job: tuple[Variation, ...]
    """The differences between the job configs, in the order of `runs`; empty if one was not recorded."""
    schedules: tuple[Schedule, ...]
    losses: tuple[Coded, ...]


NO_OVERRIDES: Final = "(no overrides)"
NO_CURRICULUM: Final = "(not recorded)"


def comparison(
    sweep: Sweep,
    *,
    metric: MetricChoice = None,
    moment: str = "last",
    ignore: Iterable[str] = (),
    by: By = By.OVERRIDES,
) -> Comparison:
    """Compare all runs of *sweep*. Raises `SourceError` if no run has the metric that was named."""
    found_schedules = schedules(sweep)
    grouped = _groups(sweep, found_schedules, by)
    found = runs(sweep, metric)
    named = {run.name: run for run in sweep}
    compared = tuple(Compared(named[run.name], grouped[run.name], run.outcome) for run in found)
    globs = tuple(ignore)
    env = _in_force(found, moment)
    jobs = [named[run.name].job or {} for run in found]
    warn_or_raise(unmatched_keys(globs, [*env, *jobs], "no config of these runs"), is_anything_left=True)
    return Comparison(
        metric=metric_of(found),
        runs=compared,
        outcomes=outcomes(_values(compared)),
        env=variations(env, ignore=globs),
        job=_jobs(compared, globs),
        schedules=found_schedules,
        losses=sweep.losses,
    )


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
    return override.partition("=")[0].lstrip("+~").rpartition(".")[2] not in SEEDS


def _values(compared: Sequence[Compared]) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for run in compared:
        if run.outcome is not None:
            values.setdefault(run.group, []).append(run.outcome)
    return values


def _in_force(found: Sequence[Run], moment: str) -> list[Config]:
    """The config of each run at *moment*; empty for a run without a record by then.

    Raises `SourceError` if no run has a record by then.
    """
    configs: list[Config] = []
    missing: list[str] = []
    beyond: list[str] = []
    for run in found:
        try:
            when = moment_of(run.history, moment)
            configs.append(run.history.config(in_force(run.history, when).config))
            beyond += [when.beyond] if when.beyond else []
        except SourceError as error:
            configs.append({})
            missing.append(str(error))
    if moment not in ("first", "last"):  # every run with a record has these
        if len(missing) == len(found):
            raise SourceError(missing[0])
        warn_or_raise(_of_some(missing, "its config is compared as empty"), is_anything_left=True)
    warn_or_raise(_of_some(beyond, "its config at the last record is compared"), is_anything_left=True)
    return configs


def _of_some(sentences: Sequence[str], instead: str) -> list[str]:
    """One sentence for all runs: that of the first, with the number of the other runs."""
    more = f", and the same for {len(sentences) - 1:,} more runs" if len(sentences) > 1 else ""
    return [f"{sentences[0]}{more}: {instead}"] if sentences else []


def _jobs(compared: Sequence[Compared], ignore: Iterable[str]) -> tuple[Variation, ...]:
    jobs = [run.run.job for run in compared]
    known = [job for job in jobs if job is not None]
    return variations(known, ignore=ignore) if len(known) == len(jobs) else ()
