"""Each parameter by itself: its values over the living slots at a moment and over steps, and how often it changed."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, repeat
from operator import add, mul
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
        adoptions = self._occupancy.adoptions
        is_same = self._occupancy.before is adoptions.before
        moves = self._moves if is_same else _Moves(adoptions.before, adoptions.columns.adopted.index, len(self._kinds))
        times, shared = Counter(moves.times), Counter[Path]()
        for rows in self._changes.shared_rows:
            own = [moves.codes[row] for row in rows]
            times.subtract(own)
            shared.update(frozenset().union(*(self.edited(moves.pair(code)) for code in dict.fromkeys(own))))
        found = {path: moves.count(column, times) + shared[path] for path, column in self.varying.items()}
        return {path: count for path, count in found.items() if count}

    @cached_property
    def _moves(self) -> "_Moves":
        kinds = self._occupancy.adoptions.columns.adopted.index
        return _Moves(self._occupancy.before, kinds, len(self._kinds))

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
        rows = self._moves.rows(column)
        if len(rows) > MAX_ROWS or len(rows) * min(len(column.values), self._places) > MAX_COST:
            return over(column, ranges)
        return _parted(self._exactly(column, rows))

    @property
    def _places(self) -> int:
        return len(self._occupancy.adoptions.places)

    def _exactly(self, column: Column, rows: Sequence[int]) -> Iterator[tuple[int, Spread]]:
        """The spread after each step with an event."""
        counts: Counter[int] = Counter()
        for step, events in self._occupancy.events(rows):
            for was, now in events:
                _add(counts, column.index[was], -1)
                _add(counts, column.index[now], 1)
            # a count may be negative: sessions may contradict each other about the lives of a slot
            there = {value: count for value, count in counts.items() if count > 0 and value != LOST}
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


class _Moves:
    """What slots left and what they ran then, for each row: two kinds as one number, which is fast to count."""

    def __init__(self, before: Sequence[int], kinds: Sequence[int], count: int) -> None:
        self._base = count + 1
        self.codes: Sequence[int] = array("q", map(add, map(mul, before, repeat(self._base)), kinds))
        self.times: Mapping[int, int] = Counter(self.codes)
        """How many rows have each code."""

    def pair(self, code: int) -> tuple[int, int]:
        """The kind before and the kind after; the first one is negative if the slot began."""
        return divmod(code, self._base)

    def count(self, column: Column, times: Mapping[int, int]) -> int:
        """How often slots changed the value of *column*, of which both values are known."""
        index = column.index
        pairs = zip(map(self.pair, times), times.values(), strict=True)
        return sum(
            often
            for (was, now), often in pairs
            if was >= 0 and index[was] != index[now] and LOST not in (index[was], index[now])
        )

    def rows(self, column: Column) -> Sequence[int]:
        """The rows by which a slot got another value of *column*, or its first one."""
        index = column.index
        wanted = {code for code in self.times if index[(pair := self.pair(code))[0]] != index[pair[1]]}
        if sum(map(self.times.__getitem__, wanted)) > MAX_ROWS:
            return range(MAX_ROWS + 1)  # too many to name them
        return list(compress(range(len(self.codes)), map(wanted.__contains__, self.codes)))


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


def _add(counts: Counter[int], value: int, number: int) -> None:
    """Count *value* *number* times more. A value that is counted no more is left out: of a million, few are there."""
    counts[value] += number
    if not counts[value]:
        del counts[value]


def _parted(found: Iterable[tuple[float, Spread]]) -> Moved:
    """*found* as two columns."""
    several = tuple(found)
    return tuple([step for step, _ in several]), tuple([each for _, each in several])
