"""The adoptions of all shards of a run in one order, and the config of each slot at any step."""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import compress, count
from typing import Final, overload

from envcfg.core.record import EVALUATION, Record
from envcfg.journal.columns import Columns

KEYFRAME: Final = 1024
"""The least number of rows between two keyframes, where the latest row of every place is stored."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A slot of a run, with its rank and worker."""

    rank: int
    worker: int
    slot: int

    def __str__(self) -> str:
        """`slot 3`, `slot 3 of rank 1, worker 2`, or `evaluation slot 3` beside slots that train"""
        shard = f" of rank {self.rank}, worker {self.worker}" if self.rank or self.worker else ""
        role = "evaluation " if self.slot >= EVALUATION else ""
        return f"{role}slot {self.slot % EVALUATION}{shard}"


@dataclass(frozen=True, slots=True)
class Adoption:
    """A record, with the place that adopted."""

    place: Place
    record: Record


class Adoptions(Sequence[Adoption]):
    """Adoptions in order of step, stored by column. Row *i* was adopted at `places[place[i]]`."""

    def __init__(self, columns: Columns, place: "array[int]", places: Sequence[Place]) -> None:
        self.columns = columns
        self.place = place
        self.places = tuple(places)

    @classmethod
    def of(cls, adoptions: Iterable[Adoption]) -> "Adoptions":
        """A copy of *adoptions*, in the same order."""
        columns, place, places = Columns(), array("i"), dict[Place, int]()
        for adoption in adoptions:
            columns.append(adoption.record)
            place.append(places.setdefault(adoption.place, len(places)))
        return cls(columns, place, tuple(places))

    @overload
    def __getitem__(self, row: int) -> Adoption: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Adoption, ...]: ...
    def __getitem__(self, row: int | slice) -> Adoption | tuple[Adoption, ...]:
        if isinstance(row, slice):
            return tuple(self[index] for index in range(*row.indices(len(self))))
        return Adoption(self.places[self.place[row]], self.columns.record(row))

    def __len__(self) -> int:
        return len(self.place)

    def __iter__(self) -> Iterator[Adoption]:
        return map(Adoption, map(self.places.__getitem__, self.place), self.columns)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Adoptions) and len(self) == len(other) and all(map(Adoption.__eq__, self, other))

    __hash__ = None  # type: ignore[assignment]  # it compares by content, like a list

    def __repr__(self) -> str:
        return f"<{len(self):,} adoptions of {len(self.places):,} slots>"

    @cached_property
    def rows(self) -> Mapping[Place, "array[int]"]:
        """The rows of each place, in order. The places are sorted."""
        found: list[array[int]] = [array("q") for _ in self.places]
        for row, index in enumerate(self.place):
            found[index].append(row)
        return {place: rows for place, rows in sorted(zip(self.places, found, strict=True)) if rows}

    @cached_property
    def before(self) -> "array[int]":
        """For each row the position in `columns.adopted.values` that its place had before; -1 if it had none."""
        held = [-1] * len(self.places)
        found = array("i")
        append = found.append
        for place, adopted in zip(self.place, self.columns.adopted.index, strict=True):
            append(held[place])
            held[place] = adopted
        return found

    def row_at(self, step: float) -> int:
        """The number of rows up to and including *step*."""
        return bisect_right(self.columns.step, step)

    def held(self, step: float) -> Mapping[Place, int]:
        """The latest row of each place up to and including *step*. A place without a row is left out."""
        return self.held_before(self.row_at(step))

    def held_before(self, stop: int) -> Mapping[Place, int]:
        """The latest row of each place among the first *stop* rows. A place without a row is left out."""
        frame = self._keyframes[stop // self._distance]
        held = dict(compress(enumerate(frame), map((-1).__ne__, frame)))
        start = stop - stop % self._distance
        held.update(zip(self.place[start:stop], range(start, stop), strict=True))
        return {self.places[index]: row for index, row in held.items()}

    @property
    def _distance(self) -> int:
        return max(KEYFRAME, len(self.places) // 4)

    @cached_property
    def _keyframes(self) -> Sequence["array[int]"]:
        """The latest row of each place before every `_distance`th row; -1 if there is none yet."""
        frame = array("q", [-1]) * len(self.places)
        frames = []
        for start in range(0, len(self) + 1, self._distance):
            frames.append(frame)
            frame = frame[:]
            for index, row in dict(zip(self.place[start : start + self._distance], count(start), strict=False)).items():
                frame[index] = row
        return frames


def in_order(columns: Columns, place: "array[int]", places: Sequence[Place]) -> Adoptions:
    """Adoptions sorted by step, from records in order of shard.

    Records of one step are sorted by time. Records of one shard keep their order.
    """
    return ordered(columns, place, places, range(0))[0]


def ordered(
    columns: Columns, place: "array[int]", places: Sequence[Place], rows: Iterable[int], *, shards: int = 0
) -> tuple[Adoptions, Mapping[int, int]]:
    """`in_order`, and the new position of each of *rows*. *shards* is their number, if the places do not show it."""
    is_one_shard = max(shards, len({(place.rank, place.worker) for place in places})) <= 1
    if is_one_shard and columns.is_in_order:
        return Adoptions(columns, place, places), {row: row for row in rows}
    every = range(len(place)) if is_one_shard else sorted(range(len(place)), key=columns.time.__getitem__)
    order = sorted(every, key=columns.step.__getitem__)
    found = Columns()
    found.extend(columns, order)
    sought = set(rows)
    positions = {row: position for position, row in enumerate(order) if row in sought} if sought else {}
    return Adoptions(found, array("i", map(place.__getitem__, order)), places), positions
