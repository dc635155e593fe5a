"""The outcomes of groups of runs: interquartile means over seeds, with intervals from three seeds on.

The percentile bootstrap that is common for interquartile means (Agarwal et al. 2021, arXiv:2108.13264) holds the truth
in 73 of 100 cases with three runs, and in 91 with five. These intervals are Student's, with the standard error that the
interquartile mean has in normal data. `benchmarks/inference.py` prints how often they hold the truth.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from math import sqrt
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.reml import quantile

FEWEST: Final = 3
"""The runs that a group needs for an interval: two seeds say too little about a third."""
DRAWS: Final = 4_000
"""The random regroupings of runs, for the intervals of differences."""
LEVEL: Final = 0.05
_WIDER: Final = 1.19**0.5
"""The standard error of an interquartile mean of normal data, per standard error of the mean, with many runs."""

Interval = tuple[float, float]


class Outcome(NamedTuple):
    """The outcome of a group of runs. The outcome of one run is the mean of the last tenth of its metric."""

    name: str
    values: tuple[float, ...]
    iqm: float
    """The interquartile mean: the mean of the middle half of the values. A value at its edge counts in part."""
    interval: Interval | None
    """The 95 % interval of the interquartile mean; None for fewer than `FEWEST` runs."""
    behind: float
    """The interquartile mean of the first group minus that of this group."""
    behind_interval: Interval | None
    """The interval of `behind`; None for the first group, and if either group has too few runs. All intervals of all
    pairs of groups hold together in 95 of 100 cases, whichever group is the first."""
    improvement: float | None
    """The probability that a run of the first group is better than a run of this group; None for the first group."""


def outcomes(groups: Mapping[str, Sequence[float]], *, is_comparable: bool = True) -> tuple[Outcome, ...]:
    """The outcomes of groups, the highest interquartile mean first. Groups without values are left out.

    Without *is_comparable*, because the metric means something else in some groups, they are not tested against each
    other. Raises `MissingExtraError` without numpy and scipy.
    """
    held = {name: tuple(map(float, values)) for name, values in groups.items() if values}
    if not held:
        return ()
    middles = {name: iqm(values) for name, values in held.items()}
    order = sorted(held, key=lambda name: -middles[name])
    reach = simultaneous([np.array(values) for values in held.values() if len(values) >= FEWEST])
    found = tuple(_outcome(name, held, middles, order[0], reach) for name in order)
    return found if is_comparable else tuple(each._replace(behind_interval=None, improvement=None) for each in found)


def _outcome(
    name: str, held: Mapping[str, tuple[float, ...]], middles: Mapping[str, float], first: str, reach: float
) -> Outcome:
    own, best = np.array(held[name]), np.array(held[first])
    behind, is_first = middles[first] - middles[name], name == first
    error = sqrt(_square(own) + _square(best)) if min(len(own), len(best)) >= FEWEST else None
    return Outcome(
        name=name,
        values=held[name],
        iqm=middles[name],
        interval=None if len(own) < FEWEST else _around(middles[name], quantile(len(own) - 1) * sqrt(_square(own))),
        behind=behind,
        behind_interval=None if is_first or error is None else _around(behind, reach * error),
        improvement=None if is_first else improvement(best, own),
    )


def _around(middle: float, aside: float) -> Interval:
    return middle - aside, middle + aside


def iqm(values: Sequence[float] | Floats) -> float:
    """The interquartile mean."""
    return float(np.sort(np.asarray(values, dtype=float)) @ _weights(len(values)))


def _weights(count: int) -> Floats:
    """The weight of each value in order of size: the part of it that lies in the middle half."""
    edges = np.clip(np.arange(count + 1) / count, 0.25, 0.75)
    weights: Floats = np.diff(edges) / 0.5
    return weights


def _square(values: Floats) -> float:
    """The squared standard error of the interquartile mean."""
    return _WIDER**2 * float(values.var(ddof=1)) / len(values)


def improvement(one: Floats, other: Floats) -> float:
    """The share of pairs in which *one* is better; equal ones count half."""
    return float(np.mean((one[:, None] > other) + 0.5 * (one[:, None] == other)))


def simultaneous(groups: Sequence[Floats], *, seed: int = 0) -> float:
    """The half width of the intervals of all differences, in standard errors.

    It is the 95 % point of the largest studentised difference of any two groups, if runs are regrouped at random. So
    among equal groups some difference is found in 5 of 100 cases, however many groups there are. If too few regroupings
    are possible, it is Student's, by Bonferroni.
    """
    sizes, pairs = [len(values) for values in groups], list(combinations(range(len(groups)), 2))
    if not pairs:
        return 0.0
    draw = np.random.default_rng(seed)
    mixed = draw.permuted(np.tile(np.concatenate(groups), (DRAWS, 1)), axis=1)
    ends = np.cumsum([0, *sizes])
    parts = [mixed[:, start:end] for start, end in pairwise(ends)]
    middles = np.stack([np.sort(part, axis=1) @ _weights(part.shape[1]) for part in parts])
    squares = np.stack([_WIDER**2 * part.var(axis=1, ddof=1) / part.shape[1] for part in parts])
    largest = np.zeros(DRAWS)
    for one, other in pairs:
        error = np.sqrt(squares[one] + squares[other])
        apart = np.abs(middles[one] - middles[other])
        largest = np.maximum(largest, np.divide(apart, error, out=np.zeros(DRAWS), where=error > 0))
    reach = float(np.quantile(largest, 1 - LEVEL))
    if np.mean(largest >= reach * (1 - 1e-9)) > 1.5 * LEVEL:
        return quantile(2 * (min(sizes) - 1), level=1 - LEVEL / len(pairs))
    return reach


def profile(values: Sequence[float], thresholds: Sequence[float]) -> tuple[float, ...]:
    """The performance profile: the share of runs above each threshold."""
    return tuple(float(np.mean(np.asarray(values) > threshold)) for threshold in thresholds)
