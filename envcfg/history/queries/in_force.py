"""Which config was in force at a moment, who ran it, and since when."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from envcfg.core.errors import SourceError
from envcfg.core.selection import judged
from envcfg.history.adoptions import Adoption, Adoptions, Place
from envcfg.history.queries.moments import Moment
from envcfg.history.queries.selected import without_place
from envcfg.history.recording import Recording


@dataclass(frozen=True, slots=True)
class InForce:
    """A config that was in force at a moment."""

    step: int
    """The moment, in environment steps."""
    since: Adoption
    """How the first of its places came to it."""
    row: int
    """Of `since`, among the adoptions of the history."""
    places: tuple[Place, ...]
    """Those that ran it then."""
    of: int
    """How many places ran anything then."""

    @property
    def config(self) -> str:
        """Its digest."""
        return self.since.record.config


def in_force(history: Recording, moment: Moment, place: Place | None = None) -> InForce:
    """What *place* ran at *moment*; without one, what a named change brought, or else what most places ran.

    Of several configs that as many places ran, the one of the first place. Raises `SourceError` where nothing was
    recorded by then, and for a place that the run does not have.
    """
    if place is not None:
        judged(without_place(history, place), is_anything_left=False)
    held = history.adoptions.held_before(moment.stop)
    if place is not None:
        held = {place: held[place]} if place in held else {}
    if not held:
        raise SourceError(_nothing_yet(history, moment, place))
    if place is None and moment.change is not None:
        changed = moment.change
        return InForce(changed.step, history.adoptions[changed.row], changed.row, changed.places, len(held))
    row, places = _most(history.adoptions, held)
    row = _since(history.adoptions, row)
    return InForce(moment.step, history.adoptions[row], row, places, len(held))


def _nothing_yet(history: Recording, moment: Moment, place: Place | None) -> str:
    who = "anything" if place is None else str(place)
    rows = history.adoptions.rows
    mine = [rows[place][0]] if place is not None else [found[0] for found in rows.values()]
    first = f"; the first is of step {history.adoptions.columns.step[min(mine)]:,}" if mine else ""
    return f"no config of {who} was recorded up to step {moment.step:,} of run {history.run}{first}"


def _most(adoptions: Adoptions, held: Mapping[Place, int]) -> tuple[int, tuple[Place, ...]]:
    """The row of the first place that runs what most places run, and all of them."""
    adopted = adoptions.columns.adopted
    configs = {place: adopted[row].config for place, row in held.items()}
    ((most, _),) = Counter(configs.values()).most_common(1)
    places = tuple([place for place, config in configs.items() if config == most])
    return held[places[0]], places


def _since(adoptions: Adoptions, row: int) -> int:
    """The row by which a place came to what it held at *row*: a restart records the same again."""
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
