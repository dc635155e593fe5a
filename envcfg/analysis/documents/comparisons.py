"""The comparison of the runs of a sweep as strict JSON."""

from typing import Any

from envcfg.analysis.documents.answers import coded_json
from envcfg.analysis.documents.spreads import spread_json
from envcfg.analysis.sweep.comparison import Compared, Comparison
from envcfg.analysis.sweep.environments import EnvVariation
from envcfg.core import encoding
from envcfg.core.diff import Absent
from envcfg.core.path import dotted, pointer
from envcfg.core.variation import Variation


def comparison_json(found: Comparison) -> dict[str, Any]:
    """The comparison of the runs of a sweep."""
    return {
        "format": "envcfg-comparison",
        "version": 1,
        "metric": found.metric,
        "step": found.step,
        "runs": [_compared(compared) for compared in found.runs],
        "outcomes": [row._asdict() for row in found.outcomes],
        "tasks": [{**row._asdict(), "outcomes": [each._asdict() for each in row.outcomes]} for row in found.tasks],
        "profiles": _profiles(found),
        "cautions": [caution._asdict() for caution in found.cautions],
        "env": [_env_variation(variation, found) for variation in found.env],
        "job": [_variation(variation, found) for variation in found.job],
        "schedules": [
            {**schedule._asdict(), "stages": [stage._asdict() for stage in schedule.stages]}
            for schedule in found.schedules
        ],
        "losses": coded_json(found.losses),
    }


def _profiles(found: Comparison) -> dict[str, Any]:
    """The performance profiles: for each group the share of runs above each outcome."""
    from envcfg.analysis.sweep.outcomes import profile  # noqa: PLC0415  # numpy

    thresholds = sorted({value for row in found.outcomes for value in row.values})
    return {"thresholds": thresholds, "above": {row.name: profile(row.values, thresholds) for row in found.outcomes}}


def _compared(compared: Compared) -> dict[str, Any]:
    run = compared.run
    return {
        "name": run.name,
        "run": run.history.run,
        "status": run.history.status,
        "seed": run.seed,
        "overrides": list(run.overrides),
        "curriculum": run.history.curriculum,
        "changes": len(run.history.changes),
        "last_step": run.history.last_step,
        "group": compared.group,
        "outcome": compared.outcome,
    }


def _variation(variation: Variation, found: Comparison) -> dict[str, Any]:
    """The values of one leaf by run; runs without the leaf are left out."""
    values = {
        compared.run.name: encoding.jsonable(value)
        for compared, position in zip(found.runs, variation.index, strict=True)
        if not isinstance(value := variation.values[position], Absent)
    }
    return {"path": pointer(variation.path), "text": dotted(variation.path), "values": values}


def _env_variation(variation: EnvVariation, found: Comparison) -> dict[str, Any]:
    """The values of one leaf by run, and its spreads in runs whose slots differ."""
    held = {run.run.name: variation.values[place] for run, place in zip(found.runs, variation.index, strict=True)}
    one = Variation(variation.path, tuple(spread.value for spread in variation.values), variation.index)
    plain = _variation(one, found)
    spreads = {name: spread_json(spread) for name, spread in held.items() if not spread.is_one}
    values = {name: value for name, value in plain["values"].items() if name not in spreads}
    return {**plain, "values": values, **({"spreads": spreads} if spreads else {})}
