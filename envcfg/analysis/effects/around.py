"""Estimate: the values around one change, on points that several runs can share."""

from typing import NamedTuple

from envcfg.analysis.effects.arrays import Floats, Ints
from envcfg.analysis.effects.bins import Bins
from envcfg.analysis.effects.windows import Window


class Around(NamedTuple):
    """The metric around one change, without the bias of the rule that chose its moment."""

    step: float
    """The last step before the change."""
    width: float
    """The width of a bin, in steps."""
    before: Ints
    """The bins before the change: -1 is the last one."""
    after: Ints
    """The bins after it: 0 is the first one. The bins in which slots adopted the change are left out."""
    gap: int
    """The number of the bins left out."""
    values: Floats


def around(bins: Bins, window: Window, bias: Floats | None) -> Around:
    """The values in a window minus their *bias*."""
    chosen = window.indices(bins.values)
    is_before = chosen < window.change
    return Around(
        step=bins.step(window.change - 1),
        width=bins.width,
        before=chosen[is_before] - window.change,
        after=chosen[~is_before] - window.after,
        gap=window.after - window.change,
        values=bins.values[chosen] - (0.0 if bias is None else bias),
    )
