"""The training and the evaluation environments of a run together."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import merge

from envcfg.core.record import EVALUATION
from envcfg.history.adoptions import Adoptions, Place
from envcfg.history.lives import Life, without_ends
from envcfg.history.recording import Evaluation
from envcfg.journal.columns import Columns


def together(training: Evaluation, evaluation: Evaluation) -> Evaluation:
    """The adoptions of both in order of step, with their lives. Evaluation slots have numbers of their own."""
    every = training.adoptions, evaluation.adoptions
    order = list(merge(*(_keys(adoptions, which) for which, adoptions in enumerate(every)), key=lambda key: key[:2]))
    columns, sources = Columns(), Columns()
    for adoptions in every:
        sources.extend(adoptions.columns)
    offsets = 0, len(training.adoptions)
    columns.extend(sources, [offsets[which] + row for *_, which, row in order])
    own = tuple([_numbered(place) for place in evaluation.adoptions.places])
    place = array("i", [_position(every, which, row) for *_, which, row in order])
    positions: tuple[list[int], list[int]] = [], []
    for position, (*_, which, _row) in enumerate(order):
        positions[which].append(position)
    lives = [
        _moved(life, columns.step, positions[which], which=which)
        for which, found in enumerate((training, evaluation))
        for life in found.lives or without_ends(found.adoptions)
    ]
    places = (*training.adoptions.places, *own)
    columns.slot = array("i", [places[position].slot for position in place])
    both = Adoptions(columns, place, places)
    return Evaluation(both, tuple(sorted(lives, key=lambda life: life.first)))


def _keys(adoptions: Adoptions, which: int) -> Iterator[tuple[int, float, int, int]]:
    pairs = zip(adoptions.columns.step, adoptions.columns.time, strict=True)
    return ((step, time, which, row) for row, (step, time) in enumerate(pairs))


def _position(every: Sequence[Adoptions], which: int, row: int) -> int:
    return every[which].place[row] + (len(every[0].places) if which else 0)


def _numbered(place: Place) -> Place:
    return replace(place, slot=place.slot + EVALUATION)


def _moved(life: Life, steps: Sequence[int], positions: Sequence[int], *, which: int) -> Life:
    """*life* with its rows among the rows of both."""
    place, first = (_numbered(life.place) if which else life.place), positions[life.first]
    if life.ended is None:
        return replace(life, place=place, first=first)
    after = positions[life.stop] if life.stop < len(positions) else len(steps)
    stop = min(max(bisect_left(steps, life.ended), positions[life.stop - 1] + 1), after)
    return replace(life, place=place, first=first, stop=stop)
