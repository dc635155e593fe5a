"""What most slots ran: as stretches of one task, and as the steps of each parameter."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias, TypeVar

from envcfg.core import diff
from envcfg.core.diff import ABSENT, Absent
from envcfg.core.encoding import encode
from envcfg.core.tree import Config, Path, Tree, leaves, lookup
from envcfg.history.history import Adoption, History, Place

T = TypeVar("T", bound=Hashable)
Held: TypeAlias = Sequence[tuple[int, T]]
"""(step, what is held from then on), in order of step."""


class Span(NamedTuple):
    """A stretch of steps [start, end) in which most slots ran one task."""

    start: int
    end: int
    task: str | None


class Lane(NamedTuple):
    """One parameter: from `steps[i]` on it had `values[i]`."""

    path: Path
    steps: tuple[int, ...]
    values: tuple[Tree | Absent, ...]


def dominant(adoptions: Iterable[Adoption], of: Callable[[Adoption], T]) -> list[tuple[int, T]]:
    """What most places held, step by step; what is there stays until something else has more places."""
    held: dict[Place, T] = {}
    counts: Counter[T] = Counter()
    found: list[tuple[int, T]] = []
    for adoption in adoptions:
        value = of(adoption)
        if adoption.place in held:
            counts[held[adoption.place]] -= 1
        held[adoption.place] = value
        counts[value] += 1
        if not found or counts[value] > counts[found[-1][1]]:
            step = adoption.record.step
            if found and found[-1][0] == step:
                found.pop()
            if not found or found[-1][1] != value:
                found.append((step, value))
    return found


def spans(history: History, end: int, *, most: int) -> tuple[Span, ...]:
    """The tasks in force up to *end*; of more than *most* stretches, the longest task of each of *most* parts."""
    held = dominant(history.adoptions, lambda adoption: adoption.record.task)
    found = [Span(step, stop, task) for (step, task), (stop, _) in pairwise([*held, (end, None)])]
    return tuple(found if len(found) <= most else _merged(found, most))


def varying(history: History) -> tuple[Held[str], Mapping[Path, int]]:
    """The configs that most slots ran, and how often each leaf changed between them, in the order of the configs."""
    held = [
        (step, digest)
        for step, digest in dominant(history.adoptions, lambda adoption: adoption.record.config)
        if digest in history.configs
    ]
    flat = {digest: _flat(history.configs[digest]) for _, digest in held}
    counts: Counter[Path] = Counter()
    for (before, after), times in Counter(pairwise(digest for _, digest in held)).items():
        for path in {path for path, _ in flat[before] ^ flat[after]}:
            counts[path] += times
    first = history.configs[held[0][1]] if held else {}
    order = {path: index for index, (path, _) in enumerate(leaves(first))}
    return held, {
        path: counts[path] for path in sorted(counts, key=lambda path: (order.get(path, len(order)), str(path)))
    }


def lane(history: History, path: Path, held: Held[str]) -> Lane:
    """The steps of one leaf over the configs in *held*."""
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


def _merged(found: Sequence[Span], most: int) -> list[Span]:
    start, end = found[0].start, found[-1].end
    times: list[Counter[str | None]] = [Counter() for _ in range(most)]
    width = (end - start) / most or 1.0
    for span in found:
        first, last = (min(most - 1, int((step - start) / width)) for step in (span.start, span.end))
        for part in range(first, last + 1):
            low, high = start + part * width, start + (part + 1) * width
            times[part][span.task] += max(0, round(min(high, span.end) - max(low, span.start)))
    tasks = [counts.most_common(1)[0][0] if counts else None for counts in times]
    return [Span(round(start + i * width), round(start + (i + 1) * width), task) for i, task in enumerate(tasks)]


def _flat(config: Config) -> frozenset[tuple[Path, bytes]]:
    return frozenset((path, encode(value)) for path, value in leaves(config))


def _at(config: Tree, path: Path) -> Tree | Absent:
    """The value at *path*; an object that has leaves of its own has none itself."""
    missing: Any = ABSENT
    value: Tree | Absent = lookup(config, path, missing)
    return ABSENT if isinstance(value, dict | list) and value else value


def _same(one: Tree | Absent, other: Tree | Absent) -> bool:
    if isinstance(one, Absent) or isinstance(other, Absent):
        return one is other
    return diff.same(one, other)
