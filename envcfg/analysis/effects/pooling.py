"""One change in several seeds: random effects over runs.

The variance between runs is DerSimonian and Laird's (1986, doi 10.1016/0197-2456(86)90046-2), the interval Hartung and
Knapp's (2001, doi 10.1002/sim.791), never narrower than the plain one, I-squared Higgins and Thompson's (2002, doi
10.1002/sim.1186).
"""

from collections.abc import Iterator, Sequence
from math import comb
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import np
from envcfg.analysis.effects.cautions import Caution
from envcfg.analysis.effects.effect import Effect, effects
from envcfg.analysis.effects.fdr import q_values
from envcfg.analysis.effects.reml import p_value, quantile
from envcfg.analysis.wording import edit_text
from envcfg.core.diff import Edit
from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice, of_each

FEW: Final = 5
"""Runs below which an interval rests on its assumptions, and signs are counted beside it."""

_WHOLE: Final = frozenset({"metric not invariant", "adaptive trigger", "simultaneous", "smoothed input"})
"""Cautions about single runs that hold for them together."""


class Pooled(NamedTuple):
    """The mean effect over runs, and how much runs differ."""

    value: float
    se: float
    """By the variances within and between runs; the interval is Hartung and Knapp's."""
    low: float
    high: float
    p: float
    q_statistic: float
    """Cochran's Q."""
    tau_squared: float
    """The variance of the true effects between runs."""
    i_squared: float
    """The share of what runs differ by that is more than noise, in per cent."""
    runs: int
    positive: int
    """Runs whose effect is above 0."""
    sign_p: float
    """Two-sided, of the sign test."""


class PooledEffect(NamedTuple):
    """One change as several runs saw it."""

    metric: str
    changed: tuple[str, ...]
    """Its leaves, old and new, as text."""
    effects: tuple[Effect, ...]
    """Of each run that had it."""
    pooled: Pooled | None
    cautions: tuple[Caution, ...]
    q: float | None = None
    """The false discovery rate over all changes that are pooled, by Benjamini and Hochberg."""


def pool(values: Sequence[float], errors: Sequence[float]) -> Pooled:
    """Pool effects with their standard errors; at least two of each."""
    y, variances = np.asarray(values, dtype=float), np.square(np.asarray(errors, dtype=float))
    count = len(y)
    fixed = 1 / variances
    q_statistic = float(fixed @ np.square(y - fixed @ y / fixed.sum()))
    scale = float(fixed.sum() - np.square(fixed).sum() / fixed.sum())
    tau_squared = max(0.0, (q_statistic - (count - 1)) / scale)
    weights = 1 / (variances + tau_squared)
    value = float(weights @ y / weights.sum())
    se = float(weights.sum() ** -0.5)
    spread = float(weights @ np.square(y - value)) / (count - 1)
    reach = quantile(count - 1) * se * max(1.0, spread) ** 0.5
    t = value / (se * max(1.0, spread) ** 0.5)
    positive = int((y > 0).sum())
    return Pooled(
        value=value,
        se=se,
        low=value - reach,
        high=value + reach,
        p=float(p_value(np.array(t), np.array(count - 1.0))),
        q_statistic=q_statistic,
        tau_squared=tau_squared,
        i_squared=100 * max(0.0, 1 - (count - 1) / q_statistic) if q_statistic > 0 else 0.0,
        runs=count,
        positive=positive,
        sign_p=sign_test(positive, int((y != 0).sum())),
    )


def sign_test(positive: int, count: int) -> float:
    """Two-sided p of so many of *count* signs, if either were as likely."""
    tail = sum(comb(count, more) for more in range(max(positive, count - positive), count + 1))
    p: float = 2.0 * tail / 2.0**count
    return min(1.0, p)


def pooled_effects(
    histories: Sequence[History],
    metric: MetricChoice = None,
    *,
    invariant: bool = False,
) -> tuple[PooledEffect, ...]:
    """Each change that two runs or more have in common, pooled; in the order of the first run that has it.

    *metric* is a name, or gives the series of a run. Changes are the same where they changed the same leaves from the
    same values to the same. Runs without such a metric are left out, and counted in the cautions; raises `SourceError`
    where that is all of them.
    """
    by_run = list(_measured(histories, metric, invariant=invariant))
    groups: dict[frozenset[Edit], list[Effect]] = {}
    for found in by_run:
        first: dict[frozenset[Edit], Effect] = {}
        for effect in found:
            first.setdefault(frozenset(effect.changes), effect)
        for changed, effect in first.items():
            groups.setdefault(changed, []).append(effect)
    without = len(histories) - len(by_run)
    common = [group for changed, group in groups.items() if changed and len(group) > 1]
    return _with_q([_pooled(group, len(histories), without) for group in common])


def _measured(histories: Sequence[History], metric: MetricChoice, *, invariant: bool) -> Iterator[tuple[Effect, ...]]:
    """The effects of each run that logged the metric."""
    series_of, errors = of_each(metric, len(histories)), []
    for history in histories:
        try:
            yield effects(history, series_of(history), invariant=invariant)
        except SourceError as error:
            errors.append(error)
    if errors and len(errors) == len(histories):
        raise errors[0]


def survivors(histories: Sequence[History]) -> tuple[Caution, ...]:
    """A warning where every run completed: whoever was left out may have been left out for what happened to it."""
    if any(history.status != "completed" for history in histories):
        return ()
    said = "all of these runs completed: what others that failed or were stopped would have shown is missing"
    return (Caution("only finished runs", said),)


def _pooled(group: Sequence[Effect], runs: int, without: int) -> PooledEffect:
    changed = tuple(sorted(map(edit_text, group[0].changes)))
    pairs = [(e.estimate.value, e.estimate.se) for e in group if e.estimate is not None and e.estimate.se]
    found = pool([value for value, _ in pairs], [error for _, error in pairs]) if len(pairs) > 1 else None
    cautions = tuple(_cautions(group, len(pairs), runs, without))
    return PooledEffect(group[0].metric, changed, tuple(group), found, cautions)


def _cautions(group: Sequence[Effect], measured: int, runs: int, without: int) -> Iterator[Caution]:
    """Of several runs that say the same, what the least corrected one says."""
    ordered = sorted(group, key=lambda effect: -(effect.estimate.matched if effect.estimate else 0))
    kinds = {caution.kind: caution for effect in ordered for caution in effect.cautions if caution.kind in _WHOLE}
    yield from kinds.values()
    if 1 < measured < FEW:
        yield Caution("few seeds", f"only {measured} runs: believe the signs more than the interval")
    if 0 < measured < len(group):
        yield Caution("not in all", f"it could be measured in {measured} of the {len(group)} runs that had it")
    if len(group) < runs - without:
        yield Caution("not in all", f"{runs - without - len(group)} of {runs} runs never had this change")
    if without:
        yield Caution("not in all", f"{without} of {runs} runs logged no such metric")


def _with_q(found: Sequence[PooledEffect]) -> tuple[PooledEffect, ...]:
    tested = [effect.pooled.p for effect in found if effect.pooled is not None]
    left = iter(q_values(tested))
    return tuple(effect if effect.pooled is None else effect._replace(q=next(left)) for effect in found)
