"""Estimate: whether the metric jumped at the change, or moved over several points around it.

A bend as sharp as a few points looks like a jump in one run. But if the metric fits a slope over several
points clearly better than a jump between two points, then it is no jump.
"""

from typing import Final

from envcfg.analysis.effects.arrays import Floats, Ints
from envcfg.analysis.effects.reml import Fit, ramp_design

WIDTHS: Final = (6, 10, 16)
"""The numbers of points over which a slope around the change is tried."""
CLEARLY: Final = 2.0
"""How much more likely a slope must be than a jump, as a difference of log likelihoods."""


def is_slope(bins: Ints, middle: int, values: Floats, jump: Fit) -> bool:
    """Whether *values* rather move over several points around the bin *middle*; *jump* is the fit of a jump."""
    likelihoods = [float(ramp_design(bins, middle, width).fit(values).likelihood[0]) for width in WIDTHS]
    return max(likelihoods) - float(jump.likelihood[0]) > CLEARLY
