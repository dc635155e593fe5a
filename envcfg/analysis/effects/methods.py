"""Card: the method as a paragraph for a paper, with its references."""

from collections.abc import Sequence
from typing import Final

from envcfg.analysis.effects.effect import Effect
from envcfg.analysis.formatting import count_text
from envcfg.core.version import __version__

_SINGLE: Final = (
    "For each change, we estimated the jump of {metric} with envcfg {version}. The metric was averaged over equal "
    "numbers of environment steps, without smoothing. In a window of up to 30 points on each side, we fitted a "
    "constant, a linear trend, a jump and a smooth curve (an integrated Wiener process; Wahba 1978; Wang 1998) by "
    "residual maximum likelihood with AR(1) noise (Patterson and Thompson 1971; Turner et al. 2021). Degrees of "
    "freedom are those of the effective number of independent points. Intervals were widened by the inflation at "
    "placebos, which are moments without a change (genomic control; Devlin and Roeder 1999). "
)
_ADAPTIVE: Final = (
    "{count} came from an adaptive curriculum. There, the recorded rule was simulated in noise of the fitted kind, and "
    "the jump that it produces alone was subtracted. Changes whose rule was unknown were not tested. "
)
_MANY: Final = "We report false discovery rates over {count} (Benjamini and Hochberg 1995)."
_POOLED: Final = (
    " Runs with a test of their own were pooled: the mean jump over runs with Student's t over runs, plus the standard "
    "error of the bend that their mean curve shows. Where other runs did not change at the same steps, their mean was "
    "subtracted, with a jackknife over runs."
)
REFERENCES: Final = (
    "Benjamini and Hochberg 1995, doi 10.1111/j.2517-6161.1995.tb02031.x",
    "Devlin and Roeder 1999, doi 10.1111/j.0006-341X.1999.00997.x",
    "Patterson and Thompson 1971, doi 10.1093/biomet/58.3.545",
    "Turner et al. 2021, doi 10.1186/s12874-021-01364-0",
    "Wahba 1978, doi 10.1111/j.2517-6161.1978.tb01050.x",
    "Wang 1998, doi 10.1111/1467-9868.00125",
)


def methods_text(effects: Sequence[Effect], *, is_pooled: bool = False) -> str:
    """The paragraph for *effects* of a run, or of several runs that were pooled."""
    if not effects:
        return ""
    tested = sum(effect.estimate is not None and effect.estimate.p is not None for effect in effects)
    adaptive = sum(effect.estimate is not None and effect.estimate.rule is not None for effect in effects)
    parts = [
        _SINGLE.format(metric=effects[0].metric, version=__version__),
        _ADAPTIVE.format(count=count_text(adaptive, "change").capitalize()) if adaptive else "",
        _MANY.format(count=count_text(tested, "tested change")),
        _POOLED if is_pooled else "",
    ]
    return "".join(parts)
