"""The entry of drawn parameters: their distribution in an epoch, and some of the resets with all their values."""

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct, field

from envcfg.core.units import Seconds, Whole

Scalar: TypeAlias = bool | int | float | str


class Drawn(Struct, frozen=True, omit_defaults=True):
    """The draws of one parameter: the count of each value if there are few values, else their quantiles."""

    count: Whole
    """The number of draws, those that are not finite included."""
    values: tuple[Scalar, ...] = ()
    """The values in order, if there are few."""
    counts: tuple[Whole, ...] = ()
    """How often each of *values* was drawn."""
    others: Whole = 0
    """The number of draws of further texts, which are not listed."""
    mean: float | None = None
    sd: float | None = None
    """The standard deviation of the draws themselves, with the divisor *count*."""
    low: int | float | None = None
    high: int | float | None = None
    quantiles: tuple[int | float, ...] = ()
    """The quantiles for `core.quantiles.PER_MILLE`, between *low* and *high*."""
    not_finite: Whole = 0


class Sample(Struct, frozen=True, omit_defaults=True):
    """Some of the resets of a `Draws`, with all their values.

    Each reset has a random level, which is N or higher with a probability of 1 in 2^N.
    """

    level: Whole
    """All resets of this level or a higher one are here."""
    levels: tuple[Whole, ...] = ()
    steps: tuple[Whole, ...] = ()
    slots: tuple[Whole, ...] = ()
    values: dict[str, tuple[Scalar | None, ...]] = field(default_factory=dict)
    """For each parameter, its value at each reset; None for a number that is not finite."""


class Draws(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="draws"):
    """The parameters that were drawn anew at resets in an epoch, under one task and of one branch."""

    since: Whole
    """The environment step of the first of these resets."""
    step: Whole
    """The environment step of the last one."""
    time: Seconds
    resets: Whole
    slots: Whole
    """The number of slots of the environment."""
    drawn: Mapping[str, Drawn]
    """The draws of each parameter, by its JSON Pointer."""
    epoch: Whole | None = None
    task: str | None = None
    branch: str | None = None
    """Where the values came from, such as `replay`, if the program says so."""
    sample: Sample | None = None
