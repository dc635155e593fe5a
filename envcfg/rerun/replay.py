"""A recorded run as a curriculum: at each reset, a slot gets the config that it adopted in the recording."""

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any, Final, Literal, get_args

from envcfg.core.encoding import digest
from envcfg.core.errors import EnvcfgError, SourceError
from envcfg.core.normal import normal
from envcfg.core.plain import plain
from envcfg.core.record import Cause, Record
from envcfg.core.renamed import renamed_arguments
from envcfg.core.tree import Marker, Path, Tree
from envcfg.history.adoptions import Place
from envcfg.history.history import History
from envcfg.journal.columns import NONE
from envcfg.rerun.divergence import Divergence, first_difference
from envcfg.rerun.interventions import Intervention, intervened
from envcfg.sources.load import load

ReplayUnit = Literal["step", "epoch", "episode"]
_UNITS: Final[tuple[str, ...]] = get_args(ReplayUnit)


class DivergenceError(EnvcfgError):
    """A strict replay ran another config than the recorded one."""


@dataclass(frozen=True, slots=True)
class PlannedAdoption:
    """The recorded adoption that a slot must repeat now."""

    place: Place
    config: Mapping[str, Any]
    """The recorded config as plain Python values, to build the environment from."""
    record: Record
    """The record, with its step, task, cause and digest."""

    @property
    def task(self) -> str | None:
        return self.record.task

    @property
    def cause(self) -> Cause | None:
        return self.record.cause


class Replay:
    """The recorded adoptions of a run, slot by slot. Call `adopt` at each reset, and `check` with the config that ran.

    A resumed run continues at its step: the only state is how many adoptions of the current moment each slot got.
    """

    def __init__(self, history: History, *, by: ReplayUnit = "step", strict: bool = False) -> None:
        if by not in _UNITS:
            raise EnvcfgError(f"invalid by={by!r}: expected one of {', '.join(_UNITS)}")
        if not len(history.adoptions):
            raise SourceError(f"run {history.run} has no records to replay")
        self.history = history
        self.divergences: list[Divergence] = []
        """The divergences that `check` found, in the order of the calls."""
        self.by = by
        self._strict = strict
        self._rows = history.adoptions.rows
        self._keys = {place: _keys(history, by, place, rows) for place, rows in self._rows.items()}
        self._workers: dict[tuple[int, int], list[int]] = {}
        for place in sorted(self._rows):
            self._workers.setdefault((place.rank, place.slot), []).append(place.worker)
        self._given: dict[Place, tuple[int, int]] = {}

    def __repr__(self) -> str:
        return f"<Replay of {self.history.run} by {self.by}: {len(self._rows):,} slots>"

    def adopt(self, slot: int = 0, *, at: int, rank: int = 0, worker: int | None = None) -> PlannedAdoption:
        """The adoption that *slot* must repeat after its reset *at* a step, epoch or episode (the unit of this replay).

        If the slot has several adoptions at this moment, each call returns the next one. Between recorded moments, the
        slot keeps its last adoption. Give the *worker* if several workers had this slot. Raises `SourceError` for a
        slot that the recording does not have.
        """
        place = self._place(rank, worker, slot)
        record = self.history.adoptions.columns.record(self._rows[place][self._next(place, at)])
        return PlannedAdoption(place, plain(self.history.config(record.config)), record)

    def check(self, planned: PlannedAdoption, config: Any) -> Divergence | None:
        """Compare the *config* that a slot really runs with the recorded one; None if they are the same.

        A divergence is also kept in `divergences`. Raises `DivergenceError` if the replay is strict.
        """
        found = normal(config, _unreadable)
        edit = None
        if digest(found) != planned.record.config:
            edit = first_difference(self.history.config(planned.record.config), found)
        if edit is None:
            return None
        divergence = Divergence(planned.place, planned.record.step, edit.path, edit.before, edit.after)
        self.divergences.append(divergence)
        if self._strict:
            raise DivergenceError(f"replay of {self.history.run}: {divergence}")
        return divergence

    def stated(self, at: int) -> Mapping[str, float]:
        """The task probabilities in force, as the curriculum stated them.

        If it stated none, or in a replay by episode: the share of slots that would adopt each task at a reset now.
        """
        stated = self._stated(at)
        if stated:
            return stated
        adopted = self.history.adoptions.columns.adopted
        due = [rows[self._due(place, at)] for place, rows in self._rows.items()]
        shares = Counter(adopted[row].task or "" for row in due)
        return {task: count / len(due) for task, count in sorted(shares.items())}

    def _stated(self, at: int) -> Mapping[str, float] | None:
        """The latest stated probabilities, or None. A mix without probabilities keeps the previous ones."""
        found = None
        for mix in self.history.mixes if self.by != "episode" else ():
            if self.by == "epoch" and (NONE if mix.epoch is None else mix.epoch) > at:
                break
            found = mix.stated or found
            if self.by == "step" and mix.step >= at:
                break
        return found

    def _place(self, rank: int, worker: int | None, slot: int) -> Place:
        workers = [worker] if worker is not None else self._workers.get((rank, slot), [0])
        place = Place(rank, workers[0], slot)
        if place not in self._rows:
            raise SourceError(f"run {self.history.run} recorded no {place}; it has {_places_text(self._rows)}")
        if len(workers) > 1:
            known = ", ".join(map(str, workers))
            raise SourceError(
                f"run {self.history.run} recorded slot {slot} of workers {known}: choose one with worker=..."
            )
        return place

    def _next(self, place: Place, at: int) -> int:
        """The position, among the rows of *place*, of its adoption now."""
        keys = self._keys[place]
        first, end = bisect_left(keys, at), bisect_right(keys, at)
        moment, count = self._given.get(place, (at, 0))
        count = count if moment == at else 0
        self._given[place] = at, count + 1
        return max(0, first - 1) if first == end else min(first + count, end - 1)

    def _due(self, place: Place, at: int) -> int:
        return max(0, bisect_right(self._keys[place], at) - 1)


@renamed_arguments
def replay(
    run: History | str | PathLike[str],
    *,
    by: ReplayUnit = "step",
    intervention: Intervention | str | None = None,
    strict: bool = False,
) -> Replay:
    """The recorded adoptions of *run*, to run them again. *run* is a history, or a path or address for `load`.

    *by* is the unit of `Replay.adopt`: `step` (environment steps of all slots), `epoch`, or `episode` (of one slot). An
    *intervention* changes the recording first: `drop:7`, `revert:7`, `shift:7:+2000`, `set:7:game.max_steps=900`.
    A *strict* replay raises `DivergenceError` at the first divergence. Raises `SourceError` if the run did not record
    this unit, or if it has no such change.

    >>> from envcfg import replay, sample
    >>> planned = replay(sample("forage")).adopt(3, at=20_000)
    >>> planned.task, planned.config["game"]["max_steps"]
    ('forage/clearing', 24)
    """
    history = run if isinstance(run, History) else load(run)
    return Replay(history if intervention is None else intervened(history, intervention), by=by, strict=strict)


def _keys(history: History, by: ReplayUnit, place: Place, rows: "array[int]") -> "array[int]":
    """The moments of the rows of a place. Raises `SourceError` if one was not recorded, or if they decrease."""
    columns = history.adoptions.columns
    column: array[int] = getattr(columns, by)
    keys = array("q", [column[row] for row in rows])
    if min(keys) == NONE:
        raise SourceError(f"run {history.run} did not record the {by} of each adoption: replay it by step")
    back = next((index for index in range(1, len(keys)) if keys[index] < keys[index - 1]), None)
    if back is not None:
        raise SourceError(
            f"the {by}s of {place} go back from {keys[back - 1]:,} to {keys[back]:,} at step "
            f"{columns.step[rows[back]]:,} of run {history.run}: replay it by step"
        )
    return keys


def _unreadable(_: Path, reason: str) -> Tree:
    return Marker("unreadable", reason)


def _places_text(places: Mapping[Place, Any]) -> str:
    first, *_, last = [*places, *places]
    return str(first) if len(places) == 1 else f"{len(places):,}, from {first} to {last}"
