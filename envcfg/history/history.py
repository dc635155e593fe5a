"""A history: a recording, and the questions that can be asked about it."""

from collections.abc import Mapping
from dataclasses import dataclass

from envcfg.core import diff
from envcfg.core.diff import Edit
from envcfg.core.renamed import Renamed
from envcfg.core.selection import told
from envcfg.core.tree import Config
from envcfg.core.tree import Path as Key
from envcfg.history.adoptions import Place
from envcfg.history.queries import display, moments
from envcfg.history.queries.blame import Blame, blame
from envcfg.history.queries.coverage import Coverage, coverage
from envcfg.history.queries.in_force import InForce, in_force
from envcfg.history.queries.new_keys import NewKey, new_keys
from envcfg.history.queries.requests import NeverEffective, never_effective, unrequested
from envcfg.history.recording import Recording


@dataclass(frozen=True, repr=False)
class History(Recording, Renamed):
    """One run, immutable: its recording, and the questions about it as methods."""

    _called = "history"

    def __repr__(self) -> str:
        return display.line(self)

    def _repr_html_(self) -> str:
        return display.html(self)

    def __rich__(self) -> object:
        return display.table(self)

    @property
    def coverage(self) -> Coverage:
        """From when to when it was recorded, of whom, and what is missing."""
        return coverage(self)

    def at(self, moment: int | str, place: Place | None = None) -> Config:
        """The config in force at *moment*: of one place, or of most places.

        A moment is an environment step, `first`, `last`, `epoch:N`, `change:N` or `time:ISO`.
        Raises `SourceError` for one before the first record, or a change that the run does not have; of one after the
        last record, warns and gives what was in force at the last record.
        """
        return self.config(self.in_force(moment, place).config)

    def in_force(self, moment: int | str, place: Place | None = None) -> InForce:
        """Which config was in force at *moment*, who ran it, since when and why; moments as for `at`."""
        when = moments.moment(self, moment)
        held = in_force(self, when, place)
        if when.beyond:
            told(f"{when.beyond}: what was in force then is taken")
        return held

    def diff(self, one: int | str, other: int | str, place: Place | None = None) -> tuple[Edit, ...]:
        """What turns the config in force at one moment into that of another, leaf by leaf; moments as for `at`."""
        return diff.diff(self.at(one, place), self.at(other, place))

    def blame(self, moment: int | str = "last", place: Place | None = None) -> tuple[Blame, ...]:
        """For each leaf of the config in force at *moment*, the change that last set it; moments as for `at`."""
        return blame(self, self.in_force(moment, place))

    def never_effective(self) -> tuple[NeverEffective, ...]:
        """The keys that were asked for and that no slot ever ran as asked; empty where no requests were recorded."""
        return never_effective(self)

    def unrequested(self) -> Mapping[Key, int]:
        """The keys that slots changed without having been asked to, and how often; empty where nothing was asked."""
        return unrequested(self)

    def new_keys(self) -> tuple[NewKey, ...]:
        """The keys that changes brought in and no config before had, with the one that was perhaps meant."""
        return new_keys(self)
