"""For each parameter, the change that last set it in a living slot."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from envcfg.core.diff import ABSENT, Absent
from envcfg.core.tree import Path, Tree
from envcfg.history.adoptions import Adoption, Place
from envcfg.history.queries.spreads import Spreads
from envcfg.history.recording import Recording
from envcfg.history.spread import Spread


@dataclass(frozen=True, slots=True)
class Blame:
    """A parameter over the living slots, and the last change that set it in one of them."""

    path: Path
    spread: Spread
    """The value that all living slots have, or how they differ."""
    value: Tree | Absent
    """The value that the change set. All slots have it if they agree."""
    before: Tree | Absent
    """The previous value in the slot of `adoption`; `ABSENT` in an initial config, or if the key did not exist."""
    adoption: Adoption
    """The adoption that set the value."""
    change: int
    """The number of its change; 0 for an initial config."""


def blame(history: Recording, found: Spreads, held: Mapping[Place, int]) -> tuple[Blame, ...]:
    """For each parameter in *found*, in the order of the config, the latest change that set it.

    *held* has the rows of the slots that count. A slot that ended does not, and neither does a value that a slot
    replaced.
    """
    latest = _LatestChanges(history, held)
    rows = latest.rows(path for path in found.values if path in history.parameters.varying)
    first = min(history.adoptions.rows[place][0] for place in held)
    return tuple(_blame(history, path, spread, rows.get(path, first)) for path, spread in found.values.items())


def _blame(history: Recording, path: Path, spread: Spread, row: int) -> Blame:
    before, after = _values(history, path, row)
    value = spread.value if spread.is_one else after
    return Blame(path, spread, value, before, history.adoptions[row], history.changes.numbers[row])


def _values(history: Recording, path: Path, row: int) -> tuple[Tree | Absent, Tree | Absent]:
    """The value of a leaf before and after *row*. It is `ABSENT` before a first row, and if nobody can read it."""
    column = history.parameters.varying.get(path)
    if column is None:
        return ABSENT, ABSENT
    was, now = history.adoptions.before[row], history.adoptions.columns.adopted.index[row]
    return ABSENT if was < 0 else column.value(was), column.value(now)


class _LatestChanges:
    """Finds the latest change that set the value of each parameter in one of the slots in *held*."""

    def __init__(self, history: Recording, held: Mapping[Place, int]) -> None:
        self._edited = history.parameters.edited
        self._before, self._kinds = history.adoptions.before, history.adoptions.columns.adopted.index
        self._numbers, self._first_rows = history.changes.numbers, history.changes.first_rows
        self._place = history.adoptions.place
        self._held = [held.get(place, -1) for place in history.adoptions.places]

    def rows(self, paths: Iterable[Path]) -> Mapping[Path, int]:
        """For each of *paths* that changed, the first row by which one of the slots adopted that change."""
        found = dict[Path, int]()
        seen: dict[Path, set[int]] = {path: set() for path in paths}
        closing = defaultdict[int, list[Path]](list)
        for row in range(max(self._held), -1, -1):
            for path in self._set_by(row) & seen.keys():
                if self._place[row] not in seen[path]:
                    seen[path].add(self._place[row])
                    if path not in found or self._numbers[row] >= self._numbers[found[path]]:
                        found[path] = row
                        closing[self._first_rows[self._numbers[row] - 1]].append(path)
            for path in closing.pop(row, ()):  # no earlier row belongs to a later change
                if path in seen and self._first_rows[self._numbers[found[path]] - 1] == row:
                    del seen[path]
            if not seen:
                break
        return found

    def _set_by(self, row: int) -> frozenset[Path]:
        """The parameters that *row* set, if it counts."""
        is_first = self._before[row] < 0
        if is_first or row > self._held[self._place[row]]:
            return frozenset()
        return self._edited((self._before[row], self._kinds[row]))
