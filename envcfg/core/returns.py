"""Returns of episodes, kept as number, mean and sum of squares, so that parts can be pooled without the episodes."""

import math
from collections.abc import Iterable, Sequence

from envcfg.core.record import Returns


def returns_of(values: Sequence[float], lengths: Sequence[int] = ()) -> Returns:
    """The returns of at least one episode. *lengths* are the steps of the same episodes, or empty if not known."""
    mean = math.fsum(values) / len(values)
    squares = math.fsum((value - mean) ** 2 for value in values)
    return Returns(len(values), mean, squares, sum(lengths) / len(lengths) if lengths else None)


def pooled(parts: Iterable[Returns]) -> Returns | None:
    """The returns of all episodes of *parts*; None if there were none. What one part lacks, the whole lacks."""
    known = [part for part in parts if part.episodes]
    if not known:
        return None
    episodes = sum(part.episodes for part in known)
    mean = math.fsum(part.episodes * part.mean for part in known) / episodes
    squares = [
        None if part.squares is None else part.squares + part.episodes * (part.mean - mean) ** 2 for part in known
    ]
    lengths = [None if part.length is None else part.episodes * part.length for part in known]
    total = _sum(lengths)
    return Returns(episodes, mean, _sum(squares), None if total is None else total / episodes)


def _sum(values: Sequence[float | None]) -> float | None:
    found = [value for value in values if value is not None]
    return math.fsum(found) if len(found) == len(values) else None
