"""The x axis of a figure: environment steps, or the epoch or wall-clock time at each step."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import compress
from operator import ne
from typing import Final, NamedTuple

from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.journal.columns import NONE
from envcfg.sources.series import Series

KINDS: Final = ("step", "epoch", "time")
KNOTS: Final = 20_000
"""The most points of a kind that are used to find the place of a step; evenly spaced if there are more."""


class Axis(NamedTuple):
    """Step `steps[i]` is at the position `places[i]` of the axis; steps between are interpolated linearly.

    Positions on a time axis are in ms since 1970.
    """

    kind: str
    steps: tuple[float, ...] = ()
    places: tuple[float, ...] = ()

    def at(self, step: float) -> float:
        """The position of *step* on the axis."""
        if not self.steps:
            return step
        right = bisect_right(self.steps, step)
        if right == 0:
            return self.places[0]
        if right == len(self.steps):
            return self.places[-1]
        (low, high), (start, end) = self.steps[right - 1 : right + 1], self.places[right - 1 : right + 1]
        return start + (end - start) * (step - low) / (high - low)

    def step_at(self, place: float) -> float:
        """The first step at the position *place*; beyond the ends of the axis, the first or last step."""
        return Axis(self.kind, self.places, self.steps).at(place) if self.steps else place


STEPS: Final = Axis("step")


def axis(history: History, kind: str, series: Series | None = None) -> Axis:
    """The axis of a run. Raises `SourceError` for an unknown *kind*, or if the run has no epochs or times."""
    match kind:
        case "step":
            return STEPS
        case "epoch":
            knots = _knots(_epochs(history, series))
        case "time":
            knots = _knots(_times(history))
        case _:
            raise SourceError(f"x={kind!r} is not one of {', '.join(KINDS)}")
    if not knots:
        raise SourceError(f"run {history.run} recorded no {kind}: use step instead")
    return Axis(kind, *(tuple(side) for side in zip(*knots, strict=True)))


def _times(history: History) -> Iterable[tuple[float, float]]:
    columns = history.adoptions.columns
    yield from ((columns.step[row], columns.time[row]) for row in _spaced(range(len(columns))))
    yield from ((mix.step, mix.time * 1000) for mix in history.mixes)
    if history.ending is not None and history.ending.step is not None:
        yield history.ending.step, history.ending.time * 1000


def _epochs(history: History, series: Series | None) -> Iterable[tuple[float, float]]:
    columns = history.adoptions.columns
    last = (history.ending,) if history.ending is not None and history.ending.step is not None else ()
    begun = compress(range(1, len(columns)), map(ne, columns.epoch[1:], columns.epoch))
    rows = {*_spaced(range(len(columns))), *_spaced([row for first in begun for row in (first - 1, first)])}
    yield from ((columns.step[row], columns.epoch[row]) for row in rows if columns.epoch[row] != NONE)
    yield from ((said.step, said.epoch) for said in (*history.mixes, *last) if said.epoch is not None)
    if series is not None:
        logged = ((series.steps[row], series.epochs[row]) for row in _spaced(range(len(series.steps))))
        yield from ((step, epoch) for step, epoch in logged if epoch is not None)


def _spaced(rows: Sequence[int]) -> Sequence[int]:
    """At most `KNOTS` of *rows*, evenly spaced."""
    return rows[:: 1 + len(rows) // KNOTS]


def _knots(pairs: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """One position for each step; positions never decrease."""
    first: dict[float, float] = {}
    for step, place in sorted(pairs):
        first.setdefault(step, place)
    knots: list[tuple[float, float]] = []
    for step, place in first.items():
        knots.append((step, max(place, knots[-1][1]) if knots else place))
    return knots
