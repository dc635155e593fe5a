"""Each parameter by itself: its values over the living slots at a moment and over steps, and how often it changed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress
from operator import ne
from typing import Final, TypeAlias

from envcfg.core.diff import ABSENT, Absent
from envcfg.core.tree import Config, Path, Tree
from envcfg.core.variation import variations
from envcfg.history.changes import Changes
from envcfg.history.occupancy import Occupancy, Window
from envcfg.history.spread import Spread, of_one, ranks, spread

LOST: Final = -1
"""The position of the value in a config that could not be read, and of a slot that does not live."""
MAX_ROWS: Final = 20_000
"""With more adoptions that changed a parameter, it is summarised over ranges of steps."""
MAX_COST: Final = 2_000_000
"""The greatest number of these adoptions, times the values that slots can have at once."""

Moved: TypeAlias = tuple[tuple[float, ...], tuple[Spread, ...]]
"""Steps, and the spread from each of them on."""


@dataclass(frozen=True)
class Column:
    """The value of one parameter in each kind of adoption."""

    values: tuple[Tree | Absent, ...]
    index: Sequence[int]
    """For each kind the position of its value, or `LOST`; at its end also `LOST`, for `NOBODY`."""

    @cached_property
    def rank(self) -> Sequence[int]:
        """The position of each value in the order of a `Spread`."""
        return ranks(self.values)

    def value(self, kind: int) -> Tree | Absent:
        """The value in a kind of adoption; `ABSENT` also if its config could not be read."""
        position = self.index[kind]
        return ABSENT if position == LOST else self.values[position]

    def spread(self, kinds: Mapping[int, float], slots: int | None = None) -> Spread | None:
        """The spread of the values, where *kinds* has the weight of each kind; None if no value is known.

        *slots* is the number of slots, by default the sum of the weights.
        """
        weights: defaultdict[int, float] = defaultdict(int)
        for kind, weight in kinds.items():
            weights[self.index[kind]] += weight
        weights.pop(LOST, None)
        if not weights:
            return None
        if slots is not None and len(weights) == 1:
            return of_one(self.values[next(iter(weights))], slots)
        return spread(weights, self.values, self.rank, int(sum(weights.values())) if slots is None else slots)


class Parameters:
    """Every parameter of a run, summarised over its living slots. Each one is computed when somebody asks for it."""

    def __init__(self, occupancy: Occupancy, changes: Changes, configs: Mapping[str, Config]) -> None:
        self._occupancy, self._changes, self._configs = occupancy, changes, configs
        self._kinds = occupancy.adoptions.columns.adopted.values

    @cached_property
    def varying(self) -> Mapping[Path, Column]:
        """The leaves that are not the same in all adopted configs, in order of first appearance."""
        digests = [digest for digest in dict.fromkeys(kind.config for kind in self._kinds) if digest in self._configs]
        known = {digest: position for position, digest in enumerate(digests)}
        places = [known.get(kind.config) for kind in self._kinds]
        return {
            found.path: Column(
                found.values, (*(LOST if place is None else found.index[place] for place in places), LOST)
            )
            for found in variations([self._configs[digest] for digest in digests])
        }

    @cached_property
    def tasks(self) -> Column:
        """The task names as a parameter; null for a task without a name."""
        positions: dict[str | None, int] = {}
        index = [positions.setdefault(kind.task, len(positions)) for kind in self._kinds]
        return Column(tuple(positions), (*index, LOST))

    @cached_property
    def edited(self) -> "Edited":
        """The leaves that differ between two kinds of adoptions."""
        return Edited(self.varying)

    @cached_property
    def changes(self) -> Mapping[Path, int]:
        """For each leaf that changed in any slot, the number of changes that changed it, in order of the leaves."""
        counts: Counter[Path] = Counter()
        edited = self.edited
        before, kinds = self._occupancy.adoptions.before, self._occupancy.adoptions.columns.adopted.index
        firsts = self._changes.first_rows
        pairs = zip(map(before.__getitem__, firsts), map(kinds.__getitem__, firsts), strict=True)
        for pair, times in Counter(pairs).items():
            for path in edited(pair):
                counts[path] += times
        for rows in self._changes.shared_rows:
            first, *others = dict.fromkeys((before[row], kinds[row]) for row in rows)
            if others:
                counts.update(frozenset().union(*map(edited, others)) - edited(first))
        return {path: counts[path] for path in self.varying if path in counts}

    def ranges(self, edges: Sequence[float]) -> "Ranges":
        """The ranges of steps between neighbouring *edges*, for `moved` and `over`."""
        return Ranges(self._occupancy, tuple(edges))

    def moved(self, path: Path, ranges: "Ranges") -> Moved:
        """The spread of a leaf that varies, from step to step; over *ranges* if too many adoptions changed it."""
        if self.changes.get(path, 0) > MAX_ROWS:
            return over(self.varying[path], ranges)
        return self.column_moved(self.varying[path], ranges)

    def column_moved(self, column: "Column", ranges: "Ranges") -> Moved:
        """The spread of any column, as in `moved`."""
        rows = self._changed_rows(column)
        if len(rows) > MAX_ROWS or len(rows) * min(len(column.values), self._places) > MAX_COST:
            return over(column, ranges)
        return _parted(self._exactly(column, rows))

    @property
    def _places(self) -> int:
        return len(self._occupancy.adoptions.places)

    def _changed_rows(self, column: Column) -> Sequence[int]:
        """The rows by which a slot got another value, or its first one."""
        was = map(column.index.__getitem__, self._occupancy.before)
        now = map(column.index.__getitem__, self._occupancy.adoptions.columns.adopted.index)
        return list(compress(range(len(self._occupancy.before)), map(ne, was, now)))

    def _exactly(self, column: Column, rows: Sequence[int]) -> Iterator[tuple[int, Spread]]:
        """The spread after each step with an event."""
        counts: defaultdict[int, int] = defaultdict(int)
        for step, events in self._occupancy.events(rows):
            for was, now in events:
                counts[column.index[was]] -= 1
                counts[column.index[now]] += 1
            there = {value: count for value, count in counts.items() if count and value != LOST}
            if there:
                yield step, spread(there, column.values, column.rank, sum(there.values()))


@dataclass(frozen=True)
class Ranges:
    """Ranges of steps, with what the living slots ran in them."""

    occupancy: Occupancy
    edges: tuple[float, ...]

    @cached_property
    def windows(self) -> Sequence[Window]:
        """What slots ran in each of the ranges."""
        return tuple(self.occupancy.windows(self.edges))


def over(column: Column, ranges: Ranges) -> Moved:
    """The spread of *column* over each of *ranges*, weighted by time."""
    found = ((low, column.spread(*window)) for low, window in zip(ranges.edges, ranges.windows, strict=False))
    return _parted((low, each) for low, each in found if each is not None)


class Edited:
    """The leaves that differ between two kinds of adoptions."""

    def __init__(self, varying: Mapping[Path, Column]) -> None:
        self._columns = [(path, column.index) for path, column in varying.items()]
        self._known: dict[tuple[int, int], frozenset[Path]] = {}

    def __call__(self, pair: tuple[int, int]) -> frozenset[Path]:
        if pair not in self._known:
            was, now = pair
            self._known[pair] = frozenset(
                path
                for path, index in self._columns
                if index[was] != index[now] and index[was] != LOST and index[now] != LOST
            )
        return self._known[pair]


def _parted(found: Iterable[tuple[float, Spread]]) -> Moved:
    """*found* as two columns."""
    several = tuple(found)
    return tuple([step for step, _ in several]), tuple([each for _, each in several])
