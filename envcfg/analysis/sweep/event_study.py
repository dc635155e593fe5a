"""The event study of a sweep: a metric around all changes, beside what as many random moments would show."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from envcfg.analysis.effects.arrays import Floats, Ints, np
from envcfg.analysis.effects.clusters import DRAWS, LEAST_CLUSTERS, band, ratio
from envcfg.analysis.effects.effect import Subject, subject
from envcfg.analysis.effects.invariance import redefining
from envcfg.analysis.effects.pooling import FEW
from envcfg.analysis.effects.windows import LEAST, REACH, Window
from envcfg.analysis.groups import Run, runs
from envcfg.analysis.run.timeline import kind_of
from envcfg.core.errors import SourceError
from envcfg.sources.metrics import MetricChoice
from envcfg.sources.sweep import SweepRun

MOMENTS: Final = 200
"""Random moments of a run that are looked at; of more, evenly picked ones."""
SEVERAL: Final = "several causes"
_BANDS: Final = (
    (1, 2, "a band over the changes of one run"),
    (2, LEAST_CLUSTERS, "no band of two runs"),
    (LEAST_CLUSTERS, FEW, "a rough band of few runs"),
)
"""From how many runs to below how many, and what is to be said of them."""


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
    sweep: Iterable[SweepRun], *, metric_name: MetricChoice = None, reach: int = REACH, seed: int = 0
) -> EventStudy:
    """The metric around every change of every run, against its mean before; windows stop at the neighbouring changes.

    *reach* is how many points of the metric are looked at on each side. Bands resample whole runs, as points of one
    run are no independent witnesses, and there is none of two; with one run they resample its events. Raises
    `SourceError` where no run changed while it logged the metric.
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
    around = tuple(_around(kind, [event for event in events if event.kind == kind], chance) for kind in kinds)
    return EventStudy(
        metric=about[0].series.name,
        offsets=tuple(((np.arange(-reach, reach) + 0.5) * width).tolist()),
        kinds=around,
        placebo=_placebo(about, events, grid, chance),
        notes=tuple(_notes(events, around)),
    )


def _subject(run: Run, reach: int) -> Subject:
    assert run.series is not None
    return subject(run.history, run.series, reach=reach)


def _events(number: int, run: Run, about: Subject, grid: Grid) -> Iterator[Event]:
    """The bundles whose windows have enough on both sides."""
    for bundle, window in zip(about.bundles, about.windows, strict=True):
        kinds = {kind_of(transaction) for transaction in bundle.changes}
        kind = kinds.pop() if len(kinds) == 1 else SEVERAL
        leaves = [leaf for transaction in bundle.changes for leaf in run.history.edits(transaction)]
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
    return ratio(np.bincount(columns[shown], weights=values[shown], minlength=2 * grid.reach), counts)


def _around(kind: str, events: Sequence[Event], chance: np.random.Generator) -> Around:
    rows = np.array([event.values for event in events])
    owners = [event.run for event in events]
    runs = len(set(owners))
    found = band(rows, owners if runs > 1 else range(len(events)), chance)
    middle, low, high = map(_told, found)
    return Around(kind, runs, len(events), middle, low, high, tuple(np.isfinite(rows).sum(axis=0).tolist()))


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
    return _band(ratio(sums, counts))


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


def _band(means: Floats) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    known = np.isfinite(means).any(axis=0)
    sides = np.full((2, means.shape[1]), np.nan)
    sides[:, known] = np.nanquantile(means[:, known], (0.025, 0.975), axis=0)
    return _told(sides[0]), _told(sides[1])


def _told(values: Floats) -> tuple[float | None, ...]:
    return tuple(float(value) if np.isfinite(value) else None for value in values)


def _notes(events: Sequence[Event], kinds: Sequence[Around]) -> Iterator[str]:
    yield "descriptive: not corrected for triggers or trends"
    redefined = sum(event.redefines for event in events)
    if redefined:
        yield f"{redefined:,} of them also give the metric another meaning"
    yield from _few(kinds)


def _few(kinds: Sequence[Around]) -> Iterator[str]:
    """What bands rest on, where that is little."""
    for least, below, said in _BANDS:
        named = [around.kind for around in kinds if least <= around.runs < below]
        if named:
            yield f"{said}: {', '.join(named)}"
