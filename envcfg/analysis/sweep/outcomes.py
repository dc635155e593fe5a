"""How well groups of runs did: interquartile means over seeds, with bootstrap intervals."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from envcfg.core.errors import MissingExtraError

FEWEST: Final = 3
"""Runs below which a group has no interval: what two seeds have in common says nothing about a third."""
RESAMPLES: Final = 2000
CONFIDENCE: Final = 0.95

Interval = tuple[float, float]


class Outcome(NamedTuple):
    """A group of runs; the outcome of a run is the mean of the last tenth of its metric."""

    name: str
    values: tuple[float, ...]
    iqm: float
    """The interquartile mean: of the middle half of the values (Agarwal et al. 2021, arXiv:2108.13264)."""
    interval: Interval | None
    """Of the interquartile mean, at 95 %; None for fewer than `FEWEST` runs."""
    behind: float
    """How far its interquartile mean is behind the first group's."""
    behind_interval: Interval | None
    """Of `behind`, at 95 %; None where either group has too few runs, and for the first."""


def outcomes(groups: Mapping[str, Sequence[float]]) -> tuple[Outcome, ...]:
    """The groups, highest interquartile mean first; groups without values are left out.

    Percentile bootstrap, stratified: runs are drawn anew within each group, from a generator of its own. Raises
    `MissingExtraError` without scipy.
    """
    held = {name: tuple(values) for name, values in groups.items() if values}
    middles = {name: _iqm(values) for name, values in held.items()}
    order = sorted(held, key=lambda name: -middles[name])
    return tuple(
        Outcome(
            name=name,
            values=held[name],
            iqm=middles[name],
            interval=_interval(_mean_of_middle, held[name]),
            behind=middles[order[0]] - middles[name],
            behind_interval=None if name == order[0] else _interval(_difference, held[order[0]], held[name]),
        )
        for name in order
    )


def _interval(statistic: Any, *samples: tuple[float, ...]) -> Interval | None:
    if min(map(len, samples)) < FEWEST:
        return None
    if all(len(set(values)) == 1 for values in samples):
        found = statistic(*samples)
        return found, found
    found = (
        _stats()
        .bootstrap(
            samples,
            statistic,
            n_resamples=RESAMPLES,
            confidence_level=CONFIDENCE,
            method="percentile",
            vectorized=True,
            axis=-1,
            rng=0,
        )
        .confidence_interval
    )
    return float(found.low), float(found.high)


def _iqm(values: Sequence[float]) -> float:
    return float(_mean_of_middle(values))


def _mean_of_middle(values: Any, axis: int = -1) -> Any:
    return _stats().trim_mean(values, 0.25, axis=axis)


def _difference(one: Any, other: Any, axis: int = -1) -> Any:
    return _mean_of_middle(one, axis) - _mean_of_middle(other, axis)


def _stats() -> Any:
    try:
        from scipy import stats  # noqa: PLC0415  # heavy, and an extra
    except ImportError as error:
        raise MissingExtraError("an interval", extra="stats") from error
    return stats
