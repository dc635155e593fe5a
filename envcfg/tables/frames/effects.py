"""The table `effects`: one row for each card."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice
from envcfg.tables.frames.columns import text

if TYPE_CHECKING:
    from envcfg.analysis.effects.effect import Effect

_NUMBERS = (
    *("value", "se", "df", "low", "high", "sd", "percent", "p", "detectable"),
    *("rho", "effective", "bend", "inflation", "correction"),
)


_COUNTS = ("before", "after", "placebos")


def effect_estimates(history: History, metric: MetricChoice = None, *, invariant: bool = False) -> pl.DataFrame:
    """The effects of `envcfg.effects`, one row each, in order of step.

    The columns are `run`, `metric`, `changes` (their numbers), `step`, `task`, `value` (the jump of the metric, in its
    unit), `se`, `df`, `low` and `high` (the 95 % interval), `sd`, `percent`, `p`, `detectable` (the smallest effect
    that could have been seen), `rho`, `effective`, `bend`, `inflation`, `correction`, `q`, `before` and `after` (the
    numbers of points), `placebos`, `task_mix`, `skill`, `refusal` and `cautions` (text). Numbers are null if there is a
    refusal. *invariant* says that the metric keeps its meaning. Raises `SourceError` if the run did not log *metric*,
    and `MissingExtraError` without numpy and scipy.

    >>> from envcfg import load, sample, tables
    >>> tables.effect_estimates(load(sample("forage")), invariant=True)["value"].round(2).to_list()
    [-0.24, -0.06, -0.0, -0.06]
    """
    from envcfg.analysis.effects.effect import effects as measured  # noqa: PLC0415  # scipy takes half a second

    rows = [
        {
            "run": text(history.run),
            "metric": text(effect.metric),
            "changes": list(effect.numbers),
            "step": effect.group.step,
            "task": text(effect.group.changes[-1].task or ""),
            **{name: getattr(effect.estimate, name, None) for name in _NUMBERS},
            "q": effect.q,
            **dict(zip(_COUNTS, _points(effect), strict=True)),
            "task_mix": _part(effect, "mix"),
            "skill": _part(effect, "skill"),
            "refusal": None if effect.refusal is None else text(effect.refusal),
            "cautions": [text(caution.text) for caution in effect.cautions],
        }
        for effect in measured(history, metric, invariant=invariant)
    ]
    kinds = dict.fromkeys((*_NUMBERS, "q", "task_mix", "skill"), pl.Float64)
    texts = dict.fromkeys(("run", "metric", "task", "refusal"), pl.String)
    counts = dict.fromkeys(_COUNTS, pl.Int64)
    lists = {"changes": pl.List(pl.Int64), "cautions": pl.List(pl.String)}
    order = ["run", "metric", "changes", "step", "task", *_NUMBERS, "q", *_COUNTS]
    order += ["task_mix", "skill", "refusal", "cautions"]
    types: dict[str, Any] = {**kinds, **texts, **counts, **lists, "step": pl.Int64}
    return pl.DataFrame(rows, schema={name: types[name] for name in order})


def _part(effect: "Effect", name: str) -> float | None:
    """A part of the split; None if there is none, or if the two cannot be separated."""
    found = effect.split
    return None if found is None or not found.is_identified else getattr(found, name)


def _points(effect: "Effect") -> tuple[int | None, ...]:
    found = effect.estimate
    return (None, None, None) if found is None else (*found.points, found.placebos)


def pooled_estimates(
    histories: Sequence[History], metric: MetricChoice = None, *, invariant: bool = False
) -> pl.DataFrame:
    """The effects that several runs have in common, one row each.

    The columns are `metric`, `changed`, `runs`, `value`, `se`, `df`, `low`, `high`, `p`, `detectable`, `shared` (the
    part of `se` that all runs share), `q_statistic`, `tau_squared`, `i_squared`, `sign_p`, `q`, `controls`, `positive`,
    `refusal` and `cautions`. *invariant* says that the metric keeps its meaning. Raises `SourceError` if no run logged
    *metric*, and `MissingExtraError` without numpy and scipy.

    >>> from envcfg import load_sweep, sample, tables
    >>> tables.pooled_estimates([run.history for run in load_sweep(sample("sweep"))]).columns[:4]
    ['metric', 'changed', 'runs', 'value']
    """
    from envcfg.analysis.effects.pooling import pooled_effects  # noqa: PLC0415  # scipy takes half a second

    found = pooled_effects(histories, metric, invariant=invariant)
    rows = [
        {
            "metric": text(effect.metric),
            "changed": text("; ".join(effect.changed)),
            "runs": len(effect.effects) if effect.pooled is None else effect.pooled.runs,
            **{name: getattr(effect.pooled, name, None) for name in (*_POOLED, *_POOLED_COUNTS)},
            "q": effect.q,
            "refusal": None if effect.refusal is None else text(effect.refusal),
            "cautions": [text(caution.text) for caution in effect.cautions],
        }
        for effect in found
    ]
    types: dict[str, Any] = {
        **dict.fromkeys(("metric", "changed"), pl.String),
        "runs": pl.Int64,
        **dict.fromkeys((*_POOLED, "q"), pl.Float64),
        **dict.fromkeys(_POOLED_COUNTS, pl.Int64),
        "refusal": pl.String,
        "cautions": pl.List(pl.String),
    }
    return pl.DataFrame(rows, schema=types)


_POOLED = (
    *("value", "se", "df", "low", "high", "p", "detectable", "shared"),
    *("q_statistic", "tau_squared", "i_squared", "sign_p"),
)
_POOLED_COUNTS = ("controls", "positive")
