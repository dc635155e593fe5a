"""The data of the timeline: what most slots ran at each step, and when which parameter changed."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

from envcfg.analysis.wording import change_text
from envcfg.core import diff
from envcfg.core.diff import ABSENT, Absent
from envcfg.core.path import dotted
from envcfg.core.tree import Path, Tree, leaves, lookup
from envcfg.history.history import Adoption, History, Place, Transaction
from envcfg.history.metrics import Series

T = TypeVar("T", bound=Hashable)


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


class Timeline(NamedTuple):
    """Everything that a timeline shows."""

    run: str
    last_step: int
    metric: Series | None
    spans: tuple[Span, ...]
    transactions: tuple[Transaction, ...]
    texts: tuple[str, ...]
    """What each transaction changed, one line for each leaf."""
    lanes: tuple[Lane, ...]
    unshown: int
    """Parameters that changed too and have no lane."""


def timeline(
    history: History, *, metric: Series | None = None, params: Sequence[str] | None = None, most_lanes: int = 10
) -> Timeline:
    """The timeline of a history under *metric*; *params* are globs over dotted places, by default all that changed."""
    lanes = _lanes(history, params)
    shown = sorted(lanes, key=lambda lane: -len(lane.steps))[:most_lanes]
    lines = ("\n".join(map(change_text, history.changes(transaction))) for transaction in history.transactions)
    end = max(history.last_step, int(metric.steps[-1]) if metric and metric.steps else 0)
    return Timeline(
        run=history.run,
        last_step=end,
        metric=metric,
        spans=_spans(history, end),
        transactions=history.transactions,
        texts=tuple(lines),
        lanes=tuple(lane for lane in lanes if lane in shown),
        unshown=len(lanes) - len(shown),
    )


def _dominant(adoptions: Iterable[Adoption], of: Callable[[Adoption], T]) -> list[tuple[int, T]]:
    """(step, what most places hold from then on); what is there stays until something else has more places."""
    held: dict[Place, T] = {}
    counts: Counter[T] = Counter()
    found: list[tuple[int, T]] = []
    for adoption in adoptions:
        value = of(adoption)
        if adoption.place in held:
            counts[held[adoption.place]] -= 1
        held[adoption.place] = value
        counts[value] += 1
        now = found[-1][1] if found else value
        best = max(counts, key=lambda key: counts[key])
        if not found or counts[best] > counts[now]:
            step = adoption.record.step
            if found and found[-1][0] == step:
                found.pop()
            if not found or found[-1][1] != best:
                found.append((step, best))
    return found


def _spans(history: History, end: int) -> tuple[Span, ...]:
    tasks = _dominant(history.adoptions, lambda adoption: adoption.record.task)
    return tuple(Span(step, stop, task) for (step, task), (stop, _) in pairwise([*tasks, (end, None)]))


def _lanes(history: History, params: Sequence[str] | None) -> list[Lane]:
    """A lane for each leaf whose value ever changed, in the order of the configs."""
    held = [
        (step, digest)
        for step, digest in _dominant(history.adoptions, lambda adoption: adoption.record.config)
        if digest in history.configs
    ]
    paths = [path for path in _changed(history, [digest for _, digest in held]) if _wanted(path, params)]
    return [_lane(history, path, held) for path in paths]


def _changed(history: History, digests: Sequence[str]) -> list[Path]:
    """The leaves that differ between configs that followed each other."""
    changed: dict[Path, None] = {}
    for pair in dict.fromkeys(pairwise(digests)):
        for change in diff.diff(*(history.configs[digest] for digest in pair)):
            for value in (change.before, change.after):
                if not isinstance(value, Absent):
                    changed |= {(*change.path, *path): None for path, _ in leaves(value)}
    order = {path: index for index, (path, _) in enumerate(leaves(history.configs[digests[0]]))} if digests else {}
    return sorted(changed, key=lambda path: order.get(path, len(order)))


def _lane(history: History, path: Path, held: Sequence[tuple[int, str]]) -> Lane:
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


def _at(config: Tree, path: Path) -> Tree | Absent:
    """The value at *path*; an object that has leaves of its own has none itself."""
    missing: Any = ABSENT
    value: Tree | Absent = lookup(config, path, missing)
    return ABSENT if isinstance(value, dict) and value else value


def _same(one: Tree | Absent, other: Tree | Absent) -> bool:
    if isinstance(one, Absent) or isinstance(other, Absent):
        return one is other
    return diff.same(one, other)


def _wanted(path: Path, params: Sequence[str] | None) -> bool:
    return params is None or any(fnmatchcase(_dotted(path), glob) for glob in params)


@lru_cache(maxsize=4096)
def _dotted(path: Path) -> str:
    return dotted(path)
