"""The event study of a sweep: a metric around all changes, and around the same number of random moments."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects import gate
from envcfg.analysis.effects.arrays import Floats, Ints, np
from envcfg.analysis.effects.clusters import DRAWS, LEAST_CLUSTERS, band, ratio
from envcfg.analysis.effects.effect import MetricWindows, metric_windows
from envcfg.analysis.effects.pooling import FEW
from envcfg.analysis.effects.windows import LEAST, REACH, Window
from envcfg.analysis.formatting import count_text
from envcfg.analysis.groups import Run, runs
from envcfg.analysis.placement import placements
from envcfg.analysis.run.timeline import kind_of
from envcfg.core.errors import SourceError
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SweepRun

MOMENTS: Final = 200
"""The most random moments of a run that are used; evenly spaced if there are more."""
SEVERAL: Final = "several causes"
_BANDS: Final = (
    (1, 2, "the band covers the changes of one run only"),
    (2, LEAST_CLUSTERS, "no band, because there are two runs only"),
    (LEAST_CLUSTERS, FEW, "the band is rough, because there are few runs"),
)
"""(least number of runs, below which number, note)"""


class Grid(NamedTuple):
    """Columns around a moment: *reach* on each side, each *width* steps wide. All runs share them."""

    width: float
    reach: int

    def columns(self, offsets: Ints, width: float) -> Ints:
        """The columns that hold the middles of bins of another width."""
        found: Ints = np.floor((offsets + 0.5) * (width / self.width)).astype(np.int64) + self.reach
        return found


class Event(NamedTuple):
    """The metric around one moment of a run, minus its mean before the moment; NaN outside of the window."""

    run: int
    kind: str
    redefines: bool
    """Whether the change also gave the metric another meaning."""
    values: Floats


class EventCurve(NamedTuple):
    """The events of one kind of cause: at each offset their mean, its 95 % band, and their number."""

    kind: str
    runs: int
    events: int
    middle: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    counts: tuple[int, ...]


class EventStudy(NamedTuple):
    """The metric by steps from the change. `placebo` is the 95 % range of the mean at as many random moments."""

    metric: str
    offsets: tuple[float, ...]
    kinds: tuple[EventCurve, ...]
    placebo: tuple[tuple[float | None, ...], tuple[float | None, ...]]
    notes: tuple[str, ...]


def event_study(
    sweep: Iterable[SweepRun], *, metric_name: MetricChoice = None, reach: int = REACH, seed: int = 0
) -> EventStudy:
    """The metric around every change of every run, minus its mean before. Windows stop at the neighbouring changes.

    *reach* is the number of points used on each side. Bands resample whole runs, because points of one run are not
    independent. Two runs have no band; with one run, its events are resampled. Raises `SourceError` if no run changed
    while it logged the metric.
    """
    found = [run for run in runs(sweep, metric_name) if run.series is not None]
    data = [_subject(run, reach) for run in found]
    width = float(np.median([each.bins.width for each in data])) if data else 1.0
    grid = Grid(width, reach)
    every = [
        event
        for number, (run, each) in enumerate(zip(found, data, strict=True))
        for event in _events(number, run, each, grid)
    ]
    events = [event for event in every if not event.redefines]
    if every and not events:
        raise SourceError(f"every change gives {data[0].series.name} another meaning: choose another metric")
    if not events:
        raise SourceError(f"no change in {len(found):,} runs with this metric has {LEAST} points on each side")
    chance = np.random.default_rng(seed)
    kinds = [kind for kind, _ in Counter(event.kind for event in events).most_common()]
    around = tuple(_around(kind, [event for event in events if event.kind == kind], chance) for kind in kinds)
    return EventStudy(
        metric=data[0].series.name,
        offsets=tuple(((np.arange(-reach, reach) + 0.5) * width).tolist()),
        kinds=around,
        placebo=_placebo(data, events, grid, chance),
        notes=tuple(_notes(every, around, data)),
    )


def _subject(run: Run, reach: int) -> MetricWindows:
    assert run.series is not None
    return metric_windows(run.history, run.series, reach=reach)


def _events(number: int, run: Run, data: MetricWindows, grid: Grid) -> Iterator[Event]:
    """One event for each group of changes with enough points on both sides."""
    for group, window in zip(data.groups, data.windows, strict=True):
        kinds = {kind_of(change) for change in group.changes}
        kind = kinds.pop() if len(kinds) == 1 else SEVERAL
        edits = [edit for change in group.changes for edit in run.history.edits(change)]
        values = _values(data, window, grid)
        if values is not None:
            redefining = gate.meaning(data.series.name, invariant=False, histories=[run.history])
            yield Event(number, kind, bool(redefining(edits)), values)


def _values(data: MetricWindows, window: Window, grid: Grid) -> Floats | None:
    """The values in the window minus the mean before; None if a side has too few points."""
    bins = window.indices(data.bins.values)
    is_before = bins < window.change
    if min(is_before.sum(), (~is_before).sum()) < LEAST:
        return None
    values = data.bins.values[bins] - data.bins.values[bins][is_before].mean()
    columns = grid.columns(bins - window.change, data.bins.width)
    shown = (columns >= 0) & (columns < 2 * grid.reach)
    counts = np.bincount(columns[shown], minlength=2 * grid.reach)
    return ratio(np.bincount(columns[shown], weights=values[shown], minlength=2 * grid.reach), counts)


def _around(kind: str, events: Sequence[Event], chance: np.random.Generator) -> EventCurve:
    rows = np.array([event.values for event in events])
    owners = [event.run for event in events]
    runs = len(set(owners))
    found = band(rows, owners if runs > 1 else range(len(events)), chance)
    middle, low, high = map(_optional, found)
    return EventCurve(kind, runs, len(events), middle, low, high, tuple(np.isfinite(rows).sum(axis=0).tolist()))


def _placebo(
    data: Sequence[MetricWindows], events: Sequence[Event], grid: Grid, chance: np.random.Generator
) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    """The band of the mean at as many random moments of the same runs, at which nothing changed."""
    wanted = Counter(event.run for event in events)
    sums, counts = np.zeros((DRAWS, 2 * grid.reach)), np.zeros((DRAWS, 2 * grid.reach))
    for number, times in wanted.items():
        rows = _moments(data[number], grid)
        if len(rows):
            drawn = rows[chance.integers(len(rows), size=(DRAWS, times))]
            sums += np.nan_to_num(drawn).sum(axis=1)
            counts += np.isfinite(drawn).sum(axis=1)
    return _band(ratio(sums, counts))


def _moments(data: MetricWindows, grid: Grid) -> Floats:
    """The values around random moments without a change; windows stop at the next change."""
    count, reach = len(data.bins.values), grid.reach
    edges = [0, *(edge for window in data.windows for edge in (window.change, window.after)), count]
    stretches = list(zip(edges[::2], edges[1::2], strict=True))
    places = [(place, start, end) for start, end in stretches for place in range(start + LEAST, end - LEAST + 1)]
    around = [
        Window(max(start, place - reach), place, place, min(end, place + reach))
        for place, start, end in places[:: 1 + len(places) // MOMENTS]
    ]
    found = [_values(data, window, grid) for window in around]
    return np.array([values for values in found if values is not None]).reshape(-1, 2 * reach)


def _band(means: Floats) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    known = np.isfinite(means).any(axis=0)
    sides = np.full((2, means.shape[1]), np.nan)
    sides[:, known] = np.nanquantile(means[:, known], (0.025, 0.975), axis=0)
    return _optional(sides[0]), _optional(sides[1])


def _optional(values: Floats) -> tuple[float | None, ...]:
    """Numbers with None for NaN."""
    return tuple(float(value) if np.isfinite(value) else None for value in values)


def _notes(events: Sequence[Event], kinds: Sequence[EventCurve], data: Sequence[MetricWindows]) -> Iterator[str]:
    yield "descriptive only: not corrected for triggers or trends"
    redefined = sum(event.redefines for event in events)
    if redefined:
        yield f"{count_text(redefined, 'change')} left out, because the metric then has another meaning"
    yield from placements(each.series for each in data)
    if any(around.kind == "curriculum" for around in kinds):
        yield "a curriculum chose its moments because of a metric, which biases the curve around them"
    smoothed = (gate.smoothed(each.series.name, each.bins.values) for each in data)
    yield from dict.fromkeys(each.text for each in smoothed if each is not None)
    yield from _few(kinds)


def _few(kinds: Sequence[EventCurve]) -> Iterator[str]:
    """A note for each kind of cause with few runs."""
    for least, below, said in _BANDS:
        named = [around.kind for around in kinds if least <= around.runs < below]
        if named:
            yield f"{said}: {', '.join(named)}"
