"""An ablation: runs with and without a change, their plan and their results."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from envcfg.analysis.effects.gate import few_runs
from envcfg.analysis.effects.paired import Paired, paired
from envcfg.core.errors import EncodingError, SourceError
from envcfg.core.tree import lookup
from envcfg.core.whole_file import read_file
from envcfg.history.history import History
from envcfg.rerun.interventions import Intervention
from envcfg.rerun.windows import Arms, ArmWindow, arm_windows, redefined
from envcfg.sources.metrics import metric as metric_of
from envcfg.sources.series import Series
from envcfg.sources.sweep import Sweep

PLAN: Final = "ablation.json"
RUNS: Final = "runs"
"""The folder of the multirun, next to the plan."""
LEVEL: Final = 0.05
_FORMAT: Final = "envcfg-ablation"
_INTERVENTION: Final = ("curriculum", "intervention")


class AblationPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The runs of an ablation."""

    run: str
    """The path or address of the recording."""
    intervention: str
    seeds: tuple[int, ...]
    command: tuple[str, ...]
    """The command that starts all runs."""
    format: str = _FORMAT
    version: int = 1


class ArmDifference(NamedTuple):
    """The effect of the change on a metric in one window: the recorded arm minus the arm with the intervention."""

    window: ArmWindow
    paired: Paired | None
    refusal: str
    """The reason why there is no effect; empty if there is one."""


class Pairs(NamedTuple):
    """The completed runs of an ablation, by seed."""

    both: Mapping[int, Arms]
    missing: tuple[int, ...]
    """The seeds of which an arm is missing or did not complete."""


def write_plan(plan: AblationPlan, folder: Path) -> Path:
    """Write the plan as ASCII with escapes, which can also state a path that is not UTF-8."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PLAN
    path.write_text(json.dumps(msgspec.to_builtins(plan), indent=1) + "\n", encoding="ascii")
    return path


def read_plan(folder: Path) -> AblationPlan:
    """Read the plan in *folder*. Raises `SourceError` if there is none, or if it cannot be read."""
    try:
        plan = msgspec.convert(json.loads(read_file(folder / PLAN)), AblationPlan)
    except FileNotFoundError:
        raise SourceError(f"{folder} has no {PLAN}: plan the runs first, without --read") from None
    except (EncodingError, msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SourceError(f"{folder / PLAN} is not a plan of an ablation: {error}") from None
    if (plan.format, plan.version) != (_FORMAT, 1):
        raise SourceError(f"{folder / PLAN} is {plan.format} {plan.version}: expected {_FORMAT} 1")
    return plan


def pairs(plan: AblationPlan, sweep: Sweep) -> Pairs:
    """The completed runs of both arms, by seed; the last run if several have the same seed and arm."""
    arms: dict[tuple[int, str], History] = {}
    for run in sweep:
        if run.job is not None and run.seed is not None and run.history.status == "completed":
            arms[run.seed, str(lookup(run.job, _INTERVENTION) or "")] = run.history
    both = {
        seed: Arms(arms[seed, ""], arms[seed, plan.intervention])
        for seed in plan.seeds
        if (seed, "") in arms and (seed, plan.intervention) in arms
    }
    return Pairs(both, tuple(seed for seed in plan.seeds if seed not in both))


def arm_differences(
    recorded: History, intervention: Intervention, both: Sequence[Arms], metric: str | None, *, invariant: bool
) -> tuple[str, tuple[ArmDifference, ...]]:
    """The name of the metric and the effect of the change on it, in each window."""
    series = [(metric_of(one, metric), metric_of(other, metric)) for one, other in both]
    name = series[0][0].name
    end = max(one.steps[-1] for one, _ in series)
    found = []
    for window in arm_windows(recorded, intervention, both, end):
        keys = sorted({key for arms in both for key in redefined(name, arms, window, invariant=invariant)})
        found.append(_difference(window, series, keys))
    return name, tuple(found)


def caused(answers: Sequence[ArmDifference]) -> tuple[bool, ...]:
    """For each window, whether the change caused the effect there.

    Both the paired t-test and the sign flips must agree, at 5 % over all windows (Bonferroni). There must be as many
    pairs as a test over runs needs.
    """
    tested = [answer.paired for answer in answers if answer.paired is not None and answer.paired.p is not None]
    return tuple(_is_caused(answer.paired, len(tested)) for answer in answers)


def _is_caused(found: Paired | None, windows: int) -> bool:
    if found is None or found.p is None or few_runs(found.pairs) is not None:
        return False
    return max(found.p, found.flips_p) * windows < LEVEL


def _difference(window: ArmWindow, series: Sequence[tuple[Series, Series]], keys: Sequence[str]) -> ArmDifference:
    name = series[0][0].name
    if keys:
        named = ", ".join(keys[:4])
        why = f"metric not invariant: the arms differ in {named} there (use --invariant if {name} keeps its meaning)"
        return ArmDifference(window, None, why)
    means = [(_mean(one, window), _mean(other, window)) for one, other in series]
    differences = [one - other for one, other in means if math.isfinite(one - other)]
    if not differences:
        return ArmDifference(window, None, f"no pair of runs has points of {name} there in both arms")
    return ArmDifference(window, paired(differences), "")


def _mean(series: Series, window: ArmWindow) -> float:
    points = zip(series.steps, series.values, strict=True)
    found = [value for step, value in points if window.start < step <= window.end]
    return math.fsum(found) / len(found) if found else math.nan
