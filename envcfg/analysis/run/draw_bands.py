"""The draws of a parameter over steps, as bands: the middle half, the middle eight tenths, and the median."""

from collections.abc import Sequence
from itertools import chain, groupby
from math import inf
from typing import Final, NamedTuple

from envcfg.core.distribution import pooled
from envcfg.core.stated import Choice, LogUniform, Normal, Stated, Uniform
from envcfg.core.tree import Path
from envcfg.history.queries.draws import DrawnParameter, Part

WINDOWS: Final = 120
"""The most points of a band. With more epochs, several are pooled to one point."""
PROBABILITIES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)


class Bands(NamedTuple):
    """The bands of one parameter; each point holds until the next one."""

    path: Path
    steps: tuple[float, ...]
    """The first step of each point."""
    counts: tuple[int, ...]
    quantiles: tuple[tuple[float, ...], ...]
    """For each point, the quantiles for `PROBABILITIES`."""
    stated: tuple[tuple[float, float, float], ...]
    """The stated ranges: first step, lowest and highest value. For a normal distribution, from 10 % to 90 %."""

    @property
    def every(self) -> list[float]:
        """All values that are drawn in the figure."""
        return [value for row in self.quantiles for value in row] + [end for _, *ends in self.stated for end in ends]


def bands(parameter: DrawnParameter, first: float = 0, last: float = inf) -> Bands | None:
    """The bands of the draws from step *first* to step *last*; None if there are no numbers."""
    parts = [part for part in parameter.parts if part.entry.step >= first and part.entry.since <= last]
    found = [(window[0].entry.since, pooled(part.drawn for part in window)) for window in _windows(parts)]
    found = [(step, drawn) for step, drawn in found if drawn.has_numbers]
    if not found:
        return None
    return Bands(
        path=parameter.path,
        steps=tuple([max(first, step) for step, _ in found]),
        counts=tuple([drawn.count for _, drawn in found]),
        quantiles=tuple([tuple(map(drawn.quantile, PROBABILITIES)) for _, drawn in found]),
        stated=tuple(
            [
                (max(first, statement.step), *ends)
                for statement in parameter.statements
                if statement.step <= last and (ends := _ends(statement.stated)) is not None
            ]
        ),
    )


def _windows(parts: Sequence[Part]) -> list[list[Part]]:
    """The parts of each epoch together; of several epochs, if there are too many."""
    numbered = enumerate(parts)
    epochs = groupby(numbered, key=lambda at: -1 - at[0] if at[1].entry.epoch is None else at[1].entry.epoch)
    found = [[part for _, part in same] for _, same in epochs]
    size = -(-len(found) // WINDOWS) or 1
    return [list(chain.from_iterable(found[start : start + size])) for start in range(0, len(found), size)]


def _ends(stated: Stated | None) -> tuple[float, float] | None:
    match stated:
        case Uniform(low, high) | LogUniform(low, high):
            return low, high
        case Normal(mean, sd):
            return mean - 1.2816 * sd, mean + 1.2816 * sd
        case Choice() | None:
            return None
