"""Windows, for adaptive changes: the recorded rule by which a curriculum decided, in the form that can be simulated.

A rule is known if the cause has its metric, its value and its threshold, and if the value is the mean of some last
points of that metric.
"""

from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.bins import Bins
from envcfg.analysis.effects.windows import ChangeGroup
from envcfg.core.errors import SourceError
from envcfg.core.record import Cause
from envcfg.history.history import History
from envcfg.sources.metrics import metric as metric_of
from envcfg.sources.series import Series

WIDTHS: Final = range(1, 41)
"""The numbers of last points whose mean may be the value that the curriculum looked at."""
NEAR: Final = 0.02
"""How close this mean must be to the recorded value, in standard deviations of the metric from point to point."""


class Rule(NamedTuple):
    """A curriculum decides when the mean of the last *width* values of a metric passes a threshold."""

    metric: str
    is_own: bool
    """Whether the metric is the one whose effect is measured."""
    values: Floats
    """The metric of the rule, on the bins of the measured metric."""
    threshold: float
    width: int
    start: int
    """The first bin of the stage that ended with this decision."""
    fired: int
    """The first bin after the decision."""
    is_rise: bool
    """Whether the rule waits for a mean above the threshold; or else below it."""

    def __str__(self) -> str:
        points = "the last value" if self.width == 1 else f"the mean of the last {self.width} values"
        return f"{points} of {self.metric} {'reached' if self.is_rise else 'fell to'} {self.threshold:.4g}"


class UnknownRule(NamedTuple):
    """Why the rule of an adaptive change cannot be simulated."""

    reason: str


def adaptive_cause(group: ChangeGroup) -> Cause | None:
    """The cause of the first change that a curriculum decided because of a metric."""
    causes = (change.cause for change in group.changes)
    return next((cause for cause in causes if cause is not None and cause.kind == "curriculum"), None)


def rule(history: History, series: Series, bins: Bins, group: ChangeGroup, start: int) -> Rule | UnknownRule | None:
    """The rule of a group of changes whose stage began at the bin *start*; None if no curriculum decided."""
    cause = adaptive_cause(group)
    if cause is None:
        return None
    if len(group.changes) > 1:
        return UnknownRule("several changes came close together")
    if cause.metric is None or cause.value is None or cause.threshold is None:
        return UnknownRule("the cause has no metric, value and threshold")
    change = group.changes[0]
    fired = _fired(series, bins, change.step if change.requested_at is None else change.requested_at, cause)
    if fired is None:
        return UnknownRule("the metric was logged without epochs, so the wait of the change is unknown")
    values = bins.values if cause.metric == series.name else _other(history, bins, cause.metric)
    if values is None:
        return UnknownRule(f"{cause.metric} was not logged")
    width = _width(values[start:fired], cause.value)
    if width is None:
        return UnknownRule(f"{cause.value:.4g} is not the mean of the last values of {cause.metric}")
    is_own = cause.metric == series.name
    return Rule(cause.metric, is_own, values, cause.threshold, width, start, fired, cause.value >= cause.threshold)


def _fired(series: Series, bins: Bins, decided: float, cause: Cause) -> int | None:
    """The first bin after the rule was met: *decided*, or earlier if the change then waited for some epochs."""
    if not cause.delay:
        return bins.until(decided)
    epochs = [epoch for epoch in series.epochs if epoch is not None]
    index = int(np.searchsorted(series.steps, decided, side="right"))
    if len(epochs) < len(series.epochs) or index >= len(epochs):
        return None
    first = int(np.searchsorted(epochs, epochs[index] - cause.delay))
    return bins.until(series.steps[max(0, first - 1)])


def _other(history: History, bins: Bins, name: str) -> Floats | None:
    """Another metric, as means over the bins of the measured one; NaN where it has no value."""
    try:
        found = metric_of(history, name)
    except SourceError:
        return None
    index = np.ceil((np.asarray(found.steps) - bins.end) / bins.width - 1e-9).astype(int)
    inside = (index >= 0) & (index < len(bins.values))
    counts = np.bincount(index[inside], minlength=len(bins.values))
    sums = np.bincount(index[inside], weights=np.asarray(found.values)[inside], minlength=len(bins.values))
    means: Floats = np.divide(sums, counts, out=np.full(len(counts), np.nan), where=counts > 0)
    return means


def _width(stage: Floats, value: float) -> int | None:
    """The number of last points of *stage* whose mean is *value*."""
    last = stage[np.isfinite(stage)][::-1]
    if len(last) < 2:
        return None
    means = np.cumsum(last)[: WIDTHS.stop - 1] / np.arange(1, len(last[: WIDTHS.stop - 1]) + 1)
    noise = float(np.std(np.diff(last))) / 2**0.5
    best = int(np.argmin(np.abs(means - value)))
    return best + 1 if abs(means[best] - value) <= NEAR * noise else None
