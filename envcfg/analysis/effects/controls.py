"""Pooling: other runs in which nothing changed at the same steps, such as unchanged seeds or seeds that changed later.

They have the same learning curve. Their mean is subtracted (a difference in differences), so a bend that all runs have
cancels out. The standard error is a jackknife that leaves out one run after the other, because runs share controls.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects.around import Around
from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.common import ALIKE, Common
from envcfg.analysis.effects.effect import MetricWindows

ENOUGH: Final = 3
"""The controls that each changed run needs."""


class Controlled(NamedTuple):
    """The runs with a change, and the rows of the controls of each."""

    rows: Floats
    """(runs, points), less the mean of their controls."""
    controls: tuple[dict[int, Floats], ...]
    """For each run the values of its controls at the common points, by the position of the control."""

    @property
    def fewest(self) -> int:
        """The number of controls of the run with the fewest."""
        return min(map(len, self.controls))


def controlled(common: Common, found: Sequence[Around], others: Sequence[Sequence[MetricWindows]]) -> Controlled | None:
    """The runs less their controls; *others* are the other runs of each. None if a run has too few controls."""
    controls = tuple(
        {number: row for number, data in enumerate(runs) if (row := _row(common, each, data)) is not None}
        for each, runs in zip(found, others, strict=True)
    )
    if min(map(len, controls)) < ENOUGH:
        return None
    rows = [common.row(each) - np.mean(list(own.values()), axis=0) for each, own in zip(found, controls, strict=True)]
    return Controlled(np.array(rows), controls)


def _row(common: Common, each: Around, data: MetricWindows) -> Floats | None:
    """The values of another run at the same steps; None if it changed there, or was not logged there."""
    bins = data.bins
    if abs(bins.width - each.width) > ALIKE * each.width:
        return None
    change = round((each.step - bins.end) / bins.width) + 1
    chosen = change + np.array([*common.before, *(bin_ + each.gap for bin_ in common.after)])
    first, last = int(chosen[0]), int(chosen[-1])
    if first < 0 or last >= len(bins.values) or not np.isfinite(bins.values[chosen]).all():
        return None
    if any(window.change <= last and window.after > first for window in data.windows):
        return None
    row: Floats = bins.values[chosen]
    return row


def jackknife(jumps: Floats, controls: Sequence[dict[int, float]], own: Sequence[int]) -> float:
    """The standard error of the mean jump less that of the controls. *own* gives the number of each changed run."""
    runs = sorted({*own, *(number for each in controls for number in each)})
    left = [_mean(jumps, controls, own, without=run) for run in runs]
    return float(np.sqrt((len(runs) - 1) / len(runs) * np.square(np.array(left) - np.mean(left)).sum()))


def _mean(jumps: Floats, controls: Sequence[dict[int, float]], own: Sequence[int], *, without: int) -> float:
    rests = [
        jump - float(np.mean([value for number, value in each.items() if number != without]))
        for jump, each, run in zip(jumps.tolist(), controls, own, strict=True)
        if run != without
    ]
    return float(np.mean(rests))
