"""What most slots ran: the spans of each task, and the values of each parameter over steps."""

import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, zip_longest
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from envcfg.core import diff
from envcfg.core.diff import ABSENT, Absent
from envcfg.core.tree import Path, Tree, leaves, lookup
from envcfg.history.adoptions import Adoptions
from envcfg.history.history import History
from envcfg.journal.columns import AdoptionKind

T = TypeVar("T", bound=Hashable)
StepValues: TypeAlias = Sequence[tuple[int, T]]
"""(step, the value from this step on), in order of step."""


class TaskSpan(NamedTuple):
    """The steps [start, end) in which most slots ran one task."""

    start: float
    end: float
    task: str | None


class Lane(NamedTuple):
    """One parameter over steps: from `steps[i]` on it had the value `values[i]`."""

    path: Path
    steps: tuple[float, ...]
    values: tuple[Tree | Absent, ...]

    def at(self, step: float) -> int:
        """The position of the value in force at *step*; before the first step, the first position."""
        return max(0, bisect_right(self.steps, step) - 1)

    def within(self, start: float, end: float) -> "Lane":
        """The lane from *start* to *end*; it begins later if the parameter did."""
        first, last = self.at(start), self.at(end) + 1
        steps = (max(start, self.steps[first]), *self.steps[first + 1 : last])
        return Lane(self.path, steps, self.values[first:last])


def dominant(adoptions: Adoptions, of: Callable[[AdoptionKind], T]) -> list[tuple[int, T]]:
    """The value that most places held, over steps. It stays until another value has more places."""
    columns = adoptions.columns
    values = list(map(of, columns.adopted.values))
    held: list[int | None] = [None] * len(adoptions.places)
    counts: ValueCounts[T] = ValueCounts()
    found: list[tuple[int, T]] = []
    for place, adopted, step in zip(adoptions.place, columns.adopted.index, columns.step, strict=True):
        previous, held[place] = held[place], adopted
        if previous is not None:
            if values[previous] == values[adopted]:
                continue
            counts.remove(values[previous])
        counts.add(values[adopted])
        # If the most common value lost a place, another value than the adopted one may follow it.
        if not found or counts.most > counts.of(found[-1][1]):
            if found and found[-1][0] == step:
                found.pop()
            best = counts.most_common
            if not found or found[-1][1] != best:
                found.append((step, best))
    return found


class ValueCounts(Generic[T]):
    """The number of places that hold each value, with the largest number always known.

    Each call changes one count by 1, so the largest count changes by 1 at most. Values are kept by their count.
    """

    def __init__(self) -> None:
        self.most = 0
        self._counts: dict[T, int] = {}
        self._with: dict[int, dict[T, None]] = defaultdict(dict)

    def of(self, value: T) -> int:
        return self._counts.get(value, 0)

    @property
    def most_common(self) -> T:
        """The value with the largest count; of several, the one that has had this count for longest."""
        return next(iter(self._with[self.most]))

    def add(self, value: T) -> None:
        self._move(value, self.of(value) + 1)
        self.most = max(self.most, self._counts[value])

    def remove(self, value: T) -> None:
        self._move(value, self.of(value) - 1)
        self.most -= not self._with[self.most]

    def _move(self, value: T, count: int) -> None:
        self._with[self.of(value)].pop(value, None)
        if count:
            self._counts[value] = count
            self._with[count][value] = None
        else:  # no place holds it any longer
            del self._counts[value]


def task_spans(history: History, end: float) -> tuple[TaskSpan, ...]:
    """The task of most slots, over steps up to *end*."""
    held = dominant(history.adoptions, lambda adopted: adopted.task)
    return tuple(TaskSpan(step, stop, task) for (step, task), (stop, _) in pairwise([*held, (end, None)]))


def thinned(every: Iterable[TaskSpan], start: float, end: float, *, most: int) -> tuple[TaskSpan, ...]:
    """The spans from *start* to *end*. If there are more than *most*, the longest task of each of *most* parts."""
    found = [
        TaskSpan(max(start, low), min(end, high), task) for low, high, task in every if low <= end and high >= start
    ]
    return tuple(found if len(found) <= most else _merged(found, most))


def longest_tasks(every: Iterable[TaskSpan], *, most: int) -> tuple[str | None, ...]:
    """The *most* tasks that were in force for most steps, in order of their first span."""
    lengths: dict[str | None, float] = {}
    for span in every:
        lengths[span.task] = lengths.get(span.task, 0.0) + span.end - span.start
    kept = set(sorted(lengths, key=lambda task: -lengths[task])[:most])
    return tuple(task for task in lengths if task in kept)


def in_force(history: History) -> StepValues[str]:
    """The digests of the configs that most slots ran; configs that the journal lost are left out."""
    held = dominant(history.adoptions, lambda adopted: adopted.config)
    return [(step, digest) for step, digest in held if digest in history.configs]


def varying(history: History) -> tuple[StepValues[str], Mapping[Path, int]]:
    """The configs that most slots ran, and how often each leaf changed between them. Leaves are in config order."""
    held = in_force(history)
    counts: Counter[Path] = Counter()
    for (before, after), times in Counter(pairwise(digest for _, digest in held)).items():
        for path in set(differing(history.configs[before], history.configs[after])):
            counts[path] += times
    first = history.configs[held[0][1]] if held else {}
    order = {path: index for index, (path, _) in enumerate(leaves(first))}
    return held, {
        path: counts[path] for path in sorted(counts, key=lambda path: (order.get(path, len(order)), str(path)))
    }


def lane(history: History, path: Path, held: StepValues[str]) -> Lane:
    """The values of one leaf over the configs in *held*."""
    values: dict[str, Tree | Absent] = {}
    steps: list[int] = []
    series: list[Tree | Absent] = []
    for step, digest in held:
        if digest not in values:
            values[digest] = _at(history.configs[digest], path)
        if not series or not _same(series[-1], values[digest]):
            steps.append(step)
            series.append(values[digest])
    return Lane(path, tuple(steps), tuple(series))


def is_number(value: Tree | Absent) -> bool:
    """Whether a value is a number that can be drawn on a scale; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _merged(found: Sequence[TaskSpan], most: int) -> list[TaskSpan]:
    start, end = found[0].start, found[-1].end
    times: list[Counter[str | None]] = [Counter() for _ in range(most)]
    width = (end - start) / most or 1.0
    for span in found:
        first, last = (min(most - 1, int((step - start) / width)) for step in (span.start, span.end))
        for part in range(first, last + 1):
            low, high = start + part * width, start + (part + 1) * width
            times[part][span.task] += max(0, round(min(high, span.end) - max(low, span.start)))
    tasks = [counts.most_common(1)[0][0] if counts else None for counts in times]
    return [TaskSpan(round(start + i * width), round(start + (i + 1) * width), task) for i, task in enumerate(tasks)]


def differing(before: Tree | Absent, after: Tree | Absent, at: Path = ()) -> Iterator[Path]:
    """The paths of all leaves that are not the same in both trees, also of leaves that only one tree has.

    Trees with the same `repr` are the same (1, 1.0 and True are not). Comparing `repr` is ten times faster than walking
    over the leaves.
    """
    if repr(before) == repr(after):
        return
    match before, after:
        case dict(), dict() if before and after:
            for key in before.keys() | after.keys():
                yield from differing(before.get(key, ABSENT), after.get(key, ABSENT), (*at, key))
        case list(), list() if before and after:
            for index, (old, new) in enumerate(zip_longest(before, after, fillvalue=ABSENT)):
                yield from differing(old, new, (*at, index))
        case _ if not _same(before, after):
            for side in (before, after):
                yield from () if isinstance(side, Absent) else (path for path, _ in leaves(side, at))


def _at(config: Tree, path: Path) -> Tree | Absent:
    """The leaf at *path*; `ABSENT` if there is an object or a list with leaves of its own."""
    missing: Any = ABSENT
    value: Tree | Absent = lookup(config, path, missing)
    return ABSENT if isinstance(value, dict | list) and value else value


def _same(one: Tree | Absent, other: Tree | Absent) -> bool:
    if isinstance(one, Absent) or isinstance(other, Absent):
        return one is other
    return diff.same(one, other)
