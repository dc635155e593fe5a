"""Jumps of a metric that have no recorded change near them: perhaps a change that was not recorded.

PELT (Killick, Fearnhead and Eckley 2012, doi 10.1080/01621459.2012.737745) from `ruptures` proposes the bins. A break
is reported only if the test of an effect confirms it, with a Bonferroni correction for all bins.
"""

from typing import Final

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.breaks import Break
from envcfg.analysis.effects.effect import MetricWindows
from envcfg.analysis.effects.estimate import estimate
from envcfg.analysis.effects.placebo import ControlWindows
from envcfg.analysis.effects.windows import LEAST, Window
from envcfg.core.errors import MissingExtraError

try:
    import ruptures
except ImportError as error:
    raise MissingExtraError("looking for breaks", extra="scan") from error

LEVEL: Final = 0.05
REACH: Final = 60
"""The most bins that are used on each side of a break."""
SIDE: Final = 15
"""Bins on each side of the control windows. They give the autocorrelation without the effect of other breaks."""


def unlogged(data: MetricWindows) -> tuple[Break, ...]:
    """The breaks without a recorded change near them, in order of step."""
    values = data.bins.values
    near = [edge for window in data.windows for edge in (window.change, window.after)]
    found = []
    local = data.controls.placebos(SIDE, SIDE)
    proposed = _proposed(values, float(np.median(local.fit.rho))) if len(local) else []
    for index, place in enumerate(proposed):
        if any(abs(place - edge) < LEAST for edge in near):
            continue
        others = [*near, *proposed[:index], *proposed[index + 1 :]]
        start = max((edge for edge in others if edge <= place), default=0)
        end = min((edge for edge in others if edge > place), default=len(values))
        window = Window(max(start, place - REACH), place, place, min(end, place + REACH))
        measured = estimate(data.bins, window, ControlWindows(values, ()))
        if measured is not None and measured.p is not None:
            found.append(Break(data.bins.step(place - 1), measured, min(1.0, measured.p * len(values) / LEAST)))
    return tuple(one for one in found if one.p < LEVEL)


def _proposed(values: Floats, rho: float) -> list[int]:
    """The bins at which the mean seems to jump: PELT on the residuals of an AR(1), with the penalty 3 log n."""
    kept = np.flatnonzero(np.isfinite(values))
    if len(kept) < 4 * LEAST or np.ptp(values[kept]) == 0:
        return []
    residuals = np.diff(values[kept]) + (1 - rho) * values[kept][:-1]  # y[t] - rho y[t-1]: a jump stays a jump
    noise = float(np.median(np.abs(np.diff(residuals)))) * 1.4826 / 2**0.5
    model = ruptures.KernelCPD(kernel="linear", min_size=LEAST).fit((residuals / max(noise, 1e-12))[:, None])
    ends = model.predict(pen=3 * float(np.log(len(residuals))))
    return [int(kept[end + 1]) for end in ends if end < len(residuals)]
