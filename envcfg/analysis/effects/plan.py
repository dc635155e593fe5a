"""Power: how many runs and points would see an effect of a given size, in the noise of this run."""

from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import np
from envcfg.analysis.effects.effect import metric_windows
from envcfg.analysis.effects.estimate import LEAST_EFFECTIVE, smallest
from envcfg.analysis.effects.reml import step_design
from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.sources.series import Series

SIDES: Final = (6, 10, 15, 20, 30, 45, 60)
"""The numbers of points on each side that are tried."""
SEEDS: Final = (1, 3, 5, 10, 20)
_WINDOW: Final = 15
"""The points on each side of the windows from which the noise is taken."""


class Plan(NamedTuple):
    """The smallest effect that a test at 5 % finds in 80 of 100 cases, in the unit of the metric."""

    metric: str
    size: float
    """The effect that one wants to see."""
    rho: float
    """The autocorrelation of neighbouring points of this run."""
    sd: float
    """The standard deviation of its noise."""
    inflation: float
    rows: tuple[tuple[int, int, float | None], ...]
    """(runs, points on each side, smallest effect); None if the points are worth too few independent ones."""

    @property
    def enough(self) -> tuple[tuple[int, int], ...]:
        """For each number of runs the fewest points that see `size`, if any do."""
        seen: dict[int, int] = {}
        for runs, side, least in self.rows:
            if least is not None and least <= self.size:
                seen.setdefault(runs, side)
        return tuple(seen.items())


def plan(history: History, series: Series, size: float) -> Plan:
    """How to see an effect of *size*. Raises `SourceError` if no part of the run is long enough to know its noise."""
    placebos = metric_windows(history, series).controls.placebos(_WINDOW, _WINDOW)
    if not len(placebos):
        raise SourceError(
            f"{series.name} has too few points between changes to know its noise: {2 * _WINDOW} in a row are needed"
        )
    rho, sd = float(np.median(placebos.fit.rho)), float(np.median(placebos.fit.sd))
    inflation = placebos.inflation
    rows = tuple((runs, side, _least(runs, side, rho, sd * inflation**0.5)) for runs in SEEDS for side in SIDES)
    return Plan(series.name, abs(size), rho, sd, inflation, rows)


def _least(runs: int, side: int, rho: float, sd: float) -> float | None:
    se, points, df = step_design(np.arange(2 * side), side).precision(rho)
    if points < LEAST_EFFECTIVE:
        return None
    return smallest(sd * se / runs**0.5, df if runs == 1 else runs - 1.0)
