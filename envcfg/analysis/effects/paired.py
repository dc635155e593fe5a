"""The mean difference over pairs of runs, one with and one without a change, and its tests."""

from collections.abc import Sequence
from itertools import product
from math import sqrt
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import np
from envcfg.analysis.effects.reml import p_value, quantile

EXACT: Final = 16
"""The most pairs for which all patterns of signs are counted. With more pairs, random patterns are drawn."""
_DRAWS: Final = 65_536
_ROUNDING: Final = 1e-12


class Paired(NamedTuple):
    """The mean difference over pairs."""

    value: float
    low: float | None
    """The lower end of the 95 % interval, by Student's t over pairs; None for one pair, or if all pairs are equal."""
    high: float | None
    p: float | None
    """Two-sided, of the paired t-test."""
    flips_p: float
    """Two-sided, by Fisher's sign-flip test (1935): the share of random signs that give a sum at least as far from 0.
    It assumes only that the runs are paired."""
    pairs: int
    positive: int
    """The number of pairs with a difference above 0."""


def paired(differences: Sequence[float]) -> Paired:
    """The mean of *differences* (one for each pair, at least one) with its interval and tests."""
    found = np.asarray(differences, dtype=float)
    count, value = len(found), float(found.mean())
    spread = float(found.std(ddof=1)) / sqrt(count) if count > 1 else 0.0
    reach = quantile(count - 1) * spread if spread else None
    return Paired(
        value=value,
        low=None if reach is None else value - reach,
        high=None if reach is None else value + reach,
        p=float(p_value(np.array(value / spread), np.array(count - 1.0))) if spread else None,
        flips_p=_flips(found),
        pairs=count,
        positive=int((found > 0).sum()),
    )


def least_p(pairs: int) -> float:
    """The smallest p that the sign-flip test can give. With 5 pairs it is above 0.05."""
    return float(2.0 ** (1 - pairs))


def _flips(differences: "np.ndarray") -> float:
    """The share of sign patterns whose sum is at least as far from 0, among all patterns or many random ones."""
    count = len(differences)
    if count <= EXACT:
        signs = np.array(list(product((-1.0, 1.0), repeat=count)))
    else:
        signs = np.random.default_rng(0).choice((-1.0, 1.0), size=(_DRAWS, count))
    sums = np.abs(signs @ differences)
    beyond = sums >= abs(differences.sum()) * (1 - _ROUNDING)
    return float(beyond.mean()) if count <= EXACT else float((beyond.sum() + 1) / (_DRAWS + 1))
