"""A history: a recording of a run, with methods that answer questions about it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Self

from envcfg.core.diff import Edit
from envcfg.core.errors import ConfigError
from envcfg.core.record import ROLES, Role
from envcfg.core.renamed import Renamed
from envcfg.core.selection import warn
from envcfg.core.tree import Config
from envcfg.core.tree import Path as Key
from envcfg.history.adoptions import Adoptions, Place
from envcfg.history.queries import display, moments
from envcfg.history.queries.blame import Blame, blame
from envcfg.history.queries.coverage import Coverage, coverage
from envcfg.history.queries.draws import DrawnParameter, drawn_parameters, one_of
from envcfg.history.queries.in_force import InForce, held_rows, in_force
from envcfg.history.queries.new_keys import NewKey, new_keys
from envcfg.history.queries.requests import NeverEffective, never_effective, unrequested
from envcfg.history.queries.spreads import SpreadEdit, Spreads, difference, of_place, spreads
from envcfg.history.recording import Evaluation, Recording
from envcfg.history.roles import together


@dataclass(frozen=True, repr=False)
class History(Recording, Renamed):
    """One recorded run, immutable, with methods that answer questions about it."""

    _called = "history"

    def __repr__(self) -> str:
        return display.line(self)

    def _repr_html_(self) -> str:
        return display.html(self)

    def __rich__(self) -> object:
        return display.table(self)

    def of_role(self, role: Role | Literal["all"]) -> Self:
        """The history of the environments with this role: `train`, which this history is, `eval`, or `all`.

        Evaluation environments have no requests and no task probabilities. In the history of all, their slots are
        called `evaluation slot 0` and so on. Raises `ConfigError` for another role.
        """
        if role not in (*ROLES, "all"):
            raise ConfigError(f"role {role!r}: expected one of {', '.join(ROLES)}, all")
        found = self.evaluation or Evaluation(Adoptions.of(()), ())
        if role == "eval":
            return self._of(found)
        if role == "train" or not found.adoptions:
            return self
        both = together(Evaluation(self.adoptions, self.told_lives), found)
        return replace(self, adoptions=both.adoptions, told_lives=both.lives, evaluation=None)

    def _of(self, found: Evaluation) -> Self:
        return replace(
            self,
            adoptions=found.adoptions,
            told_lives=found.lives,
            evaluation=None,
            requests=(),
            mixes=(),
            until=self.last_step,
        )

    @property
    def coverage(self) -> Coverage:
        """The first and last step, epoch and time, the slots, and what is missing."""
        return coverage(self)

    def at(self, moment: int | str, place: Place | None = None) -> Config:
        """The config in force at *moment*: of *place*, or of most places.

        A moment is an environment step, `first`, `last`, `epoch:N`, `change:N` or `time:ISO`. `change:0` is the initial
        config. For a moment after the last record, this warns and returns the config in force at the last record.
        Raises `SourceError` for a moment before the first record, and for a change that the run does not have.
        """
        return self.config(self.in_force(moment, place).config)

    def in_force(self, moment: int | str, place: Place | None = None) -> InForce:
        """The config in force at *moment*, with its slots, its first step and its cause; moments as for `at`."""
        when = moments.moment(self, moment)
        held = in_force(self, when, place)
        if when.beyond:
            warn(f"{when.beyond}; using the config in force at the last record")
        return held

    def spreads(self, moment: int | str, place: Place | None = None) -> Spreads:
        """Each parameter over the slots that lived at *moment*, or in *place* alone; moments as for `at`.

        It has the values in common, and how the others are spread.
        """
        if place is not None:
            return of_place(self, self.in_force(moment, place))
        when = moments.moment(self, moment)
        found = spreads(self, when)
        if when.beyond:
            warn(f"{when.beyond}; using the config in force at the last record")
        return found

    def diff(self, one: int | str, other: int | str, place: Place | None = None) -> tuple[Edit | SpreadEdit, ...]:
        """The parameters that differ between two moments, over all living slots or in *place*; moments as for `at`.

        It is an `Edit` if all slots agree at both moments. If not, it has the spread before and after.
        """
        return difference(self.spreads(one, place), self.spreads(other, place))

    def blame(self, moment: int | str = "last", place: Place | None = None) -> tuple[Blame, ...]:
        """For each parameter at *moment*, the change that last set it in a living slot, or in *place* alone.

        Where slots differ, `spread` has their values. Moments as for `at`.
        """
        return blame(self, self.spreads(moment, place), held_rows(self, moments.moment(self, moment), place))

    @cached_property
    def drawn_parameters(self) -> Mapping[str, DrawnParameter]:
        """The parameters that were drawn anew at resets, or stated, by dotted key. Every part of an array is one."""
        return drawn_parameters(self)

    def draws(self, name: str) -> DrawnParameter:
        """What a randomised environment drew for the parameter with this dotted key, and what was stated about it.

        Raises `SourceError` if no such parameter was drawn.

        Example: `history.draws("friction").at(12_000).quantile(0.9)`
        """
        return one_of(self.drawn_parameters, name, self.run)

    def never_effective(self) -> tuple[NeverEffective, ...]:
        """The requested keys that no slot ever adopted as requested; empty if no requests were recorded."""
        return never_effective(self)

    def unrequested(self) -> Mapping[Key, int]:
        """The keys that changed in slots without a request, and how often; empty if no requests were recorded."""
        return unrequested(self)

    def new_keys(self) -> tuple[NewKey, ...]:
        """The keys that a change added and no earlier config had, with the key that was possibly meant."""
        return new_keys(self)
