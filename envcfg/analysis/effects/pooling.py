"""One change in several runs, such as the seeds of a sweep: random effects over runs.

The variance between runs is by DerSimonian and Laird (1986, doi 10.1016/0197-2456(86)90046-2). The interval is by
Hartung and Knapp (2001, doi 10.1002/sim.791), but never narrower than the plain one. I-squared is by Higgins and
Thompson (2002, doi 10.1002/sim.1186).
"""

from collections.abc import Iterator, Sequence
from math import comb
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import np
from envcfg.analysis.effects.cautions import Caution
from envcfg.analysis.effects.effect import Effect, effects
from envcfg.analysis.effects.fdr import q_values
from envcfg.analysis.effects.reml import p_value, quantile
from envcfg.analysis.formatting import edit_text
from envcfg.core.diff import Edit
from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice, metric_of_each

FEW: Final = 5
"""With fewer runs, the interval depends on its assumptions. A caution then points to the sign test."""

_WHOLE: Final = frozenset({"metric not invariant", "adaptive trigger", "simultaneous", "smoothed input"})
"""The cautions about single runs that also apply to the pooled effect."""


class Pooled(NamedTuple):
    """The mean effect over runs, and how much the runs differ."""

    value: float
    se: float
    """From the variances within and between runs. The interval is by Hartung and Knapp."""
    low: float
    high: float
    p: float
    q_statistic: float
    """Cochran's Q."""
    tau_squared: float
    """The variance of the true effects between runs."""
    i_squared: float
    """The share of the variation between runs that is more than noise, in per cent."""
    runs: int
    positive: int
    """The number of runs with an effect above 0."""
    sign_p: float
    """Two-sided, of the sign test."""


class PooledEffect(NamedTuple):
    """One change that several runs have in common."""

    metric: str
    changed: tuple[str, ...]
    """Its edits as text."""
    effects: tuple[Effect, ...]
    """One effect for each run that has the change."""
    pooled: Pooled | None
    cautions: tuple[Caution, ...]
    q: float | None = None
    """The false discovery rate over all pooled changes, by Benjamini and Hochberg."""


def pool(values: Sequence[float], errors: Sequence[float]) -> Pooled:
    """Pool at least two effects, given their values and standard errors."""
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
    """The two-sided p of *positive* out of *count* signs, if both signs have the same probability."""
    tail = sum(comb(count, more) for more in range(max(positive, count - positive), count + 1))
    p: float = 2.0 * tail / 2.0**count
    return min(1.0, p)


def pooled_effects(
    histories: Sequence[History],
    metric: MetricChoice = None,
    *,
    invariant: bool = False,
) -> tuple[PooledEffect, ...]:
    """Pool each change that two or more runs have in common; in the order of the first run that has it.

    *metric* is a name, or a function that returns the series of a run. Two changes are the same if they changed the
    same keys from the same values to the same values. Runs without the metric are left out; a caution gives their
    number. Raises `SourceError` if no run has the metric.
    """
    by_run = list(_measured(histories, metric, invariant=invariant))
    groups: dict[frozenset[Edit], list[Effect]] = {}
    for found in by_run:
        first: dict[frozenset[Edit], Effect] = {}
        for effect in found:
            first.setdefault(frozenset(effect.edits), effect)
        for changed, effect in first.items():
            groups.setdefault(changed, []).append(effect)
    without = len(histories) - len(by_run)
    common = [group for changed, group in groups.items() if changed and len(group) > 1]
    return _with_q([_pooled(group, len(histories), without) for group in common])


def _measured(histories: Sequence[History], metric: MetricChoice, *, invariant: bool) -> Iterator[tuple[Effect, ...]]:
    """The effects of each run that logged the metric."""
    series_of, errors = metric_of_each(metric, len(histories)), []
    for history in histories:
        try:
            yield effects(history, series_of(history), invariant=invariant)
        except SourceError as error:
            errors.append(error)
    if errors and len(errors) == len(histories):
        raise errors[0]


def survivors(histories: Sequence[History]) -> tuple[Caution, ...]:
    """A warning if all runs completed: runs that failed may be missing because of their results."""
    if any(history.status != "completed" for history in histories):
        return ()
    text = "all of these runs completed: runs that failed or were stopped are missing, and they could differ"
    return (Caution("only finished runs", text),)


def _pooled(group: Sequence[Effect], runs: int, without: int) -> PooledEffect:
    changed = tuple(sorted(map(edit_text, group[0].edits)))
    pairs = [(e.estimate.value, e.estimate.se) for e in group if e.estimate is not None and e.estimate.se]
    found = pool([value for value, _ in pairs], [error for _, error in pairs]) if len(pairs) > 1 else None
    cautions = tuple(_cautions(group, len(pairs), runs, without))
    return PooledEffect(group[0].metric, changed, tuple(group), found, cautions)


def _cautions(group: Sequence[Effect], measured: int, runs: int, without: int) -> Iterator[Caution]:
    """Of several cautions of one kind, the one from the run with the fewest placebos."""
    ordered = sorted(group, key=lambda effect: -(effect.estimate is not None and effect.estimate.rule is not None))
    kinds = {caution.kind: caution for effect in ordered for caution in effect.cautions if caution.kind in _WHOLE}
    yield from kinds.values()
    if 1 < measured < FEW:
        yield Caution("few seeds", f"only {measured} runs: trust the signs more than the interval")
    if 0 < measured < len(group):
        yield Caution("not in all", f"the effect was measured in {measured} of the {len(group)} runs with this change")
    if len(group) < runs - without:
        yield Caution("not in all", f"{runs - without - len(group)} of {runs} runs never had this change")
    if without:
        yield Caution("not in all", f"{without} of {runs} runs did not log the metric")


def _with_q(found: Sequence[PooledEffect]) -> tuple[PooledEffect, ...]:
    tested = [effect.pooled.p for effect in found if effect.pooled is not None]
    left = iter(q_values(tested))
    return tuple(effect if effect.pooled is None else effect._replace(q=next(left)) for effect in found)
