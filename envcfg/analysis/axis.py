"""What stands on the x axis: environment steps, or epochs or wall-clock time at those steps."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Final, NamedTuple

from envcfg.core.errors import SourceError
from envcfg.history.history import History
from envcfg.journal.columns import NONE
from envcfg.sources.series import Series

KINDS: Final = ("step", "epoch", "time")
KNOTS: Final = 20_000
"""Points of a metric that say which epoch a step was in; of more, evenly picked ones."""


class Axis(NamedTuple):
    """Step `steps[i]` stands at `places[i]`, and between two of them on the straight line; time is in ms since 1970."""

    kind: str
    steps: tuple[float, ...] = ()
    places: tuple[float, ...] = ()

    def at(self, step: float) -> float:
        """Where *step* stands."""
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
        """The first step that stands at *place*, or beyond the ends of what was recorded the last one there."""
        return Axis(self.kind, self.places, self.steps).at(place) if self.steps else place


STEPS: Final = Axis("step")


def axis(history: History, kind: str, series: Series | None = None) -> Axis:
    """The axis of a run; raises `SourceError` for an unknown kind, or one that the run recorded nothing of."""
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
        raise SourceError(f"run {history.run} recorded no {kind}: draw it over its steps")
    return Axis(kind, *(tuple(side) for side in zip(*knots, strict=True)))


def _times(history: History) -> Iterable[tuple[float, float]]:
    yield from zip(history.adoptions.columns.step, history.adoptions.columns.time, strict=True)
    yield from ((mix.step, mix.time * 1000) for mix in history.mixes)
    if history.ending is not None and history.ending.step is not None:
        yield history.ending.step, history.ending.time * 1000


def _epochs(history: History, series: Series | None) -> Iterable[tuple[float, float]]:
    columns = history.adoptions.columns
    last = (history.ending,) if history.ending is not None and history.ending.step is not None else ()
    yield from ((step, epoch) for step, epoch in zip(columns.step, columns.epoch, strict=True) if epoch != NONE)
    yield from ((said.step, said.epoch) for said in (*history.mixes, *last) if said.epoch is not None)
    if series is not None:
        each = slice(None, None, 1 + len(series.steps) // KNOTS)
        logged = zip(series.steps[each], series.epochs[each], strict=True)
        yield from ((step, epoch) for step, epoch in logged if epoch is not None)


def _knots(pairs: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """One place for each step, never going back."""
    first: dict[float, float] = {}
    for step, place in sorted(pairs):
        first.setdefault(step, place)
    knots: list[tuple[float, float]] = []
    for step, place in first.items():
        knots.append((step, max(place, knots[-1][1]) if knots else place))
    return knots
