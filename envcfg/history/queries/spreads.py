"""How each parameter is spread over the living slots at a moment."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from envcfg.core.diff import ABSENT, Absent, Edit, diff, identity
from envcfg.core.tree import Config, Path, Tree, leaves
from envcfg.core.variation import variations
from envcfg.history.parameters import Column
from envcfg.history.queries.in_force import InForce, held_rows
from envcfg.history.queries.moments import Moment
from envcfg.history.recording import Recording
from envcfg.history.spread import Spread, of_one


@dataclass(frozen=True)
class Spreads:
    """Every parameter at a moment: the values in common, and the spread of the others."""

    step: int
    """The moment, in environment steps."""
    slots: int
    """The number of slots whose config could be read."""
    tasks: Spread
    """The names of the tasks; null for a task without a name."""
    differing: Mapping[Path, Spread]
    """The leaves on which slots differ, in order of appearance."""
    digests: tuple[str, ...]
    configs: tuple[Config, ...]
    """The different configs in force, and their digests."""

    @cached_property
    def values(self) -> Mapping[Path, Spread]:
        """The spread of every leaf."""
        common: dict[Path, Spread] = {
            path: of_one(value, self.slots) for path, value in leaves(self.configs[0]) if path
        }
        return {**common, **self.differing}

    @property
    def digest(self) -> str | None:
        """The digest of the config; None if slots run several."""
        return self.digests[0] if len(self.digests) == 1 else None

    @cached_property
    def common(self) -> Config:
        """The values that all slots have, as a config. A list in which slots differ is left out as a whole."""
        found = _without(self.configs[0], (), frozenset(self.differing))
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class SpreadEdit:
    """A leaf whose spread differs between two moments; `ABSENT` where no slot has it."""

    path: Path
    before: Spread
    after: Spread


def spreads(history: Recording, moment: Moment) -> Spreads:
    """Every parameter over the slots that lived at *moment*.

    If the moment names a change, these are the slots that adopted it. Raises `SourceError` if
    nothing was recorded up to the moment.
    """
    adopted = history.adoptions.columns.adopted
    kinds = Counter(adopted[row] for row in held_rows(history, moment).values())
    digests = list(dict.fromkeys(kind.config for kind in kinds))
    known = [history.config(digest) for digest in digests]
    names = tuple(dict.fromkeys(kind.task for kind in kinds))
    tasks = Column(names, tuple(names.index(kind.task) for kind in kinds)).spread(dict(enumerate(kinds.values())))
    counts = Counter[int]()
    for kind, count in kinds.items():
        counts[digests.index(kind.config)] += count
    differing = {
        found.path: spread
        for found in variations(known)
        if (spread := Column(found.values, found.index).spread(counts)) is not None
    }
    slots = counts.total()
    return Spreads(moment.step, slots, tasks or of_one(None, slots), differing, tuple(digests), tuple(known))


def of_place(history: Recording, held: InForce) -> Spreads:
    """The parameters of one place: it agrees with itself."""
    return Spreads(held.step, 1, of_one(held.since.record.task, 1), {}, (held.config,), (history.config(held.config),))


def of_config(config: Config) -> Spreads:
    """The parameters of one config that is of no run."""
    return Spreads(0, 1, of_one(None, 1), {}, ("",), (config,))


def difference(before: Spreads, after: Spreads) -> tuple[Edit | SpreadEdit, ...]:
    """The leaves whose spread differs, by path: edits where slots agree at both moments, else both spreads.

    The number of slots is no difference: half of 8 slots is the same share as half of 4.
    """
    if not before.differing and not after.differing:
        return diff(before.configs[0], after.configs[0])
    paths = sorted(before.values.keys() | after.values.keys(), key=_sort_key)
    return tuple(_differences(before, after, paths))


def _differences(before: Spreads, after: Spreads, paths: list[Path]) -> Iterator[Edit | SpreadEdit]:
    for path in paths:
        one = before.values.get(path, of_one(ABSENT, before.slots))
        other = after.values.get(path, of_one(ABSENT, after.slots))
        if one.is_one and other.is_one:
            if identity(one.value) != identity(other.value):
                yield Edit(path, one.value, other.value)
        elif one.content != other.content:
            yield SpreadEdit(path, one, other)


def _sort_key(path: Path) -> tuple[tuple[bool, str | int], ...]:
    return tuple((isinstance(part, int), part) for part in path)


def _without(tree: Tree, at: Path, paths: frozenset[Path]) -> Tree | Absent:
    """*tree* without the leaves at *paths*, and without lists and objects from which that takes something."""
    if isinstance(tree, dict) and tree:
        kept = {key: _without(value, (*at, key), paths) for key, value in tree.items()}
        found = {key: value for key, value in kept.items() if not isinstance(value, Absent)}
        return found if found or not at else ABSENT
    if isinstance(tree, list) and tree:
        items = [_without(value, (*at, index), paths) for index, value in enumerate(tree)]
        is_whole = not any(path[: len(at)] == at for path in paths)
        return [item for item in items if not isinstance(item, Absent)] if is_whole else ABSENT
    return ABSENT if at in paths else tree
