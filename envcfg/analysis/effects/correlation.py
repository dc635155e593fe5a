"""A parameter against a metric, as people ask for it, in the way that is not spurious: on differences.

Two series that both trend correlate whatever they have to do with each other (Yule 1926, doi 10.2307/2341482). The
interval is a moving-block bootstrap's (Künsch 1989, doi 10.1214/aos/1176347265), with Student's t by the number of
changes or of blocks, whichever are fewer.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.bins import Bins, binned
from envcfg.analysis.effects.reml import quantile
from envcfg.analysis.run.dominant import is_number, lane, varying
from envcfg.core.path import dotted
from envcfg.history.history import History
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.metrics import metric as metric_of

RESAMPLES: Final = 1_000
FEW_CHANGES: Final = 8
"""Changes below which a correlation says nothing that an effect does not say better."""
_ONE: Final = 1 - 1e-12
"""The largest r that Fisher's scale has a place for."""
LEVELS: Final = "correlations of levels are spurious wherever both series trend: read the one of differences"


class Correlation(NamedTuple):
    """One parameter and one metric."""

    parameter: str
    metric: str
    changes: int
    differences: float | None
    """Pearson's r of bin-to-bin differences; None where *refusal* says why."""
    low: float | None
    """The 95 % interval of *differences*."""
    high: float | None
    levels: float | None
    """Pearson's r of the values themselves: what everybody computes first, and `LEVELS` warns of."""
    refusal: str | None


def correlations(history: History, metric: MetricChoice = None, *, seed: int = 0) -> tuple[Correlation, ...]:
    """Every numeric parameter that changed against a metric, by default the run's reward; strongest first."""
    bins = binned(metric_of(history, metric))
    held, counts = varying(history)
    found = []
    for path in counts:
        values = lane(history, path, held)
        if all(map(is_number, values.values)):
            steps, numbers = values.steps, _scaled(np.array(values.values, dtype=float))
            parameter = _on_bins(steps, numbers, bins)
            found.append(correlation(dotted(path), len(steps) - 1, parameter, bins, np.random.default_rng(seed)))
    return tuple(sorted(found, key=lambda one: -abs(one.differences or 0.0)))


def _scaled(values: Floats) -> Floats:
    """From 0 to 1, which no correlation notices: squares of the largest floats have no place in a float."""
    values = values / (np.abs(values).max() or 1.0)
    values -= values.min()
    return values / (values.max() or 1.0)


def _on_bins(steps: Sequence[float], values: Floats, bins: Bins) -> Floats:
    """The mean of a parameter over each bin, which covers the steps before its end."""
    ends = bins.end + bins.width * np.arange(len(bins.values))
    edges = np.array([*steps, np.inf])
    totals = np.zeros(len(ends))
    for index, value in enumerate(values):
        start = -np.inf if index == 0 else edges[index]
        overlap = np.minimum(ends, edges[index + 1]) - np.maximum(ends - bins.width, start)
        totals += value * np.clip(overlap, 0, bins.width)
    return totals / bins.width


def correlation(name: str, changes: int, parameter: Floats, bins: Bins, rng: np.random.Generator) -> Correlation:
    """A parameter on the bins of a metric, in which it changed so often."""
    kept = np.isfinite(bins.values)
    x, y = parameter[kept], bins.values[kept]
    if changes < FEW_CHANGES:
        refusal = f"it changed only {changes} time{'s' * (changes != 1)}: see its effects"
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
    """So many standard deviations of what was resampled, on Fisher's scale; plain quantiles are too narrow."""
    z, scattered = (np.arctanh(np.clip(each, -_ONE, _ONE)) for each in (r, resampled))
    aside = reach * float(scattered.std())
    return float(np.tanh(z - aside)), float(np.tanh(z + aside))


def _resampled(x: Floats, y: Floats, length: int, rng: np.random.Generator) -> Floats:
    """The correlations of series put together anew from blocks, which keep what neighbours have in common."""
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
