"""Looks for drawn parameters among the columns of an env, in its first resets."""

from collections.abc import Iterator
from itertools import islice, repeat
from math import prod
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from envcfg.tracking.draws.collector import Resets
from envcfg.tracking.draws.parameters import Place
from envcfg.tracking.draws.watch import WATCHED, Watch

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, Any]

MOST_COMPONENTS: Final = 64
"""A row with more numbers than this is a level, and not a parameter."""
_PATIENCE: Final = 20 * WATCHED
"""A parameter that has not changed often in so many resets is not watched any longer."""
_NUMBERS: Final = "iuf"


class ColumnWatch:
    """The first resets of a program, until it is known which parameters are drawn."""

    def __init__(self) -> None:
        self.is_open = True
        self._watches: dict[Place, Watch] = {}
        self._earlier: list[Resets] = []
        self._seen = 0

    def see(self, resets: Resets) -> list[Place]:
        """The parameters that are now known to be drawn, and were not before."""
        self._seen += len(resets.slots)
        undecided = {place: rows for place, rows in resets.rows.items() if self._watch(place, rows).is_drawn is None}
        for place, rows in undecided.items():
            values = rows.tolist() if rows.ndim == 1 else map(tuple, rows.reshape(len(rows), -1).tolist())
            self._watches[place].see(islice(values, WATCHED), repeat(resets.group.task))
        found = [place for place in undecided if self._watches[place].is_drawn]
        self._earlier.append(resets._replace(rows=undecided))
        self.is_open = self._seen < _PATIENCE and any(watch.is_drawn is None for watch in self._watches.values())
        return found

    def earlier(self, places: list[Place]) -> Iterator[Resets]:
        """The resets before the last one in which these parameters were seen."""
        for resets in self._earlier[:-1]:
            rows = {place: resets.rows[place] for place in places if place in resets.rows}
            if rows:
                yield resets._replace(rows=rows)

    def close(self) -> None:
        """Forget the resets, after the last parameter was decided."""
        self._earlier = []

    def _watch(self, place: Place, rows: "Array") -> Watch:
        known = self._watches.get(place)
        if known is None:
            is_parameter = rows.dtype.kind in _NUMBERS and prod(rows.shape[1:]) <= MOST_COMPONENTS
            known = self._watches[place] = Watch(is_over=not is_parameter)
        return known
