"""The explorer if widgets are installed, and a plain timeline if not."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from plotly import graph_objects as go

from envcfg.figures.run.timeline import timeline
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SweepRun

if TYPE_CHECKING:
    from envcfg.figures.notebook.explorer import Explorer


def explore(
    runs: History | Sequence[SweepRun],
    *,
    metric_name: MetricChoice = None,
    params: Sequence[str] = (),
    x: str = "step",
    follow: bool = False,
) -> "Explorer | go.Figure":
    """A widget to explore one run or several; it opens with the first run.

    *metric_name*, *params* and *x* are chosen as in `timeline`. With *follow*, the run is read again while it grows.
    Without the extra `notebook`, this is a plain timeline of the first run.

    >>> from envcfg import load, sample
    >>> from envcfg.figures import explore
    >>> explore(load(sample("forage")), metric_name="reward") is not None
    True
    """
    named = [SweepRun(runs.run, runs)] if isinstance(runs, History) else list(runs)
    if find_spec("ipywidgets") is None or find_spec("anywidget") is None:
        return timeline(named[0].history, metric_name=metric_name, params=params or None, x=x)
    from envcfg.figures.notebook.explorer import Explorer  # noqa: PLC0415  # an extra

    return Explorer(named, metric_name=metric_name, params=params, x=x, follow=follow)
