"""The runs of a sweep against each other: how well they did, what differs in them, which way they went."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from envcfg.analysis.groups import Run, metric_of, runs
from envcfg.analysis.sweep.outcomes import Outcome, outcomes
from envcfg.analysis.sweep.schedules import Schedule, schedules
from envcfg.core.code import Coded
from envcfg.core.errors import SourceError
from envcfg.core.selection import judged, unmatched_keys
from envcfg.core.tree import Config
from envcfg.core.variation import Variation, variations
from envcfg.history.queries.in_force import in_force
from envcfg.history.queries.moments import moment as moment_of
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SEEDS, Sweep, SweepRun


class By(StrEnum):
    """What makes runs one group."""

    OVERRIDES = "overrides"
    CURRICULUM = "curriculum"
    SCHEDULE = "schedule"


class Compared(NamedTuple):
    """A run with what it was started as, and how well it did."""

    run: SweepRun
    group: str
    outcome: float | None
    """The mean of the last tenth of the metric; None where the run logged no such metric."""


class Comparison(NamedTuple):
    """What there is to say of a sweep."""

    metric: str
    runs: tuple[Compared, ...]
    """Highest outcome first, those without one last."""
    outcomes: tuple[Outcome, ...]
    """By group, highest interquartile mean first."""
    env: tuple[Variation, ...]
    """What differs between the environment configs in force at the moment asked for, in order of `runs`."""
    job: tuple[Variation, ...]
    """What differs between the jobs' own configs, in order of `runs`; empty where one was not recorded."""
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
    """The comparison of all runs; raises `SourceError` when a metric that was named is in none of them."""
    gone = schedules(sweep)
    grouped = _groups(sweep, gone, by)
    found = runs(sweep, metric)
    named = {run.name: run for run in sweep}
    compared = tuple(Compared(named[run.name], grouped[run.name], run.outcome) for run in found)
    globs = tuple(ignore)
    env = _in_force(found, moment)
    jobs = [named[run.name].job or {} for run in found]
    judged(unmatched_keys(globs, [*env, *jobs], "no config of these runs"), is_anything_left=True)
    return Comparison(
        metric=metric_of(found),
        runs=compared,
        outcomes=outcomes(_values(compared)),
        env=variations(env, ignore=globs),
        job=_jobs(compared, globs),
        schedules=gone,
        losses=sweep.losses,
    )


def _groups(sweep: Sweep, gone: Sequence[Schedule], by: By) -> dict[str, str]:
    match by:
        case By.SCHEDULE:
            return {name: f"schedule {number}" for number, way in enumerate(gone, start=1) for name in way.runs}
        case By.CURRICULUM:
            return {run.name: run.history.curriculum or NO_CURRICULUM for run in sweep}
        case By.OVERRIDES:
            return _by_overrides(sweep)


def _by_overrides(sweep: Sweep) -> dict[str, str]:
    """What tells the jobs apart: neither their seeds nor what all were started with."""
    common = set.intersection(*(set(run.overrides) for run in sweep)) if len(sweep) > 1 else set()
    return {
        run.name: " ".join(text for text in run.overrides if _is_no_seed(text) and text not in common) or NO_OVERRIDES
        for run in sweep
    }


def _is_no_seed(override: str) -> bool:
    return override.partition("=")[0].lstrip("+~").rpartition(".")[2] not in SEEDS


def _values(compared: Sequence[Compared]) -> dict[str, list[float]]:
    values: dict[str, list[float]] = {}
    for run in compared:
        if run.outcome is not None:
            values.setdefault(run.group, []).append(run.outcome)
    return values


def _in_force(found: Sequence[Run], moment: str) -> list[Config]:
    """The config of each run; one that recorded nothing by then has nothing to differ in, and where all are, refuse."""
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
    if moment not in ("first", "last"):  # they are of every run that recorded anything
        if len(missing) == len(found):
            raise SourceError(missing[0])
        judged(_of_some(missing, "nothing"), is_anything_left=True)
    judged(_of_some(beyond, "what was in force at the last record"), is_anything_left=True)
    return configs


def _of_some(sentences: Sequence[str], taken: str) -> list[str]:
    """One sentence for all of them: the first, and of how many runs the same is true."""
    more = f", and so of {len(sentences) - 1:,} more runs" if len(sentences) > 1 else ""
    return [f"{sentences[0]}{more}: {taken} is compared"] if sentences else []


def _jobs(compared: Sequence[Compared], ignore: Iterable[str]) -> tuple[Variation, ...]:
    jobs = [run.run.job for run in compared]
    known = [job for job in jobs if job is not None]
    return variations(known, ignore=ignore) if len(known) == len(jobs) else ()
