"""Which change last set each place of a config."""

from collections.abc import Iterator
from dataclasses import dataclass

from envcfg.core.diff import ABSENT, Absent, Edit, diff, same
from envcfg.core.tree import Config, Path, Tree, leaves, lookup
from envcfg.history.adoptions import Adoption
from envcfg.history.queries.in_force import InForce, before
from envcfg.history.recording import Recording


@dataclass(frozen=True, slots=True)
class Blame:
    """A leaf of a config, and the change that gave it the value it has."""

    path: Path
    value: Tree
    before: Tree | Absent
    """What stood there until then; `ABSENT` in an initial config, or where nothing did."""
    adoption: Adoption
    """The record that brought the value."""
    change: int
    """The number of its transaction."""


def blame(history: Recording, held: InForce) -> tuple[Blame, ...]:
    """For each leaf of the config in force, in the config's own order, the change that set it.

    Goes back along the one place whose record is `held.since`: what other slots ran does not matter to it.
    """
    order = tuple(leaves(history.config(held.config)))
    unset, found, first = dict(order), dict[Path, Blame](), held.row
    for earlier, row in _changes_back(history, held.row):
        found |= _set_by(history, earlier, row, unset)
        if not unset:
            break
    else:
        first = _first(history, held.row)
    adoption, number = history.adoptions[first], history.changes.numbers[first]
    found |= {path: Blame(path, value, ABSENT, adoption, number) for path, value in unset.items()}
    return tuple(found[path] for path, _ in order)


def _changes_back(history: Recording, row: int) -> Iterator[tuple[Config, int]]:
    """Each kind of change that the place of *row* went through, latest first: from which config, and by which row.

    A kind that came again later is left out: what it sets has been set since.
    """
    adopted, configs = history.adoptions.columns.adopted, history.configs
    seen: set[tuple[int, int]] = set()
    for earlier in before(history.adoptions, row):
        kind = adopted.index[earlier], adopted.index[row]
        digests = {adopted[earlier].config, adopted[row].config}
        if kind not in seen and len(digests) == 2 and digests <= configs.keys():
            seen.add(kind)
            yield configs[adopted[earlier].config], row
        row = earlier


def _first(history: Recording, row: int) -> int:
    return min(before(history.adoptions, row), default=row)


def _set_by(history: Recording, was: Config, row: int, unset: dict[Path, Tree]) -> dict[Path, Blame]:
    """The leaves of *unset* that the change by *row* gave another value; they are taken out of it."""
    adoption, number = history.adoptions[row], history.changes.numbers[row]
    found = {}
    for change in diff(was, history.config(adoption.record.config)):
        for path in _leaves_of(change):
            old = lookup(was, path, ABSENT)
            if path in unset and (isinstance(old, Absent) or not same(old, unset[path])):
                found[path] = Blame(path, unset.pop(path), old, adoption, number)
    return found


def _leaves_of(change: Edit) -> Iterator[Path]:
    """The leaves that a change may have set; an object that lost its last key has become one."""
    if isinstance(change.after, Absent):
        yield change.path[:-1]
    else:
        yield from (path for path, _ in leaves(change.after, change.path))
