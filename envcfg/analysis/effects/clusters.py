"""The mean of rows that come in clusters, with a 95 % band: a bootstrap of whole clusters.

Rows of one run are not independent, so the bootstrap draws runs, each with all its rows (Field and Welsh 2007, doi
10.1111/j.1467-9868.2007.00593.x). With few clusters the plain bootstrap gives bands that are too narrow. Student's t
widens them (Hesterberg 2015, doi 10.1080/00031305.2015.1089789).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, Ints, np, stdtrit

DRAWS: Final = 400
LEAST_CLUSTERS: Final = 3
"""The clusters that a band needs. The band of two would be nearly 20 times as wide as their distance."""


class Band(NamedTuple):
    """The mean and its band in each column; NaN where there is too little data."""

    middle: Floats
    low: Floats
    high: Floats


def band(rows: Floats, clusters: Sequence[int], chance: np.random.Generator) -> Band:
    """The mean of *rows* (rows, columns), NaN where nothing was measured. *clusters* gives the cluster of each row."""
    sums, counts = _by_cluster(rows, clusters)
    drawn = chance.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=DRAWS)
    middle = ratio(sums.sum(axis=0), counts.sum(axis=0))
    reach = _student((counts > 0).sum(axis=0)) * _spread(ratio(drawn @ sums, drawn @ counts))
    return Band(middle, middle - reach, middle + reach)


def ratio(sums: Floats | Ints, counts: Floats | Ints) -> Floats:
    """*sums* divided by *counts*; NaN where the count is 0."""
    found: Floats = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return found


def _by_cluster(rows: Floats, clusters: Sequence[int]) -> tuple[Floats, Floats]:
    _, owners = np.unique(clusters, return_inverse=True)
    sums, counts = (np.zeros((owners.max() + 1, rows.shape[1])) for _ in range(2))
    np.add.at(sums, owners, np.nan_to_num(rows))
    np.add.at(counts, owners, np.isfinite(rows))
    return sums, counts


def _spread(means: Floats) -> Floats:
    """The standard deviation of the finite values in each column."""
    known = np.isfinite(means)
    centred = np.where(known, means - ratio(np.nan_to_num(means).sum(axis=0), known.sum(axis=0)), 0.0)
    spread: Floats = np.sqrt(ratio(np.square(centred).sum(axis=0), known.sum(axis=0)))
    return spread


def _student(counts: Ints) -> Floats:
    """The half width of the 95 % band, in standard deviations of the resampled means."""
    enough = counts >= LEAST_CLUSTERS
    many = np.where(enough, counts, LEAST_CLUSTERS)
    reach: Floats = np.where(enough, stdtrit(many - 1, 0.975) * np.sqrt(many / (many - 1)), np.nan)
    return reach
