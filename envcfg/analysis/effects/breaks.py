"""The result of a scan for jumps without a recorded change."""

from typing import NamedTuple

from envcfg.analysis.effects.estimate import Estimate


class Break(NamedTuple):
    """A jump of the metric with no recorded change within `LEAST` bins."""

    step: float
    """The last environment step before the jump."""
    estimate: Estimate
    p: float
    """Corrected (Bonferroni) for the choice among all bins of the series."""
