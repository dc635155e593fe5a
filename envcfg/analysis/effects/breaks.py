"""What a scan for unlogged changes finds."""

from typing import NamedTuple

from envcfg.analysis.effects.estimate import Estimate


class Break(NamedTuple):
    """A step of the metric with no recorded change within `LEAST` bins."""

    step: float
    """The last step before it."""
    estimate: Estimate
    p: float
    """Corrected for having been chosen among all places of the series."""
