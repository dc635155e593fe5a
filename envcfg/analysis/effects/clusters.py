"""The mean of rows that come in clusters, with its 95 % band: a bootstrap of whole clusters.

Rows of one run are no independent witnesses, so runs are drawn, each with all its rows (Field and Welsh 2007, doi
10.1111/j.1467-9868.2007.00593.x). Of few clusters the plain bootstrap gives bands that are too narrow: its spread is
widened as Student's t asks for (Hesterberg 2015, doi 10.1080/00031305.2015.1089789).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, Ints, np, stdtrit

DRAWS: Final = 400
LEAST_CLUSTERS: Final = 3
"""Clusters without which there is no band: of two, it would be nearly twenty times as wide as they are apart."""


class Band(NamedTuple):
    """At each column, NaN where too little is known."""

    middle: Floats
    low: Floats
    high: Floats


def band(rows: Floats, clusters: Sequence[int], chance: np.random.Generator) -> Band:
    """The mean of *rows*, which hold NaN where nothing was measured; *clusters* says to which each belongs."""
    sums, counts = _by_cluster(rows, clusters)
    drawn = chance.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=DRAWS)
    middle = ratio(sums.sum(axis=0), counts.sum(axis=0))
    reach = _student((counts > 0).sum(axis=0)) * _spread(ratio(drawn @ sums, drawn @ counts))
    return Band(middle, middle - reach, middle + reach)


def ratio(sums: Floats | Ints, counts: Floats | Ints) -> Floats:
    """NaN where nothing was counted."""
    found: Floats = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return found


def _by_cluster(rows: Floats, clusters: Sequence[int]) -> tuple[Floats, Floats]:
    _, owners = np.unique(clusters, return_inverse=True)
    sums, counts = (np.zeros((owners.max() + 1, rows.shape[1])) for _ in range(2))
    np.add.at(sums, owners, np.nan_to_num(rows))
    np.add.at(counts, owners, np.isfinite(rows))
    return sums, counts


def _spread(means: Floats) -> Floats:
    """The standard deviation of what is known of each column."""
    known = np.isfinite(means)
    centred = np.where(known, means - ratio(np.nan_to_num(means).sum(axis=0), known.sum(axis=0)), 0.0)
    spread: Floats = np.sqrt(ratio(np.square(centred).sum(axis=0), known.sum(axis=0)))
    return spread


def _student(counts: Ints) -> Floats:
    """How many standard deviations of resampled means the mean of so many clusters may lie off."""
    enough = counts >= LEAST_CLUSTERS
    many = np.where(enough, counts, LEAST_CLUSTERS)
    reach: Floats = np.where(enough, stdtrit(many - 1, 0.975) * np.sqrt(many / (many - 1)), np.nan)
    return reach
