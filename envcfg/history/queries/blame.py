"""For each leaf of a config, the change that last set it."""

from collections.abc import Iterator
from dataclasses import dataclass

from envcfg.core.diff import ABSENT, Absent, Edit, diff, same
from envcfg.core.tree import Config, Path, Tree, leaves, lookup
from envcfg.history.adoptions import Adoption
from envcfg.history.queries.in_force import InForce, before
from envcfg.history.recording import Recording


@dataclass(frozen=True, slots=True)
class Blame:
    """A leaf of a config, and the change that set its value."""

    path: Path
    value: Tree
    before: Tree | Absent
    """The previous value; `ABSENT` in an initial config, or if the key did not exist."""
    adoption: Adoption
    """The adoption that set the value."""
    change: int
    """The number of its change; 0 for an initial config."""


def blame(history: Recording, held: InForce) -> tuple[Blame, ...]:
    """For each leaf of the config in force, in the order of the config, the change that set it.

    Only the adoptions of the place in `held.since` count.
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
    """The previous config and the row of each change at the place of *row*, latest first.

    If the same two configs followed each other several times, only the latest time counts.
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
    """The leaves in *unset* that the change at *row* set. They are removed from *unset*."""
    adoption, number = history.adoptions[row], history.changes.numbers[row]
    found = {}
    for edit in diff(was, history.config(adoption.record.config)):
        for path in _leaves_of(edit):
            old = lookup(was, path, ABSENT)
            if path in unset and (isinstance(old, Absent) or not same(old, unset[path])):
                found[path] = Blame(path, unset.pop(path), old, adoption, number)
    return found


def _leaves_of(edit: Edit) -> Iterator[Path]:
    """The leaves that an edit may have set. An object that lost its last key has become a leaf."""
    if isinstance(edit.after, Absent):
        yield edit.path[:-1]
    else:
        yield from (path for path, _ in leaves(edit.after, edit.path))
