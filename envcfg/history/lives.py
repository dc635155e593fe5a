"""The lives of the slots: when each environment began and ended, and which of them lived at a moment."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, overload

from envcfg.core.record import Role
from envcfg.history.adoptions import Adoptions, Place

RESTARTED: Final = "restarted"
"""The reason of an end: a later session of the program began."""
REPLACED: Final = "replaced"


@dataclass(frozen=True, slots=True)
class Life:
    """One environment in a slot, from its first adoption to its end."""

    place: Place
    born: int
    """The environment step of its first adoption."""
    first: int
    """The row of its first adoption."""
    ended: int | None = None
    """The environment step at which it ended; None if no end is known."""
    stop: int = -1
    """The number of rows before its end; -1 if no end is known."""
    reason: str | None = None
    """`closed`, `replaced`, `died` or `restarted`; None if no end is known."""
    role: Role = "train"
    is_silent: bool = False
    """Whether the process of the environment stopped without writing an end, so that the end is not known."""


class Lives(Sequence[Life]):
    """The lives of all slots, in order of their first row.

    An environment whose end is not known lives on. One that was closed when the run ended lived to its end: after
    *rows* adoptions, at *last_step*.
    """

    def __init__(self, lives: Iterable[Life], *, rows: int, last_step: int) -> None:
        self._lives = tuple(sorted(lives, key=lambda life: life.first))
        self._rows, self._last_step = rows, last_step
        self._firsts = [life.first for life in self._lives]
        self._has_ends = any(life.ended is not None for life in self._lives)

    @overload
    def __getitem__(self, index: int) -> Life: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Life, ...]: ...
    def __getitem__(self, index: int | slice) -> Life | tuple[Life, ...]:
        return self._lives[index]

    def __len__(self) -> int:
        return len(self._lives)

    def __iter__(self) -> Iterator[Life]:
        return iter(self._lives)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lives) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # it compares by content, like a list

    def __repr__(self) -> str:
        return f"<{len(self):,} lives>"

    def of(self, place: Place) -> tuple[Life, ...]:
        """The lives of *place*, in order."""
        return tuple(life for life in self._lives if life.place == place)

    def alive(self, step: int, stop: int) -> Mapping[Place, Life]:
        """The environments that lived at *step*, after the first *stop* rows, by place.

        If none lived, because all were closed, those count that lived at the last adoption before.
        """
        begun = self._lives[: self.begun_before(stop)]
        living = {life.place: life for life in begun if not self._is_over(life, step, stop)}
        return living or {life.place: life for life in begun if life.stop == stop}

    def only_living(self, held: Mapping[Place, int], step: int, stop: int) -> Mapping[Place, int]:
        """Those of *held* whose place lived at *step*, after the first *stop* rows."""
        if not self._has_ends:
            return held
        living = self.alive(step, stop)
        return {place: row for place, row in held.items() if place in living}

    def begun_before(self, stop: int) -> int:
        """The number of lives that began in the first *stop* rows."""
        return bisect_left(self._firsts, stop)

    def has_ended(self, life: Life) -> bool:
        """Whether *life* ended before the run did."""
        return life.ended is not None and not (life.ended >= self._last_step and life.stop >= self._rows)

    def _is_over(self, life: Life, step: int, stop: int) -> bool:
        if life.ended is None or not self.has_ended(life):
            return False
        return life.stop < stop or (life.stop == stop and life.ended <= step)


def without_ends(adoptions: Adoptions) -> tuple[Life, ...]:
    """One life for each place, for a recording without ends."""
    steps = adoptions.columns.step
    firsts = {place: adoptions.place.index(index) for index, place in enumerate(adoptions.places)}
    return tuple([Life(place, steps[row], row) for place, row in firsts.items()])
