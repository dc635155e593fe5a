"""Compares requests with adoptions: keys that never became effective, and keys that changed without a request."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from envcfg.core.diff import ABSENT, Absent, diff, identity
from envcfg.core.requested import nearest
from envcfg.core.tree import Config, Path, Tree, leaves, lookup
from envcfg.history.adoptions import Place
from envcfg.history.answers import Answer
from envcfg.history.recording import Recording


@dataclass(frozen=True, slots=True)
class NeverEffective:
    """A requested key that no slot ever adopted as requested."""

    path: Path
    values: tuple[Tree, ...]
    """The requested values, in order, each value once."""
    held: Tree | Absent
    """The last value in one of these slots; `ABSENT` if its config has no such key."""
    before: Tree | Absent
    """The value in the same slot at the first request."""
    requests: tuple[int, ...]
    """The numbers of the requests."""
    first_step: int
    slots: int
    """The number of slots that the requests concerned."""
    is_unknown: bool
    """Whether no adopted config had this key."""
    meant: Path | None
    """The key that was probably meant, if no config had this one."""


def never_effective(history: Recording) -> tuple[NeverEffective, ...]:
    """The requested keys that no slot ever adopted as requested, in the order of their first request.

    If a slot already had the value at the request, this does not show that the key works.
    """
    unmet_by, works = dict[Path, list[Answer]](), set[Path]()
    for answer in history.answers:
        works |= answer.met
        for path in answer.unmet:
            unmet_by.setdefault(path, []).append(answer)
    if not unmet_by.keys() - works:
        return ()
    known = _known_places(history)
    ineffective_keys = [
        _ineffective_key(history, path, own, known) for path, own in unmet_by.items() if path not in works
    ]
    return tuple(sorted(ineffective_keys, key=lambda ineffective: (ineffective.requests, str(ineffective.path))))


def unrequested(history: Recording) -> Mapping[Path, int]:
    """The leaves that changed in slots without a request, and how often; empty for a run without requests.

    Changes before the first request of a slot do not count, since requests may not have been recorded then.
    """
    first = {place: min(steps) for place, steps in _steps_asked(history).items()}
    counts: Counter[Path] = Counter()
    asked_by_row: dict[int, set[Path]] = {}
    for answer in history.answers:
        if answer.row >= 0:
            asked_by_row.setdefault(answer.row, set()).update(answer.met)
    for row, before, after, place in _changed(history):
        if history.adoptions.columns.step[row] >= first.get(place, float("inf")):
            counts.update(_leaf_paths(before, after) - asked_by_row.get(row, set()))
    return dict(counts.most_common())


def _known_places(history: Recording) -> frozenset[Path]:
    digests = {value.config for value in history.adoptions.columns.adopted.values}
    return frozenset(
        path for digest in digests & history.configs.keys() for path, _ in leaves(history.configs[digest]) if path
    )


def _ineffective_key(history: Recording, path: Path, own: Sequence[Answer], known: frozenset[Path]) -> NeverEffective:
    numbers = tuple(sorted({answer.number for answer in own}))
    asked = [lookup(history.configs.get(history.requests[number - 1].request.config, {}), path) for number in numbers]
    is_unknown = path not in known and not any(place[: len(path)] == path for place in known)
    return NeverEffective(
        path=path,
        values=tuple({identity(value): value for value in asked}.values()),
        held=_held(history, own[-1].place, path, float("inf")),
        before=_held(history, own[-1].place, path, min(answer.requested_at for answer in own)),
        requests=numbers,
        first_step=min(answer.requested_at for answer in own),
        slots=len({answer.place for answer in own}),
        is_unknown=is_unknown,
        meant=nearest(path, known) if is_unknown else None,
    )


def _held(history: Recording, place: Place, path: Path, step: float) -> Tree | Absent:
    row = history.adoptions.held(step).get(place)
    if row is None:
        return ABSENT
    config = history.configs.get(history.adoptions.columns.adopted[row].config, {})
    return lookup(config, path, ABSENT)


def _steps_asked(history: Recording) -> Mapping[Place, list[int]]:
    steps: dict[Place, list[int]] = {}
    for answer in history.answers:
        steps.setdefault(answer.place, []).append(answer.requested_at)
    return steps


def _changed(history: Recording) -> Iterator[tuple[int, Config, Config, Place]]:
    held: dict[int, str] = {}
    adoptions = history.adoptions
    for row, position in enumerate(adoptions.place):
        after, before = adoptions.columns.adopted[row].config, held.get(position)
        held[position] = after
        if before is not None and before != after and {before, after} <= history.configs.keys():
            yield row, history.configs[before], history.configs[after], adoptions.places[position]


def _leaf_paths(before: Config, after: Config) -> set[Path]:
    found: set[Path] = set()
    for edit in diff(before, after):
        if isinstance(edit.after, Absent):
            found.add(edit.path)
        else:
            found.update(path for path, _ in leaves(edit.after, edit.path))
    return found
