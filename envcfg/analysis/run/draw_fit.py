"""Compares the draws of a parameter with what the program stated about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, inf, sqrt
from typing import Final, NamedTuple

from envcfg.analysis.formatting import count_text
from envcfg.core.distribution import Distribution, pooled
from envcfg.core.drawn import Scalar
from envcfg.core.stated import Choice, LogUniform, Normal, Stated, Uniform
from envcfg.history.history import History
from envcfg.history.queries.draws import DrawnParameter, Part

DOUBTFUL: Final = 0.01
"""Below this p, the text says that the draws are not of the stated distribution."""
FEWEST: Final = 20
"""With fewer values of the sample, there is no test."""
_NARROW: Final = 0.2
"""A drawn range that is a smaller part of the stated one is reported, if there are `_MANY` draws."""
_MANY: Final = 100
_SEVERAL: Final = 10
"""With fewer draws, a parameter that has one value only is not reported."""
_RARE: Final = 1e-6
"""Equal draws are reported if they are less probable than this by the earlier draws."""
_SLACK: Final = 1e-6
"""A draw may be outside of the stated range by this share of it, since floats have few digits."""
_FAR: Final = 6.0
"""A draw that is more standard deviations away from a stated mean is outside of a normal distribution."""


class Fit(NamedTuple):
    """A test of the draws against the latest stated distribution."""

    stated: Stated
    values: int
    """The number of tested values."""
    statistic: float
    """The Kolmogorov-Smirnov distance; for a choice, Pearson's chi-squared."""
    p: float | None
    """The probability of a statistic at least as large, if the statement is true; None without scipy."""


class Problem(NamedTuple):
    """Something about the draws of a parameter that is probably not meant."""

    name: str
    text: str


def fit(parameter: DrawnParameter) -> Fit | None:
    """The test of the latest statement; None if nothing was stated, or if there are too few values.

    The test of Kolmogorov and Smirnov is of the values in the random sample. Counted values are tested by chi-squared.
    """
    for stated, first, last in reversed([*parameter.periods()]):
        if isinstance(stated, Choice):
            return _fit_of_counts(stated, parameter.between(first, last))
        values = [draw.value for draw in parameter.sample(first, last) if not isinstance(draw.value, str)]
        return _fit_of_values(stated, sorted(values)) if len(values) >= FEWEST else None
    return None


def problems(history: History) -> list[Problem]:
    """A sentence for each range that narrowed to a point, each parameter that never moves or was never drawn, ..."""
    return [
        Problem(parameter.name, text)
        for parameter in history.drawn_parameters.values()
        for text in _problems(parameter)
    ]


def stated_text(stated: Stated | None) -> str:
    """A statement as text: `uniform(0.5, 1.5)`."""
    match stated:
        case None:
            return "not stated"
        case Uniform(low, high):
            return f"uniform({low:g}, {high:g})"
        case LogUniform(low, high):
            return f"log_uniform({low:g}, {high:g})"
        case Normal(mean, sd):
            return f"normal({mean:g}, {sd:g})"
        case Choice(values):
            return f"choice({', '.join(map(str, values[:6]))}{', ...' if len(values) > 6 else ''})"


def _fit_of_values(stated: Uniform | LogUniform | Normal, values: list[float]) -> Fit:
    shares = [stated.share_up_to(value) for value in values]
    count = len(values)
    distance = max(max((row + 1) / count - share, share - row / count) for row, share in enumerate(shares))
    return Fit(stated, count, distance, _tail_of_distance(distance, count))


def _fit_of_counts(stated: Choice, drawn: Distribution) -> Fit | None:
    seen = dict(zip(drawn.values, drawn.counts, strict=True))
    total = sum(seen.values())
    if total < FEWEST:
        return None
    expected = dict(zip(stated.values, stated.shares, strict=True))
    if seen.keys() - {value for value, share in expected.items() if share}:
        return Fit(stated, total, inf, 0.0)
    wanted = [(seen.get(value, 0), share * total) for value, share in expected.items() if share]
    chi2 = sum((found - share) ** 2 / share for found, share in wanted)
    return Fit(stated, total, chi2, _tail_of_chi2(chi2, len(wanted) - 1))


def _tail_of_distance(distance: float, count: int) -> float | None:
    """The probability of a larger distance: within 0.7 % of `scipy.stats.kstwo`, which takes a second to load.

    It is twice that of a one-sided distance, which is exact, less that of both sides at once, which is rare: so its
    limit for many values is enough, with the shift of Vrbik (2018) for few.
    """
    try:
        from scipy.special import kolmogorov, smirnov  # noqa: PLC0415  # an extra
    except ImportError:
        return None
    scaled = sqrt(count) * distance + 1 / (6 * sqrt(count))
    both = 2 * exp(-2 * scaled**2) - kolmogorov(scaled)
    return float(min(1.0, max(0.0, 2 * smirnov(count, distance) - both)))


def _tail_of_chi2(chi2: float, freedom: int) -> float | None:
    try:
        from scipy.special import chdtrc  # noqa: PLC0415  # an extra
    except ImportError:
        return None
    return float(chdtrc(freedom, chi2)) if freedom else 1.0


@dataclass(frozen=True, slots=True)
class _Extent:
    """What is known of draws without pooling their quantiles, which takes longer."""

    count: int
    not_finite: int
    low: float | None
    high: float | None
    values: frozenset[Scalar]
    """All values, if each was counted; else empty."""

    @property
    def only(self) -> Scalar | None:
        """The value, if only one was drawn."""
        return next(iter(self.values)) if len(self.values) == 1 and not self.not_finite else None

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{len(self.values):,} texts"
        return f"from {self.low:.6g} to {self.high:.6g}"


def _extent(parts: Sequence[Part]) -> _Extent:
    every = [drawn for _, drawn in parts]
    are_counted = all(not drawn.quantiles and not drawn.others for drawn in every)
    values = frozenset(value for drawn in every for value in drawn.values)
    numbers = [value for value in values if not isinstance(value, str)]
    ends = [end for drawn in every for end in (drawn.low, drawn.high) if end is not None]
    return _Extent(
        count=sum(drawn.count for drawn in every),
        not_finite=sum(drawn.not_finite for drawn in every),
        low=min([*numbers, *ends], default=None),
        high=max([*numbers, *ends], default=None),
        values=values if are_counted else frozenset(),
    )


def _problems(parameter: DrawnParameter) -> Iterator[str]:
    drawn = _extent(parameter.parts)
    if not drawn.count:
        stated = next((said.stated for said in parameter.statements if said.stated is not None), None)
        yield f"was stated as {stated_text(stated)}, and never drawn: no column has this name"
        return
    if drawn.not_finite:
        yield f"{drawn.not_finite:,} of {count_text(drawn.count, 'draw')} are not finite"
    if drawn.only is not None and drawn.count >= _SEVERAL:
        yield f"never moves: each of {count_text(drawn.count, 'draw')} is {_number(drawn.only)}"
    else:
        yield from _narrowed(parameter)
    yield from _outside(parameter)


def _narrowed(parameter: DrawnParameter) -> Iterator[str]:
    """A sentence if the last draws all have one value, and earlier ones have others."""
    last, only = len(parameter.parts), _extent(parameter.parts[-1:]).only
    if only is None:
        return
    while last and _extent(parameter.parts[last - 1 : last]).only == only:
        last -= 1
    constant, before = parameter.parts[last:], parameter.parts[:last]
    count, earlier = sum(part.drawn.count for part in constant), pooled(part.drawn for part in before)
    share = dict(zip(earlier.values, earlier.counts, strict=True)).get(only, 0) / max(1, earlier.count)
    if before and count > 1 and share**count <= _RARE:
        yield (
            f"narrowed to a point: from step {constant[0].entry.since:,} on, each of {count_text(count, 'draw')} is "
            f"{_number(only)}; before, the draws were {_extent(before)}"
        )


def _outside(parameter: DrawnParameter) -> Iterator[str]:
    """A sentence for each statement that the draws do not follow."""
    for stated, first, last in parameter.periods():
        found = _extent(parameter.parts_between(first, last))
        bounds = _bounds(stated)
        if bounds is None or found.low is None or found.high is None:
            continue
        low, high = bounds
        slack = _SLACK * max(high - low, abs(low), abs(high))
        said = f"from step {first:,} on, the draws are {found}, but {stated_text(stated)} was stated"
        if found.low < low - slack or found.high > high + slack:
            yield f"{said}: look for another unit, or for a factor that is applied later"
        elif found.count >= _MANY and 0 < found.high - found.low < _NARROW * (high - low) and not _is_normal(stated):
            yield f"{said}: only a small part of the stated range is drawn"
        elif low == high and found.count > 1:
            yield f"from step {first:,} on, {stated_text(stated)} was stated, which is a single value"


def _bounds(stated: Stated) -> tuple[float, float] | None:
    match stated:
        case Uniform(low, high) | LogUniform(low, high):
            return low, high
        case Normal(mean, sd):
            return mean - _FAR * sd, mean + _FAR * sd
        case Choice(values):
            numbers = [value for value in values if not isinstance(value, str)]
            return (min(numbers), max(numbers)) if len(numbers) == len(values) else None


def _is_normal(stated: Stated) -> bool:
    return isinstance(stated, Normal | Choice)


def _number(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
