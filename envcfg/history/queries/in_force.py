"""The config in force at a moment, with its slots and the step at which they adopted it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from envcfg.core.errors import SourceError
from envcfg.core.selection import warn_or_raise
from envcfg.history.adoptions import Adoption, Adoptions, Place
from envcfg.history.changes import Change
from envcfg.history.queries.moments import Moment
from envcfg.history.queries.selected import without_place
from envcfg.history.recording import Recording


@dataclass(frozen=True, slots=True)
class InForce:
    """A config that was in force at a moment."""

    step: int
    """The moment, in environment steps."""
    since: Adoption
    """The adoption by which the first of its places began to use it."""
    row: int
    """The row of `since` in the history."""
    places: tuple[Place, ...]
    """The places that used it at the moment."""
    of: int
    """The number of living places at the moment."""

    @property
    def config(self) -> str:
        """The digest of the config."""
        return self.since.record.config


def in_force(history: Recording, moment: Moment, place: Place | None = None) -> InForce:
    """The config of *place* at *moment*; without *place*, the config that most living places used.

    If the moment names a change and there is no *place*, it is the config of that change. In a tie, the config of the
    first place counts. A *place* that has ended keeps its last config. Raises `SourceError` if nothing was recorded up
    to the moment, or if the run has no such place.
    """
    if place is not None:
        warn_or_raise(without_place(history, place), is_anything_left=False)
    held = living(history, moment, place)
    if place is None and moment.change is not None:
        return _of_change(history.adoptions, moment.change, len(held))
    row, places = _most(history.adoptions, held)
    row = _since(history.adoptions, row)
    return InForce(moment.step, history.adoptions[row], row, places, len(held))


def held_rows(history: Recording, moment: Moment, place: Place | None = None) -> Mapping[Place, int]:
    """As `living`. If the moment names a change and there is no *place*, the rows of the slots that adopted it."""
    if place is None and moment.change is not None:
        return dict(zip(moment.change.places, moment.change.rows, strict=True))
    return living(history, moment, place)


def living(history: Recording, moment: Moment, place: Place | None = None) -> Mapping[Place, int]:
    """The latest row of each place that lived at *moment*, or of *place* alone.

    Raises `SourceError` if nothing was recorded up to the moment.
    """
    held = history.adoptions.held_before(moment.stop)
    if place is not None:
        held = {place: held[place]} if place in held else {}
    else:
        held = history.lives.only_living(held, moment.step, moment.stop)
    if not held:
        raise SourceError(_nothing_yet(history, moment, place))
    return held


def _of_change(adoptions: Adoptions, changed: Change, of: int) -> InForce:
    """The config of a change, in the slots that adopted it. Slots with a value of their own are not among them."""
    adopted = adoptions.columns.adopted
    pairs = zip(changed.places, changed.rows, strict=True)
    places = tuple([place for place, row in pairs if adopted[row].config == changed.config])
    return InForce(changed.step, adoptions[changed.row], changed.row, places, of)


def _nothing_yet(history: Recording, moment: Moment, place: Place | None) -> str:
    who = "" if place is None else f"of {place} "
    rows = history.adoptions.rows
    mine = [rows[place][0]] if place is not None else [found[0] for found in rows.values()]
    first = f"; the first one is at step {history.adoptions.columns.step[min(mine)]:,}" if mine else ""
    return f"no config {who}was recorded up to step {moment.step:,} of run {history.run}{first}"


def _most(adoptions: Adoptions, held: Mapping[Place, int]) -> tuple[int, tuple[Place, ...]]:
    """The places that use the most common config, and the latest row of the first of them."""
    adopted = adoptions.columns.adopted
    configs = {place: adopted[row].config for place, row in held.items()}
    ((most, _),) = Counter(configs.values()).most_common(1)
    places = tuple([place for place, config in configs.items() if config == most])
    return held[places[0]], places


def _since(adoptions: Adoptions, row: int) -> int:
    """The row by which the place of *row* began to use its config. A restart records the same config again."""
    adopted = adoptions.columns.adopted
    for earlier in before(adoptions, row):
        if adopted[earlier].config != adopted[row].config:
            break
        row = earlier
    return row


def before(adoptions: Adoptions, row: int) -> Iterator[int]:
    """The earlier rows of the place of *row*, latest first."""
    place = adoptions.place
    here = place[row]
    return (earlier for earlier in range(row - 1, -1, -1) if place[earlier] == here)
