"""Breaks of a metric near which no change was recorded: something happened that nobody wrote down.

PELT (Killick, Fearnhead and Eckley 2012, doi 10.1080/01621459.2012.737745) by `ruptures` proposes where; a break
counts only where the test of an effect agrees, after Bonferroni for all places where it could have been chosen.
"""

from typing import Final

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.breaks import Break
from envcfg.analysis.effects.effect import Subject
from envcfg.analysis.effects.estimate import estimate
from envcfg.analysis.effects.placebo import ControlWindows
from envcfg.analysis.effects.windows import LEAST, REACH, Window
from envcfg.core.errors import MissingExtraError

try:
    import ruptures
except ImportError as error:
    raise MissingExtraError("looking for breaks", extra="scan") from error

LEVEL: Final = 0.05
SIDE: Final = 15
"""Bins on each side of the windows that tell how neighbours correlate, whatever breaks there are elsewhere."""


def unlogged(about: Subject) -> tuple[Break, ...]:
    """The breaks of a metric near which nothing was recorded, in order of step."""
    values = about.bins.values
    near = [edge for window in about.windows for edge in (window.change, window.after)]
    found = []
    local = about.quiet.placebos(SIDE, SIDE)
    proposed = _proposed(values, float(np.median(local.fit.rho))) if len(local) else []
    for index, place in enumerate(proposed):
        if any(abs(place - edge) < LEAST for edge in near):
            continue
        others = [*near, *proposed[:index], *proposed[index + 1 :]]
        start = max((edge for edge in others if edge <= place), default=0)
        end = min((edge for edge in others if edge > place), default=len(values))
        window = Window(max(start, place - REACH), place, place, min(end, place + REACH))
        measured = estimate(values, window, ControlWindows(values, ()))
        if measured is not None and measured.p is not None:
            found.append(Break(about.bins.step(place - 1), measured, min(1.0, measured.p * len(values) / LEAST)))
    return tuple(one for one in found if one.p < LEVEL)


def _proposed(values: Floats, rho: float) -> list[int]:
    """Bins at which the mean seems to step: PELT on what neighbours do not foretell, penalty 3 log n."""
    kept = np.flatnonzero(np.isfinite(values))
    if len(kept) < 4 * LEAST or np.ptp(values[kept]) == 0:
        return []
    news = np.diff(values[kept]) + (1 - rho) * values[kept][:-1]  # y[t] - rho y[t-1]: a step stays a step
    noise = float(np.median(np.abs(np.diff(news)))) * 1.4826 / 2**0.5
    model = ruptures.KernelCPD(kernel="linear", min_size=LEAST).fit((news / max(noise, 1e-12))[:, None])
    ends = model.predict(pen=3 * float(np.log(len(news))))
    return [int(kept[end + 1]) for end in ends if end < len(news)]
