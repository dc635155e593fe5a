"""The quantiles in a summary of draws.

A quantile is the value of one draw: the quantile for 0.1 is the smallest draw that at least a tenth of the draws do not
exceed. It is rounded to a few digits.
"""

from typing import Final

PER_MILLE: Final = (5, 10, *range(25, 1000, 25), 990, 995)
"""The probabilities of the quantiles, in thousandths. The lowest and the highest draw are known besides."""
ROUNDED_BY: Final = 1e-4
"""A quantile is rounded by less than this share of itself, and of half the range of the draws."""
DIGITS: Final = 4
"""The digits for that."""


def ranks(count: int) -> list[int]:
    """For each quantile of *count* draws, the number of the draw in ascending order, from 1."""
    return [-(-count * share // 1000) for share in PER_MILLE]
