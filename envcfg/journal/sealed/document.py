"""The structure of the JSON document in a sealed segment; `docs/journal-format.md` explains it."""

from typing import Annotated, Final, TypeAlias

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from envcfg.core.drawn import Draws
from envcfg.core.record import Cause, Request, Returns
from envcfg.core.units import Whole
from envcfg.journal.format import Header
from envcfg.journal.sealed.packing import Packed

SEALED_FORMAT: Final = "envcfg-segment"
TICKS: Final = {1: 1_000_000, 2: 1_000, 3: 1_000, 4: 1_000}
"""The units per second in a column of times, by format version."""

Count: TypeAlias = Annotated[int, Meta(ge=0, le=1 << 24)]
"""The number of rows in a segment. It has a limit, since a column with one repeated value could claim any length."""
Number: TypeAlias = Count
"""The number of a config, or of a kind of adoption, in its chain."""


class Family(Struct, frozen=True, omit_defaults=True):
    """Configs that differ from the same base at the same places. Whole configs form a family without a base."""

    changes: list[tuple[str, str]]
    """RFC 6902: `add`, `remove` or `replace`, and the JSON Pointer, which is '' for a whole config."""
    values: Raw
    """A column for each operation that has a value, with a row for each config."""
    base: Number | None = None


class ConfigColumns(Struct, frozen=True):
    """The configs that are new in their chain."""

    digests: str
    """32 hexadecimal digits for each config."""
    family: Packed
    families: list[Family]


class Numbers(Struct, frozen=True):
    """A column of whole numbers as differences. The first difference counts from `first`."""

    first: Whole
    more: Packed


class RecordColumns(Struct, frozen=True, omit_defaults=True):
    """The columns of records.

    Up to version 2, `configs` and `templates` are digests. Version 1 has no `count`, `first_step`, `first_time`, `lag`
    or `adopted`; it has the fields after them instead.
    """

    step: Packed
    time: Packed
    slot: Packed
    epoch: Packed
    episode: Packed
    cause: Packed
    causes: list[Cause | None]
    configs: list[Number | str]
    tasks: list[str | None]
    templates: list[Number | str | None]
    count: Count = 0
    first_step: Whole = 0
    first_time: Whole = 0
    lag: Packed = None
    adopted: Packed | UnsetType = UNSET
    requested_at: Packed = None
    config: Packed = None
    task: Packed = None
    template: Packed = None


class MixColumns(Struct, frozen=True):
    step: list[Whole]
    time: list[Whole]
    epoch: list[Whole | None]
    stated: list[dict[str, float] | None]
    adopted: list[dict[str, Whole]]
    first_step: Whole = 0
    first_time: Whole = 0
    rewards: list[dict[str, Returns] | None] | UnsetType = UNSET
    """Left out if no mix has rewards."""


class EpochColumns(Struct, frozen=True, omit_defaults=True):
    """The columns of the ends of epochs. All are differences."""

    step: Packed
    time: Packed
    epoch: Packed
    row: Packed
    """The difference from the last row that is known; null where it is not."""
    count: Count = 0
    first_step: Whole = 0
    first_time: Whole = 0
    first_epoch: Whole = 0
    first_row: Whole = 0


class Opening(Struct, frozen=True):
    """The part of the document that every version has."""

    format: str
    header: Header


class EarlierCounts(Struct, frozen=True):
    """The number of configs and of kinds of adoptions in the earlier segments of the chain."""

    configs: Number = 0
    kinds: Number = 0


class Sealed(Struct, frozen=True, omit_defaults=True):
    """The document: the entries of the open segment, grouped by kind."""

    format: str
    header: Header
    configs: Raw
    """`ConfigColumns`, or a list of `ConfigLine` up to version 2.

    It is decoded separately, so that it does not keep the document in memory.
    """
    records: RecordColumns
    mixes: MixColumns
    events: list[Raw]
    """The lines of the other kinds. Each is decoded by itself, so that an unknown kind costs that line only."""
    requests: tuple[Request, ...] = ()
    draws: tuple[Draws, ...] = ()
    before: EarlierCounts = EarlierCounts()
    epochs: EpochColumns | None = None
