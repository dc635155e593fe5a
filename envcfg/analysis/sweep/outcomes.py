"""The outcomes of groups of runs: interquartile means over seeds, with bootstrap intervals."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from envcfg.core.errors import MissingExtraError

FEWEST: Final = 3
"""The runs that a group needs for an interval: two are too few."""
RESAMPLES: Final = 2000
CONFIDENCE: Final = 0.95

Interval = tuple[float, float]


class Outcome(NamedTuple):
    """The outcome of a group of runs. The outcome of one run is the mean of the last tenth of its metric."""

    name: str
    values: tuple[float, ...]
    iqm: float
    """The interquartile mean: the mean of the middle half of the values (Agarwal et al. 2021, arXiv:2108.13264)."""
    interval: Interval | None
    """The 95 % interval of the interquartile mean; None for fewer than `FEWEST` runs."""
    behind: float
    """The interquartile mean of the first group minus that of this group."""
    behind_interval: Interval | None
    """The 95 % interval of `behind`; None for the first group, and if either group has too few runs."""


def outcomes(groups: Mapping[str, Sequence[float]]) -> tuple[Outcome, ...]:
    """The outcomes of groups, the highest interquartile mean first. Groups without values are left out.

    The intervals are from a stratified percentile bootstrap: runs are resampled within each group. Raises
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
