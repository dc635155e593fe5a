"""A change, and the same runs without it: what was planned, and what came of it."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from envcfg.analysis.effects.paired import Paired, paired
from envcfg.core.errors import SourceError
from envcfg.core.tree import lookup
from envcfg.history.history import History
from envcfg.rerun.interventions import Intervention
from envcfg.rerun.windows import Arms, Window, redefined, windows
from envcfg.sources.metrics import metric as metric_of
from envcfg.sources.series import Series
from envcfg.sources.sweep import Sweep

PLAN: Final = "ablation.json"
RUNS: Final = "runs"
"""Beside the plan: the folder of the multirun."""
_FORMAT: Final = "envcfg-ablation"
_INTERVENTION: Final = ("curriculum", "intervention")


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which runs an ablation is made of."""

    run: str
    """Where the recording lies."""
    intervention: str
    seeds: tuple[int, ...]
    command: tuple[str, ...]
    """What starts all of them."""
    format: str = _FORMAT
    version: int = 1


class Answer(NamedTuple):
    """What the change did to a metric in one window: as recorded, less with the intervention."""

    window: Window
    paired: Paired | None
    refusal: str
    """Why there is no answer, where there is none."""


class Pairs(NamedTuple):
    """The runs of an ablation that are there, seed by seed."""

    both: Mapping[int, Arms]
    missing: tuple[int, ...]
    """Seeds of which an arm is not there, or did not complete."""


def write_plan(plan: Plan, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PLAN
    path.write_bytes(msgspec.json.format(msgspec.json.encode(plan), indent=1) + b"\n")
    return path


def read_plan(folder: Path) -> Plan:
    """Raises `SourceError` where *folder* holds none."""
    try:
        plan = msgspec.json.decode((folder / PLAN).read_bytes(), type=Plan)
    except FileNotFoundError:
        raise SourceError(f"{folder} holds no {PLAN}: plan the runs first, without --read") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SourceError(f"{folder / PLAN} is no plan of an ablation: {error}") from None
    if (plan.format, plan.version) != (_FORMAT, 1):
        raise SourceError(f"{folder / PLAN} is {plan.format} {plan.version}; this version reads {_FORMAT} 1")
    return plan


def pairs(plan: Plan, sweep: Sweep) -> Pairs:
    """The completed runs of both arms by seed; of several of one seed and arm, the last."""
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


def answers(
    recorded: History, intervention: Intervention, both: Sequence[Arms], metric: str | None, *, invariant: bool
) -> tuple[str, tuple[Answer, ...]]:
    """The metric, and what the change did to it while only one arm had it, and when both had gone on."""
    series = [(metric_of(one, metric), metric_of(other, metric)) for one, other in both]
    name = series[0][0].name
    end = max(one.steps[-1] for one, _ in series)
    found = []
    for window in windows(recorded, intervention, both, end):
        keys = () if invariant else sorted({key for arms in both for key in redefined(name, arms, window)})
        found.append(_answer(window, series, keys))
    return name, tuple(found)


def _answer(window: Window, series: Sequence[tuple[Series, Series]], keys: Sequence[str]) -> Answer:
    name = series[0][0].name
    if keys:
        places = ", ".join(keys[:4])
        said = f"metric not invariant: the arms differ in {places} there (--invariant, if {name} means the same)"
        return Answer(window, None, said)
    means = [(_mean(one, window), _mean(other, window)) for one, other in series]
    differences = [one - other for one, other in means if math.isfinite(one - other)]
    if not differences:
        return Answer(window, None, f"no point of {name} lies there in both arms of a pair")
    return Answer(window, paired(differences), "")


def _mean(series: Series, window: Window) -> float:
    points = zip(series.steps, series.values, strict=True)
    found = [value for step, value in points if window.start < step <= window.end]
    return math.fsum(found) / len(found) if found else math.nan
