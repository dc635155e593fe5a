"""The event study of a sweep: a metric around all changes, beside what as many random moments would show."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, Ints, np
from envcfg.analysis.effects.effect import Subject, subject
from envcfg.analysis.effects.invariance import redefining
from envcfg.analysis.effects.windows import LEAST, REACH, Window
from envcfg.analysis.runs import Run, runs
from envcfg.analysis.timeline import kind_of
from envcfg.core.errors import SourceError
from envcfg.history.sweep import SweepRun

DRAWS: Final = 400
"""Of runs for a band, and of random moments."""
MOMENTS: Final = 200
"""Random moments of a run that are looked at; of more, evenly picked ones."""
SEVERAL: Final = "several causes"


class Grid(NamedTuple):
    """Columns around a moment, *reach* on each side and *width* steps wide, for runs that logged more or less often."""

    width: float
    reach: int

    def columns(self, offsets: Ints, width: float) -> Ints:
        """The columns in which the middles of bins of another width lie."""
        found: Ints = np.floor((offsets + 0.5) * (width / self.width)).astype(np.int64) + self.reach
        return found


class Event(NamedTuple):
    """What was measured around one moment of a run: NaN outside of its window, 0 on average before it."""

    run: int
    kind: str
    redefines: bool
    """Whether it also gave the metric another meaning."""
    values: Floats


class Around(NamedTuple):
    """The events of one kind of cause; at each offset their mean, the 95 % band of it, and how many there are."""

    kind: str
    runs: int
    events: int
    middle: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    counts: tuple[int, ...]


class EventStudy(NamedTuple):
    """By steps from the change; `placebo` is where the mean of as many random moments lies in 95 of 100 draws."""

    metric: str
    offsets: tuple[float, ...]
    kinds: tuple[Around, ...]
    placebo: tuple[tuple[float | None, ...], tuple[float | None, ...]]
    notes: tuple[str, ...]


def event_study(
    sweep: Iterable[SweepRun], *, metric_name: str | None = None, reach: int = REACH, seed: int = 0
) -> EventStudy:
    """The metric around every change of every run, against its mean before; windows stop at the neighbouring changes.

    *reach* is how many points of the metric are looked at on each side. Bands resample whole runs, as points of one
    run are no independent witnesses; with one run, its events. Raises `SourceError` where no run changed while it
    logged the metric.
    """
    found = [run for run in runs(sweep, metric_name) if run.series is not None]
    about = [_subject(run, reach) for run in found]
    width = float(np.median([each.bins.width for each in about])) if about else 1.0
    grid = Grid(width, reach)
    events = [
        event
        for number, (run, each) in enumerate(zip(found, about, strict=True))
        for event in _events(number, run, each, grid)
    ]
    if not events:
        raise SourceError(f"no change of {len(found):,} runs with a metric has {LEAST} points of it on each side")
    chance = np.random.default_rng(seed)
    kinds = [kind for kind, _ in Counter(event.kind for event in events).most_common()]
    return EventStudy(
        metric=about[0].series.name,
        offsets=tuple(((np.arange(-reach, reach) + 0.5) * width).tolist()),
        kinds=tuple(_around(kind, [event for event in events if event.kind == kind], chance) for kind in kinds),
        placebo=_placebo(about, events, grid, chance),
        notes=tuple(_notes(events)),
    )


def _subject(run: Run, reach: int) -> Subject:
    assert run.series is not None
    return subject(run.history, run.series, reach=reach)


def _events(number: int, run: Run, about: Subject, grid: Grid) -> Iterator[Event]:
    """The bundles whose windows have enough on both sides."""
    for bundle, window in zip(about.bundles, about.windows, strict=True):
        kinds = {kind_of(transaction) for transaction in bundle.transactions}
        kind = kinds.pop() if len(kinds) == 1 else SEVERAL
        leaves = [leaf for transaction in bundle.transactions for leaf in run.history.changes(transaction)]
        values = _values(about, window, grid)
        if values is not None:
            yield Event(number, kind, bool(redefining(about.series.name, leaves)), values)


def _values(about: Subject, window: Window, grid: Grid) -> Floats | None:
    """The window against the mean before it; None where a side has too little."""
    bins = window.indices(about.bins.values)
    is_before = bins < window.change
    if min(is_before.sum(), (~is_before).sum()) < LEAST:
        return None
    values = about.bins.values[bins] - about.bins.values[bins][is_before].mean()
    columns = grid.columns(bins - window.change, about.bins.width)
    shown = (columns >= 0) & (columns < 2 * grid.reach)
    counts = np.bincount(columns[shown], minlength=2 * grid.reach)
    return _ratio(np.bincount(columns[shown], weights=values[shown], minlength=2 * grid.reach), counts)


def _around(kind: str, events: Sequence[Event], chance: np.random.Generator) -> Around:
    rows = np.array([event.values for event in events])
    owners = [event.run for event in events]
    clusters = owners if len(set(owners)) > 1 else range(len(events))
    low, high = _band(_resampled(rows, clusters, chance)) if len(events) > 1 else (_nothing(rows),) * 2
    counts = np.isfinite(rows).sum(axis=0)
    return Around(kind, len(set(owners)), len(events), _told(_mean(rows)), low, high, tuple(counts.tolist()))


def _resampled(rows: Floats, clusters: Sequence[int], chance: np.random.Generator) -> Floats:
    """The means of events whose clusters were drawn with replacement, (draws, offsets)."""
    _, owners = np.unique(clusters, return_inverse=True)
    sums, counts = (np.zeros((owners.max() + 1, rows.shape[1])) for _ in range(2))
    np.add.at(sums, owners, np.nan_to_num(rows))
    np.add.at(counts, owners, np.isfinite(rows))
    drawn = chance.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=DRAWS)
    return _ratio(drawn @ sums, drawn @ counts)


def _placebo(
    about: Sequence[Subject], events: Sequence[Event], grid: Grid, chance: np.random.Generator
) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    """The band of means of as many moments of the same runs, drawn where nothing changed."""
    wanted = Counter(event.run for event in events)
    sums, counts = np.zeros((DRAWS, 2 * grid.reach)), np.zeros((DRAWS, 2 * grid.reach))
    for number, times in wanted.items():
        rows = _moments(about[number], grid)
        if len(rows):
            drawn = rows[chance.integers(len(rows), size=(DRAWS, times))]
            sums += np.nan_to_num(drawn).sum(axis=1)
            counts += np.isfinite(drawn).sum(axis=1)
    return _band(_ratio(sums, counts))


def _moments(about: Subject, grid: Grid) -> Floats:
    """What is measured at random moments, with windows that stop where the next change was."""
    count, reach = len(about.bins.values), grid.reach
    edges = [0, *(edge for window in about.windows for edge in (window.change, window.after)), count]
    stretches = list(zip(edges[::2], edges[1::2], strict=True))
    places = [(place, start, end) for start, end in stretches for place in range(start + LEAST, end - LEAST + 1)]
    around = [
        Window(max(start, place - reach), place, place, min(end, place + reach))
        for place, start, end in places[:: 1 + len(places) // MOMENTS]
    ]
    found = [_values(about, window, grid) for window in around]
    return np.array([values for values in found if values is not None]).reshape(-1, 2 * reach)


def _mean(rows: Floats) -> Floats:
    sums: Floats = np.nan_to_num(rows).sum(axis=0)
    return _ratio(sums, np.isfinite(rows).sum(axis=0))


def _ratio(sums: Floats | Ints, counts: Floats | Ints) -> Floats:
    found: Floats = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return found


def _band(means: Floats) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    known = np.isfinite(means).any(axis=0)
    sides = np.full((2, means.shape[1]), np.nan)
    sides[:, known] = np.nanquantile(means[:, known], (0.025, 0.975), axis=0)
    return _told(sides[0]), _told(sides[1])


def _nothing(rows: Floats) -> tuple[None, ...]:
    return (None,) * int(rows.shape[1])


def _told(values: Floats) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)


def _notes(events: Sequence[Event]) -> Iterator[str]:
    yield "descriptive: neither corrected for what triggered a change, nor for a trend"
    redefined = sum(event.redefines for event in events)
    if redefined:
        yield f"{redefined:,} of them also give the metric another meaning"
