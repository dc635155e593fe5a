"""Returns of episodes, kept as number, mean and sum of squares, so that parts can be pooled without the episodes."""

import math
import operator
from collections.abc import Callable, Iterable, Sequence

from envcfg.core.record import Returns


def returns_of(values: Sequence[float], lengths: Sequence[int] = ()) -> Returns:
    """The returns of at least one episode. *lengths* are the steps of the same episodes, or empty if not known.

    The sum of squares is None if it is larger than a float can be.
    """
    mean = _mean(values, [1] * len(values))
    squares = _finite(lambda: math.fsum((value - mean) ** 2 for value in values))
    return Returns(len(values), mean, squares, sum(lengths) / len(lengths) if lengths else None)


def pooled(parts: Iterable[Returns]) -> Returns | None:
    """The returns of all episodes of *parts*; None if there were none. A value that one part lacks is None."""
    known = [part for part in parts if part.episodes]
    if not known:
        return None
    episodes = sum(part.episodes for part in known)
    mean = _mean([part.mean for part in known], [part.episodes for part in known])
    squares = [_around(part, mean) for part in known]
    lengths = [None if part.length is None else part.episodes * part.length for part in known]
    total = _sum(lengths)
    return Returns(episodes, mean, _sum(squares), None if total is None else total / episodes)


def _mean(values: Sequence[float], weights: Sequence[int]) -> float:
    """The weighted mean, also where a sum of the values is larger than a float can be."""
    total = sum(weights)
    mean = _finite(lambda: math.fsum(map(operator.mul, values, weights)) / total)
    if mean is not None:
        return mean
    return math.fsum(value * (weight / total) for value, weight in zip(values, weights, strict=True))


def _around(part: Returns, mean: float) -> float | None:
    """The sum of squares of a part around *mean*."""
    squares = part.squares
    return None if squares is None else _finite(lambda: squares + part.episodes * (part.mean - mean) ** 2)


def _finite(compute: Callable[[], float]) -> float | None:
    """The number that *compute* returns; None if it is larger than a float can be."""
    try:
        found = compute()
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _sum(values: Sequence[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return _finite(lambda: math.fsum(found)) if len(found) == len(values) else None
