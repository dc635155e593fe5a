"""The table `effects`: one row for each card."""

from typing import TYPE_CHECKING, Any

import polars as pl

from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice
from envcfg.tables.frames.columns import text

if TYPE_CHECKING:
    from envcfg.analysis.effects.effect import Effect

_NUMBERS = ("value", "low", "high", "sd", "percent", "p")


def effect_estimates(history: History, metric: MetricChoice = None, *, invariant: bool = False) -> pl.DataFrame:
    """The effects of `envcfg.effects`, one row each, in order of step.

    The columns are `run`, `metric`, `changes` (their numbers), `step`, `task`, `value` (the jump of the metric, in its
    unit), `low` and `high` (the 95 % interval), `sd`, `percent`, `p`, `q`, `task_mix`, `skill`, `refusal` and
    `cautions` (text). Numbers are null if there is a refusal. *invariant* says that the metric keeps its meaning.
    Raises `SourceError` if the run did not log *metric*, and `MissingExtraError` without numpy and scipy.

    >>> from envcfg import load, sample, tables
    >>> tables.effect_estimates(load(sample("forage")), invariant=True)["value"].round(2).to_list()
    [-0.3, -0.08, -0.18, -0.18]
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
            "task_mix": _part(effect, "mix"),
            "skill": _part(effect, "skill"),
            "refusal": None if effect.refusal is None else text(effect.refusal),
            "cautions": [text(caution.text) for caution in effect.cautions],
        }
        for effect in measured(history, metric, invariant=invariant)
    ]
    kinds = dict.fromkeys((*_NUMBERS, "q", "task_mix", "skill"), pl.Float64)
    texts = dict.fromkeys(("run", "metric", "task", "refusal"), pl.String)
    lists = {"changes": pl.List(pl.Int64), "cautions": pl.List(pl.String)}
    order = ["run", "metric", "changes", "step", "task", *_NUMBERS, "q", "task_mix", "skill", "refusal", "cautions"]
    types: dict[str, Any] = {**kinds, **texts, **lists, "step": pl.Int64}
    return pl.DataFrame(rows, schema={name: types[name] for name in order})


def _part(effect: "Effect", name: str) -> float | None:
    """A part of the split; None if there is none, or if the two cannot be told apart."""
    found = effect.split
    return None if found is None or not found.is_identified else getattr(found, name)
