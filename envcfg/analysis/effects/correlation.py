"""The correlation of a parameter with a metric, on differences, because that of the values is often spurious.

Two series with trends correlate even if they are unrelated (Yule 1926, doi 10.2307/2341482). The interval is from a
moving-block bootstrap (Künsch 1989, doi 10.1214/aos/1176347265), with Student's t. Its degrees of freedom come from the
number of changes or of blocks, whichever is smaller.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from envcfg.analysis.effects import gate
from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.bins import Bins, binned
from envcfg.analysis.effects.reml import quantile
from envcfg.core.path import dotted
from envcfg.core.tree import Path
from envcfg.history.history import History
from envcfg.history.parameters import Column, Ranges, over
from envcfg.history.spread import is_number
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.metrics import metric as metric_of
from envcfg.sources.series import Series

RESAMPLES: Final = 1_000
FEW_CHANGES: Final = 8
"""With fewer changes, no correlation is given: the effects of the changes say more."""
_ONE: Final = 1 - 1e-12
"""The largest r that Fisher's transformation can take."""
LEVELS: Final = "correlations of levels are spurious if both series have a trend: use those of differences"


class Correlation(NamedTuple):
    """The correlation of one parameter with one metric."""

    parameter: str
    metric: str
    changes: int
    differences: float | None
    """Pearson's r of bin-to-bin differences; None if there is a *refusal*."""
    low: float | None
    """The lower end of the 95 % interval of *differences*."""
    high: float | None
    levels: float | None
    """Pearson's r of the values themselves. It is often spurious, see `LEVELS`."""
    refusal: str | None


def correlations(
    history: History, metric: MetricChoice = None, *, invariant: bool = False, seed: int = 0
) -> tuple[Correlation, ...]:
    """The correlation of each numeric parameter that changed with a metric, the strongest first.

    *metric* is a name or a `Series`; by default the run's reward. *invariant* says that it keeps its meaning. *seed* is
    that of the bootstrap. `differences`, `low` and `high` are from -1 to 1. They are None where `refusal` gives the
    reason: too few changes, a parameter that changes what the metric means, or one that a curriculum moved because of
    a metric. Raises `SourceError` if the run did not log the metric.

    >>> from envcfg import correlations, load, sample
    >>> last = correlations(load(sample("forage")))[-1]
    >>> last.parameter, last.changes, last.refusal
    ('game.max_steps', 3, 'adaptive: a curriculum decided because of a metric: the outcome may be the cause')
    """
    bins = binned(metric if isinstance(metric, Series) else metric_of(history, metric))
    refusals = _refusals(history, bins.name, invariant=invariant)
    parameters = history.parameters
    ends = bins.end + bins.width * np.arange(len(bins.values))
    ranges = parameters.ranges([float(ends[0] - bins.width), *ends.tolist()])
    found = []
    for path, changes in parameters.changes.items():
        column = parameters.varying[path]
        if all(map(is_number, column.values)):
            parameter = _scaled(_on_bins(column, ranges))
            draw, refusal = np.random.default_rng(seed), refusals.get(path)
            found.append(correlation(dotted(path), changes, parameter, bins, draw, refusal=refusal))
    return tuple(sorted(found, key=lambda one: -abs(one.differences or 0.0)))


def _refusals(history: History, metric: str, *, invariant: bool) -> Mapping[Path, str]:
    """The parameters that must not be correlated with *metric*, and why."""
    redefining = gate.meaning(metric, invariant=invariant, histories=[history])
    found: dict[Path, str] = {}
    for change in history.changes:
        chosen = gate.adaptive([change.cause])
        for edit in history.edits(change):
            if redefining([edit]):
                found[edit.path] = f"metric not invariant: it changes what {metric} means"
            elif chosen is not None:
                found.setdefault(edit.path, f"adaptive: {chosen.text}")
    return found


def _scaled(values: Floats) -> Floats:
    """*values* scaled to 0 to 1, so that squares of very large floats do not overflow. It changes no correlation."""
    values = values / (np.abs(values).max() or 1.0)
    values -= values.min()
    return values / (values.max() or 1.0)


def _on_bins(column: Column, ranges: Ranges) -> Floats:
    """The mean of a parameter over the living slots and the steps of each bin.

    Bins before its first value have this value, and bins in which no slot lived have the value before.
    """
    known = {low: spread.mean for low, spread in zip(*over(column, ranges), strict=True)}
    means = [known.get(low) for low in ranges.edges[:-1]]
    value = next(mean for mean in means if mean is not None)
    found = []
    for mean in means:
        value = value if mean is None else mean
        found.append(value)
    return np.array(found)


def correlation(
    name: str, changes: int, parameter: Floats, bins: Bins, rng: np.random.Generator, *, refusal: str | None = None
) -> Correlation:
    """The correlation of *parameter*, given on *bins*, which changed *changes* times; only its levels if *refusal*."""
    kept = np.isfinite(bins.values)
    x, y = parameter[kept], bins.values[kept]
    if refusal is None and changes < FEW_CHANGES:
        refusal = f"it changed only {changes} time{'s' * (changes != 1)}: see the effects instead"
    if refusal is not None:
        return Correlation(name, bins.name, changes, None, None, None, _pearson(x, y), refusal)
    dx, dy = np.diff(x), np.diff(y)
    r = _pearson(dx, dy)
    if r is None:
        return Correlation(name, bins.name, changes, None, None, None, _pearson(x, y), "one of the two never varies")
    length = max(2, round(len(dx) ** (1 / 3) * 1.5))
    fewest = min(changes, -(-len(dx) // length))
    low, high = _interval(r, _resampled(dx, dy, length, rng), quantile(max(1, fewest - 1)))
    return Correlation(name, bins.name, changes, r, low, high, _pearson(x, y), None)


def _interval(r: float, resampled: Floats, reach: float) -> tuple[float, float]:
    """*reach* standard deviations of the resampled values, on Fisher's scale. Plain quantiles are too narrow."""
    z, scattered = (np.arctanh(np.clip(each, -_ONE, _ONE)) for each in (r, resampled))
    aside = reach * float(scattered.std())
    return float(np.tanh(z - aside)), float(np.tanh(z + aside))


def _resampled(x: Floats, y: Floats, length: int, rng: np.random.Generator) -> Floats:
    """The correlations of resampled series. They are built from blocks, which keep the autocorrelation."""
    count = len(x)
    starts = rng.integers(0, count - length + 1, size=(RESAMPLES, -(-count // length)))
    rows = (starts[:, :, None] + np.arange(length)).reshape(RESAMPLES, -1)[:, :count]
    xs, ys = x[rows], y[rows]
    xs, ys = xs - xs.mean(axis=1, keepdims=True), ys - ys.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.square(xs).sum(axis=1) * np.square(ys).sum(axis=1))
    found: Floats = np.divide((xs * ys).sum(axis=1), spread, out=np.zeros(RESAMPLES), where=spread > 0)
    return found


def _pearson(x: Floats, y: Floats) -> float | None:
    x, y = x - x.mean(), y - y.mean()
    spread = float(np.sqrt((x @ x) * (y @ y)))
    return float(x @ y) / spread if spread > 1e-12 else None
