"""Pooling: the windows of one change in several runs, side by side on the same points around the change.

The mean of the runs shows the shape of their common curve better than any single run. So the bend is estimated there,
and one regression is then applied to each run.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, Self

from envcfg.analysis.effects.around import Around
from envcfg.analysis.effects.arrays import Floats, Ints, np
from envcfg.analysis.effects.bends import is_slope
from envcfg.analysis.effects.estimate import LEAST_POINTS, LEAST_SIDE
from envcfg.analysis.effects.reml import Design, Fit, step_design

ALIKE: Final = 0.01
"""How much the widths of the bins of two runs may differ, as a share."""


class Common(NamedTuple):
    """The points around a change that several runs share. The change comes between the bins -1 and `gap`."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    gap: int

    @classmethod
    def of(cls, found: Sequence[Around]) -> Self | None:
        """None if the points are too few, or if the runs were logged at other intervals."""
        widths = [each.width for each in found]
        if max(widths) > (1 + ALIKE) * min(widths):
            return None
        before, after = (
            tuple(sorted(set.intersection(*(set(side.tolist()) for side in sides))))
            for sides in ([each.before for each in found], [each.after for each in found])
        )
        if min(len(before), len(after)) < LEAST_SIDE or len(before) + len(after) < LEAST_POINTS:
            return None
        return cls(before, after, max(each.gap for each in found))

    @property
    def bins(self) -> Ints:
        return np.array([*self.before, *(bin_ + self.gap for bin_ in self.after)])

    @property
    def design(self) -> Design:
        return step_design(self.bins, self.gap)

    def row(self, each: Around) -> Floats:
        """The values of a run at these points."""
        before = np.searchsorted(each.before, self.before)
        after = np.searchsorted(each.after, self.after) + len(each.before)
        row: Floats = each.values[np.concatenate([before, after])]
        return row

    def mean(self, rows: Floats) -> tuple[Fit, bool]:
        """The fit of the mean of *rows*, and whether that mean is rather a slope than a jump."""
        mean = rows.mean(axis=0)
        fit = self.design.fit(mean)
        return fit, is_slope(self.bins, (self.gap + 1) // 2, mean, fit)

    def jumps(self, rows: Floats, fit: Fit) -> Floats:
        """The jump of each row, by the regression of *fit*."""
        return self.design.apply(rows, np.repeat(fit.choice, len(rows)))
