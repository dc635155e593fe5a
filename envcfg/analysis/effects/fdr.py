"""Many tests at once: the false discovery rate of Benjamini and Hochberg.

1995, doi 10.1111/j.2517-6161.1995.tb02031.x
"""

from collections.abc import Sequence
from itertools import accumulate


def q_values(p_values: Sequence[float]) -> tuple[float, ...]:
    """For each test, the least false discovery rate at which it would still be called a discovery."""
    count = len(p_values)
    order = sorted(range(count), key=p_values.__getitem__, reverse=True)
    scaled = (p_values[index] * count / (count - place) for place, index in enumerate(order))
    found = dict(zip(order, accumulate(scaled, min), strict=True))
    return tuple(min(1.0, found[index]) for index in range(count))
