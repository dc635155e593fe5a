"""A recorded run as a curriculum: at each reset, what the slot adopted then."""

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

By = Literal["step", "epoch", "episode"]
_UNITS: Final[tuple[str, ...]] = get_args(By)


class DivergenceError(EnvcfgError):
    """A strict replay ran something else than was recorded."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a slot is to adopt now."""

    place: Place
    config: Mapping[str, Any]
    """The recorded config as plain Python values: what the environment is to be built from."""
    record: Record
    """Its record: step, task, cause, digest."""

    @property
    def task(self) -> str | None:
        return self.record.task

    @property
    def cause(self) -> Cause | None:
        return self.record.cause


class Replay:
    """The sequence of a recorded run, slot by slot; ask it once at each reset, and check what came of it.

    Its only state is how many adoptions of the present moment a slot has been given, so a run that is resumed goes on
    where its step says.
    """

    def __init__(self, history: History, *, by: By = "step", strict: bool = False) -> None:
        if by not in _UNITS:
            raise EnvcfgError(f"by={by!r}: a run is replayed by {', '.join(_UNITS)}")
        if not len(history.adoptions):
            raise SourceError(f"run {history.run} has no records to replay")
        self.history = history
        self.divergences: list[Divergence] = []
        """What `check` found, in the order of the calls."""
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

    def adopt(self, slot: int = 0, *, at: int, rank: int = 0, worker: int | None = None) -> Turn:
        """What *slot* is to run after its reset *at* a step, epoch or episode, in the unit of this replay.

        Of several adoptions of that very moment each call gives the next; between recorded moments the slot keeps what
        it had. A *worker* has to be named where several had such a slot. Raises `SourceError` for a slot that the
        recording does not have.
        """
        place = self._place(rank, worker, slot)
        record = self.history.adoptions.columns.record(self._rows[place][self._next(place, at)])
        return Turn(place, plain(self.history.config(record.config)), record)

    def check(self, turn: Turn, config: Any) -> Divergence | None:
        """Compare what a slot really runs with the recording, by digest, and where that differs leaf by leaf.

        A divergence is kept in `divergences`; raises `DivergenceError` where the replay is strict.
        """
        found = normal(config, _unreadable)
        change = None
        if digest(found) != turn.record.config:
            change = first_difference(self.history.config(turn.record.config), found)
        if change is None:
            return None
        divergence = Divergence(turn.place, turn.record.step, change.path, change.before, change.after)
        self.divergences.append(divergence)
        if self._strict:
            raise DivergenceError(f"replay of {self.history.run}: {divergence}")
        return divergence

    def stated(self, at: int) -> Mapping[str, float]:
        """The task probabilities in force: as the curriculum stated them; where it stated none, or by episode, the
        shares of the slots whose next reset would give them each task."""
        stated = self._stated(at)
        if stated:
            return stated
        adopted = self.history.adoptions.columns.adopted
        due = [rows[self._due(place, at)] for place, rows in self._rows.items()]
        shares = Counter(adopted[row].task or "" for row in due)
        return {task: count / len(due) for task, count in sorted(shares.items())}

    def _stated(self, at: int) -> Mapping[str, float] | None:
        """A mix that states nothing repeats the one before; its step is the last one that it was in force."""
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
            raise SourceError(f"run {self.history.run} recorded no {place}; it has {_has(self._rows)}")
        if len(workers) > 1:
            known = ", ".join(map(str, workers))
            raise SourceError(
                f"run {self.history.run} recorded a slot {slot} of workers {known}: say which, worker=..."
            )
        return place

    def _next(self, place: Place, at: int) -> int:
        """The place among its rows of what *place* is given now."""
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
    by: By = "step",
    intervention: Intervention | str | None = None,
    strict: bool = False,
) -> Replay:
    """The sequence of *run*, a history or wherever `load` finds one, to be run again.

    *by* says what `Replay.adopt` counts in: environment steps of all slots, epochs, or episodes of a slot. An
    *intervention* changes the recording first: `drop:7`, `revert:7`, `shift:7:+2000`, `set:7:game.max_steps=900`.
    A *strict* replay raises at the first divergence. Raises `SourceError` where the run has no such numbers, or no such
    change.
    """
    history = run if isinstance(run, History) else load(run)
    return Replay(history if intervention is None else intervened(history, intervention), by=by, strict=strict)


def _keys(history: History, by: By, place: Place, rows: "array[int]") -> "array[int]":
    """The moments of the rows of a place; refuses those that nobody recorded, and those that go back."""
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


def _has(places: Mapping[Place, Any]) -> str:
    first, *_, last = [*places, *places]
    return str(first) if len(places) == 1 else f"{len(places):,}, from {first} to {last}"
