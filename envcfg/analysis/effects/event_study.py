"""A metric around all changes of a kind, each against its own past: descriptive, and drawn beside placebos."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, np
from envcfg.analysis.effects.effect import Subject, subject
from envcfg.analysis.effects.estimate import LEAST_SIDE
from envcfg.analysis.effects.windows import LEAST
from envcfg.core.errors import SourceError
from envcfg.core.path import matches
from envcfg.history.history import History
from envcfg.history.metrics import Series
from envcfg.history.metrics import metric as metric_of

REACH: Final = 20
RESAMPLES: Final = 500


class EventStudy(NamedTuple):
    """By bins from the change, which lies before bin 0."""

    metric: str
    offsets: tuple[int, ...]
    mean: tuple[float, ...]
    """Of all windows that reach so far, less the mean of each one's past; NaN where none does."""
    low: tuple[float, ...]
    high: tuple[float, ...]
    """95 % over resampled runs; over resampled changes where there is one run."""
    placebo_low: tuple[float, ...]
    placebo_high: tuple[float, ...]
    """95 % of what as many windows give where nothing changed; NaN where no stretch is long enough."""
    counts: tuple[int, ...]
    """Windows that reach so far."""
    runs: int
    changes: int


class _Windows(NamedTuple):
    """Those of one run, (windows, offsets), NaN beyond their reach."""

    real: Floats
    placebos: Floats


def event_study(
    histories: Sequence[History],
    metric: str | Callable[[History], Series] | None = None,
    *,
    param: str | None = None,
    reach: int = REACH,
    seed: int = 0,
) -> EventStudy:
    """The changes of one run or several, by default all; *param* takes those that change such a place (a glob).

    Raises `SourceError` where no change has a past and a future of a few points.
    """
    series = [metric(history) if callable(metric) else metric_of(history, metric) for history in histories]
    abouts = [subject(history, one, reach=reach) for history, one in zip(histories, series, strict=True)]
    found = [_windows(history, about, param, reach) for history, about in zip(histories, abouts, strict=True)]
    found = [windows for windows in found if len(windows.real)]
    if not found:
        kind = "change" if param is None else f"change of {param}"
        raise SourceError(f"no {kind} has {LEAST_SIDE} points of a metric before it and after it")
    rng = np.random.default_rng(seed)
    rows = np.concatenate([windows.real for windows in found])
    low, high = _band(_resampled([windows.real for windows in found], rng))
    quiet_low, quiet_high = _band(_of_placebos(found, rng))
    return EventStudy(
        metric=series[0].name,
        offsets=tuple(range(-reach, reach)),
        mean=tuple(_mean(rows).tolist()),
        low=low,
        high=high,
        placebo_low=quiet_low,
        placebo_high=quiet_high,
        counts=tuple(np.isfinite(rows).sum(axis=0).tolist()),
        runs=len(found),
        changes=len(rows),
    )


def _windows(history: History, about: Subject, param: str | None, reach: int) -> _Windows:
    values = about.bins.values
    rows = []
    for bundle, window in zip(about.bundles, about.windows, strict=True):
        leaves = [leaf for change in bundle.transactions for leaf in history.changes(change)]
        if param is not None and not any(matches(leaf.path, param) for leaf in leaves):
            continue
        rows.append(_row(values[window.first : window.change], values[window.after : window.end], reach))
    quiet = [
        _row(values[max(start, place - reach) : place], values[place : min(end, place + reach)], reach)
        for start, end in about.quiet.stretches
        for place in range(start + LEAST, end - LEAST + 1)
    ]
    return _Windows(_stacked(rows, reach), _stacked(quiet, reach))


def _row(before: Floats, after: Floats, reach: int) -> Floats | None:
    """A window around its change, less its past; None where a side has too few points."""
    if min(np.isfinite(before).sum(), np.isfinite(after).sum()) < LEAST_SIDE:
        return None
    row = np.full(2 * reach, np.nan)
    row[reach - len(before) : reach] = before
    row[reach : reach + len(after)] = after
    less: Floats = row - np.nanmean(before)
    return less


def _stacked(rows: Sequence[Floats | None], reach: int) -> Floats:
    return np.array([row for row in rows if row is not None]).reshape(-1, 2 * reach)


def _resampled(runs: Sequence[Floats], rng: np.random.Generator) -> Floats:
    """Mean curves of runs drawn with replacement, each with all its changes; of changes where there is one run."""
    clusters = list(runs) if len(runs) > 1 else [row[None] for row in runs[0]]
    draws = rng.integers(0, len(clusters), size=(RESAMPLES, len(clusters)))
    return np.stack([_mean(np.concatenate([clusters[index] for index in draw])) for draw in draws])


def _of_placebos(runs: Sequence[_Windows], rng: np.random.Generator) -> Floats:
    """Mean curves of as many windows from quiet stretches, cut at their ends, and where the real ones are cut."""
    if not all(len(run.placebos) for run in runs):
        return np.full((1, runs[0].real.shape[1]), np.nan)
    curves = []
    for _ in range(RESAMPLES):
        chosen = [run.placebos[rng.integers(0, len(run.placebos), size=len(run.real))] for run in runs]
        cut = [np.where(np.isfinite(run.real), rows, np.nan) for run, rows in zip(runs, chosen, strict=True)]
        curves.append(_mean(np.concatenate(cut)))
    return np.stack(curves)


def _mean(rows: Floats) -> Floats:
    counts = np.isfinite(rows).sum(axis=0)
    means: Floats = np.divide(np.nansum(rows, axis=0), counts, out=np.full(rows.shape[1], np.nan), where=counts > 0)
    return means


def _band(curves: Floats) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The middle 95 % at each offset."""
    edges = np.full((2, curves.shape[1]), np.nan)
    known = np.isfinite(curves).any(axis=0)
    edges[:, known] = np.nanquantile(curves[:, known], [0.025, 0.975], axis=0)
    return tuple(edges[0].tolist()), tuple(edges[1].tolist())
