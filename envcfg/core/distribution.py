"""The distribution of a drawn parameter. Those of parts, such as epochs or ranks, can be pooled without the draws."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise

from envcfg.core.drawn import Drawn, Scalar
from envcfg.core.quantiles import PER_MILLE, ranks


@dataclass(frozen=True)
class Distribution:
    """The pooled draws of a parameter.

    A quantile is exact for values of which all were counted. Otherwise the rank of a quantile in the pooled draws is
    off by at most *resolution*, as a share of the draws, and its value is rounded (`quantiles.ROUNDED_BY`).
    """

    count: int
    """The number of draws, those that are not finite included."""
    values: tuple[Scalar, ...]
    """The values in ascending order; of texts, the most frequent first."""
    counts: tuple[int, ...]
    """The number of draws that each value stands for."""
    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    resolution: float = 0.0
    """0 if all values were counted."""
    not_finite: int = 0
    others: int = 0
    """The number of draws of texts that were not listed."""

    @property
    def has_numbers(self) -> bool:
        """Whether the draws are numbers, which have quantiles."""
        return self.low is not None

    @property
    def is_constant(self) -> bool:
        """Whether only one value was drawn."""
        return len(self.values) == 1 and not (self.others or self.not_finite)

    def quantile(self, probability: float) -> float:
        """The smallest number that at least this share of the draws do not exceed; NaN if there are no numbers."""
        if not self.has_numbers:
            return math.nan
        if probability <= 0:
            return float(self.low or 0)
        wanted = min(max(1.0, probability * self._cumulative[-1] - 1e-6), self._cumulative[-1])
        return float(self.values[bisect_left(self._cumulative, wanted)])

    def share_up_to(self, value: float) -> float:
        """The share of the draws that are not above *value*."""
        at = bisect_right(self.values, value)
        return self._cumulative[at - 1] / self._cumulative[-1] if at else 0.0

    @cached_property
    def _cumulative(self) -> list[int]:
        return list(accumulate(self.counts))


def pooled(parts: Iterable[Drawn]) -> Distribution:
    """The distribution of all draws of *parts*. Parts in any order, and in any groups, give the same."""
    found = list(parts)
    counts: dict[Scalar, int] = {}
    for part in found:
        _add(part, counts)
    texts = {value: count for value, count in counts.items() if isinstance(value, str)}
    numbers = sorted(value for value in counts if not isinstance(value, str))
    finite = sum(map(_finite, found))
    mean, sd = _moments(found) if numbers and not texts else (None, None)
    values: list[Scalar] = [*numbers, *sorted(texts, key=lambda text: (-texts[text], text))]
    return Distribution(
        count=sum(part.count for part in found),
        values=tuple(values),
        counts=tuple([counts[value] for value in values]),
        mean=mean,
        sd=sd,
        low=numbers[0] if numbers and not texts else None,
        high=numbers[-1] if numbers and not texts else None,
        resolution=sum(map(_widest_gap, found)) / finite if finite else 0.0,
        not_finite=sum(part.not_finite for part in found),
        others=sum(part.others for part in found),
    )


def _add(part: Drawn, counts: dict[Scalar, int]) -> None:
    """Add the counted values; else each quantile with the draws since the one before, half of them half way."""
    if not part.quantiles or part.low is None or part.high is None:
        for value, count in zip(part.values, part.counts, strict=True):
            counts[value] = counts.get(value, 0) + count
        return
    known = (part.low, *part.quantiles, part.high)
    before = part.low
    counts[before] = counts.get(before, 0) + 1
    for position, half, rest in _gaps(_finite(part)):
        value = known[position]
        if half:
            middle = before / 2 + value / 2
            counts[middle] = counts.get(middle, 0) + half
        counts[value] = counts.get(value, 0) + rest
        before = value


@lru_cache(maxsize=4096)
def _gaps(finite: int) -> list[tuple[int, int, int]]:
    """For each known value above the lowest: its position, and the draws since the one before, in two halves."""
    last = dict(zip(_ranks(finite), range(len(PER_MILLE) + 2), strict=True)) | {1: 0}
    return [
        (position, (rank - below) // 2, rank - below - (rank - below) // 2)
        for (below, _), (rank, position) in pairwise(last.items())
    ]


def _ranks(finite: int) -> list[int]:
    """The number of the draw that is the lowest, each quantile and the highest, in ascending order, from 1."""
    return [1, *ranks(finite), finite]


def _finite(part: Drawn) -> int:
    return part.count - part.not_finite


def _widest_gap(part: Drawn) -> int:
    """The most draws between two values that are known; 0 if each value is."""
    return max(rank - below for below, rank in pairwise(_ranks(_finite(part)))) if part.quantiles else 0


def _moments(parts: Sequence[Drawn]) -> tuple[float | None, float | None]:
    """The mean and the standard deviation of the pooled draws; None if a part does not know them."""
    known = [(_finite(part), *_moments_of(part)) for part in parts if _finite(part)]
    total = sum(count for count, _, _ in known)
    means = [mean for _, mean, _ in known if mean is not None]
    if not total or len(means) < len(known):
        return None, None
    mean = math.fsum(count * part / total for (count, _, _), part in zip(known, means, strict=True))
    deviations = [
        None if sd is None else math.sqrt(count / total) * math.hypot(sd, part - mean)
        for (count, _, sd), part in zip(known, means, strict=True)
    ]
    sd = math.hypot(*(deviation for deviation in deviations if deviation is not None))
    return mean, None if None in deviations or not math.isfinite(sd) else sd


def _moments_of(part: Drawn) -> tuple[float | None, float | None]:
    if part.quantiles:
        return part.mean, part.sd
    pairs = [(float(value), count) for value, count in zip(part.values, part.counts, strict=True)]
    total = sum(count for _, count in pairs)
    mean = math.fsum(value * (count / total) for value, count in pairs)
    apart = [math.sqrt(count / total) * (value - mean) for value, count in pairs]
    sd = math.hypot(*apart)
    return mean, sd if math.isfinite(sd) else None
