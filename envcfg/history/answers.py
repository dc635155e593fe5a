"""The outcome of each request in each slot: whether and when the slot adopted it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from envcfg.core.record import Request
from envcfg.core.requested import unmet
from envcfg.core.tree import Config, Path, Tree, leaves
from envcfg.history.adoptions import Adoptions, Place

RequestState = Literal["effective", "superseded", "waiting"]
_NEVER: Final = -1


@dataclass(frozen=True, slots=True)
class Requested:
    """A request, and the rank whose slots it concerns."""

    rank: int
    request: Request


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of one request in one slot."""

    number: int
    """The number of the request, from 1."""
    place: Place
    requested_at: int
    """The environment step of the request, all slots together."""
    effective_at: int | None
    """The step at which the slot used everything that was requested; None if it never did."""
    state: RequestState
    """`effective`; `superseded` if another request replaced it first; `waiting` if neither happened."""
    row: int
    """The row of the adoption that made it effective; -1 if there is none, or if the slot used it already."""
    met: frozenset[Path]
    """Leaves that the slot did not use at the request, and adopted later."""
    unmet: frozenset[Path]
    """Leaves that the slot never adopted."""

    @property
    def lag(self) -> int | None:
        """Environment steps from the request to its effect."""
        return None if self.effective_at is None else self.effective_at - self.requested_at


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A request that is not yet effective in a slot."""

    numbers: list[int]
    """The number of the request, and of later equal requests."""
    config: Config
    asked: Mapping[Path, Tree]
    lacked: frozenset[Path]
    """Leaves that the slot did not use at the request."""
    met: set[Path]


class _SlotOutcomes:
    """The requests and adoptions of one place, processed in order."""

    def __init__(self, place: Place, requests: Sequence[Requested], configs: Mapping[str, Config]) -> None:
        self.answers: list[Answer] = []
        self._place, self._requests, self._configs = place, requests, configs
        self._waiting: list[_Waiting] = []
        self._held: Config = {}
        self._task: str | None = None

    def ask(self, number: int) -> None:
        """Add request *number*. It supersedes earlier requests whose leaves it all contains."""
        request = self._requests[number - 1].request
        config = self._configs.get(request.config, {})
        asked = dict(leaves(config)) if config else {}
        last = self._waiting[-1] if self._waiting else None
        if last is not None and self._same(last.numbers[0], number):
            last.numbers.append(number)
            return
        for earlier in list(self._waiting):
            if earlier.asked.keys() <= asked.keys():
                self._waiting.remove(earlier)
                self._close(earlier, "superseded", None, _NEVER)
        self._waiting.append(_Waiting([number], config, asked, unmet(config, self._held), set()))
        self._settle(request.step, _NEVER)

    def adopt(self, row: int, step: int, config: str, task: str | None) -> None:
        self._held, self._task = self._configs.get(config, {}), task
        self._settle(step, row)

    def end(self) -> None:
        for waiting in self._waiting:
            self._close(waiting, "waiting", None, _NEVER)

    def _settle(self, step: int, row: int) -> None:
        later: set[Path] = set()
        for waiting in reversed(list(self._waiting)):
            request = self._requests[waiting.numbers[0] - 1].request
            missing = unmet(waiting.config, self._held) - later
            waiting.met.update(waiting.lacked - missing - later)
            later |= waiting.asked.keys()
            is_met = not missing if waiting.asked else request.task in (None, self._task)
            if is_met:
                self._waiting.remove(waiting)
                self._close(waiting, "effective", step, row)

    def _close(self, waiting: _Waiting, state: RequestState, step: int | None, row: int) -> None:
        met = frozenset(waiting.met)
        for number in waiting.numbers:
            asked_at = self._requests[number - 1].request.step
            self.answers.append(Answer(number, self._place, asked_at, step, state, row, met, waiting.lacked - met))

    def _same(self, one: int, other: int) -> bool:
        first, second = self._requests[one - 1].request, self._requests[other - 1].request
        return (first.config, first.task) == (second.config, second.task)


def answers(requests: Sequence[Requested], adoptions: Adoptions, configs: Mapping[str, Config]) -> tuple[Answer, ...]:
    """The outcome of each request in each of its slots, sorted by request, then by slot."""
    if not requests:
        return ()
    columns, adopted = adoptions.columns, adoptions.columns.adopted
    rows: dict[Place, list[int]] = {place: [] for place in _asked_places(requests, adoptions.places)}
    for row, position in enumerate(adoptions.place):
        place = adoptions.places[position]
        if place in rows:
            rows[place].append(row)
    found: list[Answer] = []
    for place, own in rows.items():
        slot = _SlotOutcomes(place, requests, configs)
        numbers = [number for number, asked in enumerate(requests, 1) if _concerns(asked, place)]
        moments = [((columns.step[row], columns.time[row], 1), row) for row in own]
        moments += [((asked.step, asked.time * 1000, 0), -number) for number, asked in _numbered(requests, numbers)]
        # A request has the negative of its number in the place of a row. Requests of one moment are in order.
        for _, row in sorted(moments, key=lambda one: (one[0], abs(one[1]))):
            if row < 0:
                slot.ask(-row)
            else:
                slot.adopt(row, columns.step[row], adopted[row].config, adopted[row].task)
        slot.end()
        found += slot.answers
    return tuple(sorted(found, key=lambda answer: (answer.number, answer.place)))


def explain(adoptions: Adoptions, requests: Sequence[Requested], configs: Mapping[str, Config]) -> None:
    """Add the step and cause of the request to records that do not know it: of workers, and of later sessions."""
    for row, number in explained(requests, answers(requests, adoptions, configs)).items():
        request = requests[number - 1].request
        adoptions.columns.explain(row, request.step, request.cause)


def explained(requests: Sequence[Requested], found: Iterable[Answer]) -> Mapping[int, int]:
    """For each row that makes requests effective, the number of the latest one; of equal requests, of the first one."""
    by_row: dict[int, dict[str, int]] = {}
    for answer in found:
        if answer.row != _NEVER:
            by_row.setdefault(answer.row, {}).setdefault(requests[answer.number - 1].request.config, answer.number)
    return {row: max(own.values(), key=lambda number: requests[number - 1].request.step) for row, own in by_row.items()}


def _asked_places(requests: Sequence[Requested], places: Sequence[Place]) -> Iterator[Place]:
    """The places that requests concern. A slot that never adopted anything counts as a slot of worker 0."""
    known = {(place.rank, place.slot) for place in places}
    yield from (place for place in places if any(_concerns(asked, place) for asked in requests))
    for rank, slot in sorted({(asked.rank, slot) for asked in requests for slot in asked.request.slots or ()} - known):
        yield Place(rank, 0, slot)


def _concerns(asked: Requested, place: Place) -> bool:
    return asked.rank == place.rank and (asked.request.slots is None or place.slot in asked.request.slots)


def _numbered(requests: Sequence[Requested], numbers: Iterable[int]) -> Iterator[tuple[int, Request]]:
    return ((number, requests[number - 1].request) for number in numbers)
