"""Collects the draws of an epoch, and makes one entry of them for each epoch, task and branch."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from envcfg.core.drawn import Draws, Sample, Scalar
from envcfg.core.path import pointer
from envcfg.core.tree import Path
from envcfg.tracking.draws.parameters import Place
from envcfg.tracking.draws.sampling import Sampler
from envcfg.tracking.draws.summary import scalars, summaries

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, Any]

FULL: Final = 1 << 15
"""Collected resets are written when there are this many, so that they do not fill the memory."""
FULL_WITHOUT_EPOCHS: Final = 1 << 10
"""The same, for a run that has no epochs, which would write them at its end."""


class Group(NamedTuple):
    """The resets that are summarised together."""

    epoch: int | None
    task: str | None
    branch: str | None


class Resets(NamedTuple):
    """The resets of one call."""

    group: Group
    step: int
    slots: "Array"
    of: int
    """The number of all slots."""
    rows: "Mapping[Place, Array]"
    """The row of each reset slot, by parameter."""


@dataclass(slots=True)
class _Collected:
    """The draws of one group since they were last written."""

    since: int
    step: int = 0
    slots: int = 0
    calls: "list[tuple[int, Array]]" = field(default_factory=list)
    """The step of each call, and the slots that were reset in it."""
    values: "dict[Place, list[Array]]" = field(default_factory=dict)


class DrawCollector:
    """The draws that are not written yet."""

    def __init__(self, to_text: Callable[[object], str] = str, sampler: Sampler | None = None) -> None:
        self._to_text = to_text
        self._sampler = sampler or Sampler()
        self._collected: dict[tuple[Group, tuple[Place, ...]], _Collected] = {}
        self._count = 0

    def add(self, resets: Resets) -> None:
        """Add the rows that slots drew. Their arrays must not change later."""
        group, step, slots, of, rows = resets
        key = (group, tuple(rows))
        known = self._collected.get(key)
        if known is None:
            known = self._collected[key] = _Collected(step, values={path: [] for path in rows})
        known.step, known.slots = max(known.step, step), max(known.slots, of)
        known.since = min(known.since, step)
        known.calls.append((step, slots))
        for path, values in rows.items():
            known.values[path].append(values)
        self._count += len(slots)

    def is_full(self, *, has_epochs: bool) -> bool:
        """Whether there are so many draws that they should be written now."""
        return self._count >= (FULL if has_epochs else FULL_WITHOUT_EPOCHS)

    def take(self, time: float) -> Iterator[Draws]:
        """The entries of all collected draws, which are forgotten."""
        collected, self._collected, self._count = self._collected, {}, 0
        for (group, _), found in collected.items():
            yield _entry(group, found, time, self._sampler, self._to_text)


def _entry(
    group: Group, collected: _Collected, time: float, sampler: Sampler, to_text: Callable[[object], str]
) -> Draws:
    import numpy as np  # noqa: PLC0415  # only where there are arrays

    columns = dict(_columns(collected.values, np))
    return Draws(
        collected.since,
        collected.step,
        time,
        sum(len(slots) for _, slots in collected.calls),
        collected.slots,
        summaries({pointer(path): column for path, column in columns.items()}, to_text),
        *group,
        _sample(columns, collected.calls, sampler, to_text, np),
    )


def _columns(values: "Mapping[Place, list[Array]]", np: Any) -> "Iterator[tuple[Path, Array]]":
    """One column for each number or text in a row of a parameter."""
    for path, parts in values.items():
        whole = np.concatenate(parts)
        if whole.ndim == 1:
            yield path, whole
        else:
            for number, column in enumerate(whole.reshape(len(whole), -1).T):
                yield (*path, number), column


def _sample(
    columns: "Mapping[Path, Array]",
    calls: "list[tuple[int, Array]]",
    sampler: Sampler,
    to_text: Callable[[object], str],
    np: Any,
) -> Sample:
    slots = np.concatenate([slots for _, slots in calls])
    rows, levels = sampler.choose(len(slots))
    if not len(rows):
        return Sample(sampler.level)
    steps = np.repeat([step for step, _ in calls], [len(slots) for _, slots in calls])
    return Sample(
        sampler.level,
        tuple(levels.tolist()),
        tuple(steps[rows].tolist()),
        tuple(slots[rows].tolist()),
        {pointer(path): _listed(column[rows], to_text) for path, column in columns.items()},
    )


def _listed(values: "Array", to_text: Callable[[object], str]) -> tuple[Scalar | None, ...]:
    found = scalars(values, to_text)
    if values.dtype.kind != "f":
        return found
    return tuple([value if math.isfinite(value) else None for value in found])  # type: ignore[arg-type]  # numbers
