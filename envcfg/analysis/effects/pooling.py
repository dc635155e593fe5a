"""Pooling: one change in several runs, such as the seeds of a sweep. `pool` has the numbers."""

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import np
from envcfg.analysis.effects.cautions import AT_BOUND
from envcfg.analysis.effects.common import Common
from envcfg.analysis.effects.controls import controlled, jackknife
from envcfg.analysis.effects.effect import Effect, Measured, measure
from envcfg.analysis.effects.estimate import Estimate
from envcfg.analysis.effects.fdr import q_values
from envcfg.analysis.effects.gate import Caution
from envcfg.analysis.effects.pool import Pooled, pool
from envcfg.analysis.effects.selection import DOUBT
from envcfg.analysis.formatting import count_text, edit_text
from envcfg.core.diff import Edit
from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice, metric_of_each

FEW: Final = 5
"""With fewer runs, the interval depends on its assumptions. A caution then points to the sign test."""
LEAST: Final = 3
"""The runs that a test needs."""

_WHOLE: Final = frozenset({"metric not invariant", "adaptive trigger", "simultaneous", "smoothed input"})
"""The cautions about single runs that also apply to the pooled effect."""


class PooledEffect(NamedTuple):
    """One change that several runs have in common."""

    metric: str
    changed: tuple[str, ...]
    """Its edits as text."""
    effects: tuple[Effect, ...]
    """One effect for each run that has the change."""
    pooled: Pooled | None
    refusal: str | None
    """Why the runs are not pooled; None if they are."""
    cautions: tuple[Caution, ...]
    q: float | None = None
    """The false discovery rate over all pooled changes, by Benjamini and Hochberg."""


Member = tuple[int, Effect]
"""The position of a run, and its effect."""


def pooled_effects(
    histories: Sequence[History],
    metric: MetricChoice = None,
    *,
    invariant: bool = False,
) -> tuple[PooledEffect, ...]:
    """Pool each change that two or more runs have in common; in the order of the first run that has it.

    *metric* is a name, or a function that returns the series of a run. Two changes are the same if they changed the
    same keys from the same values to the same values. Only runs with a test of their own are pooled, and at least three
    are needed. Runs without the metric are left out; a caution gives their number. Raises `SourceError` if no run has
    the metric.
    """
    runs = list(_measured(histories, metric, invariant=invariant))
    groups: dict[frozenset[Edit], list[Member]] = {}
    for number, run in enumerate(runs):
        first: dict[frozenset[Edit], Effect] = {}
        for effect in run.effects:
            first.setdefault(frozenset(effect.edits), effect)
        for changed, effect in first.items():
            groups.setdefault(changed, []).append((number, effect))
    without = len(histories) - len(runs)
    common = [group for changed, group in groups.items() if changed and len(group) > 1]
    return _with_q([_pooled(group, runs, without) for group in common])


def _measured(histories: Sequence[History], metric: MetricChoice, *, invariant: bool) -> Iterator[Measured]:
    """The effects of each run that logged the metric."""
    series_of, errors = metric_of_each(metric, len(histories)), []
    for history in histories:
        try:
            yield measure(history, series_of(history), invariant=invariant)
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


def _pooled(group: Sequence[Member], runs: Sequence[Measured], without: int) -> PooledEffect:
    effects = tuple(effect for _, effect in group)
    known = {number: effect for number, effect in group if effect.estimate and effect.estimate.p is not None}
    tested = {number: effect.estimate for number, effect in known.items() if effect.estimate and not _at_bound(effect)}
    needed = max(LEAST, -(-len(group) // 2))
    found = together(tested, runs) if len(tested) >= needed else _too_few(len(tested), needed, len(known) - len(tested))
    pooled, refusal = (None, found) if isinstance(found, str) else (found, None)
    cautions = tuple(_cautions(effects, len(tested), len(runs), without))
    changed = tuple(sorted(map(edit_text, effects[0].edits)))
    return PooledEffect(effects[0].metric, changed, effects, pooled, refusal, cautions)


def _at_bound(effect: Effect) -> bool:
    """Whether the metric of this run is often at its highest or lowest value.

    Its noise then has one sign, and the test is a little wrong, always in the same direction. In one run that is small
    beside the noise. Over many runs the noise averages out, and the error stays.
    """
    return any(caution.kind == AT_BOUND for caution in effect.cautions)


def _too_few(tested: int, needed: int, at_bound: int) -> str:
    """At least half of the runs are needed, because those with a test may differ from those without one."""
    if not at_bound:
        return f"{count_text(tested, 'run')} could be tested, {needed} are needed"
    often = f"{count_text(at_bound, 'run')} often had the highest or lowest value of the metric, and are not pooled"
    return f"{often}; {count_text(tested, 'other')} could be tested, {needed} are needed"


def together(tested: Mapping[int, Estimate], runs: Sequence[Measured] = ()) -> Pooled | str:
    """The pooled effect of *tested*, by the position of each run in *runs*; or the reason against it."""
    estimates = list(tested.values())
    arounds = [each.around for each in estimates]
    common = Common.of(arounds)
    variances = [each.se**2 * max(1.0, each.df / max(each.df - 2, 1.0)) for each in estimates]
    doubt = DOUBT * float(np.mean([each.correction or 0.0 for each in estimates]))
    if common is None:
        bend = float(np.sqrt(np.mean([each.bend**2 for each in estimates])))
        return pool([each.value for each in estimates], variances, shared=sqrt(bend**2 + doubt**2))
    others = [[run.data for place, run in enumerate(runs) if place != number] for number in tested]
    controls = None if any(each.rule for each in estimates) else controlled(common, arounds, others)
    rows = np.array([common.row(each) for each in arounds]) if controls is None else controls.rows
    fit, is_slope = common.mean(rows)
    if is_slope:
        return "the mean of the runs moved over several points around the change, which is no jump"
    shared = sqrt(float(fit.bend[0]) ** 2 + doubt**2)
    jumps = common.jumps(rows, fit)
    if controls is None:
        return pool(jumps.tolist(), variances, shared=shared)
    own = common.jumps(np.array([common.row(each) for each in arounds]), fit)
    theirs = [
        dict(zip(each, common.jumps(np.array(list(each.values())), fit).tolist(), strict=True))
        for each in controls.controls
    ]
    error = jackknife(own, theirs, list(tested))
    return pool(jumps.tolist(), variances, shared=shared, least_se=error, controls=controls.fewest)


def _cautions(group: Sequence[Effect], measured: int, runs: int, without: int) -> Iterator[Caution]:
    """If several runs have a caution of one kind, a run that could not be corrected for its rule comes first."""
    ordered = sorted(group, key=lambda effect: -(effect.estimate is not None and effect.estimate.rule is not None))
    kinds = {caution.kind: caution for effect in ordered for caution in effect.cautions if caution.kind in _WHOLE}
    yield from kinds.values()
    if LEAST <= measured < FEW:
        yield Caution("few seeds", f"only {measured} runs: trust the signs more than the interval")
    if 0 < measured < len(group):
        yield Caution("not in all", f"{measured} of the {len(group)} runs with this change could be tested")
    if len(group) < runs:
        yield Caution("not in all", f"{runs - len(group)} of {runs + without} runs never had this change")
    if without:
        yield Caution("not in all", f"{without} of {runs + without} runs did not log the metric")


def _with_q(found: Sequence[PooledEffect]) -> tuple[PooledEffect, ...]:
    tested = [effect.pooled.p for effect in found if effect.pooled is not None]
    left = iter(q_values(tested))
    return tuple(effect if effect.pooled is None else effect._replace(q=next(left)) for effect in found)
