"""What a sealed segment says: the structure of its one JSON document, `docs/journal-format.md` explains it."""

from typing import Annotated, Final, TypeAlias

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from envcfg.core.record import Cause, Ending, Failure, Job, Link, Request, Whole
from envcfg.journal.format import Header
from envcfg.journal.sealed.packing import Packed

SEALED_FORMAT: Final = "envcfg-segment"
TICKS: Final = {1: 1_000_000, 2: 1_000, 3: 1_000}
"""Units of a column of times in a second, by format version."""

Count: TypeAlias = Annotated[int, Meta(ge=0, le=1 << 24)]
"""Rows of a segment; a column of one value says no more about how many there are."""
Number: TypeAlias = Count
"""The place of a config, or of a kind of adoption, among those of its chain."""


class Family(Struct, frozen=True, omit_defaults=True):
    """Configs that differ from one other in the same places; configs that are written whole are one with no base."""

    changes: list[tuple[str, str]]
    """RFC 6902: `add`, `remove` or `replace`, and where; the place of a whole config is ''."""
    values: Raw
    """A column for each change that has a value, with a row for each config."""
    base: Number | None = None


class ConfigColumns(Struct, frozen=True):
    """The configs that are new in their chain."""

    digests: str
    """32 hexadecimal digits for each."""
    family: Packed
    families: list[Family]


class Numbers(Struct, frozen=True):
    """A column of whole numbers as differences, the first from `first`."""

    first: Whole
    more: Packed


class RecordColumns(Struct, frozen=True, omit_defaults=True):
    """Up to version 2 `configs` and `templates` were digests. Version 1 had neither `count`, `first_step`,
    `first_time`, `lag` nor `adopted`, but what follows them.
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
    rewards: list[dict[str, tuple[Whole, float]] | None] | UnsetType = UNSET
    """Left out where no mix has any."""


class Opening(Struct, frozen=True):
    """As much of the document as every version has."""

    format: str
    header: Header


class Before(Struct, frozen=True):
    """How many configs and kinds of adoptions the earlier segments of a chain hold."""

    configs: Number = 0
    kinds: Number = 0


class Sealed(Struct, frozen=True, omit_defaults=True):
    """The document: what the open segment held, by kind."""

    format: str
    header: Header
    configs: Raw
    """`ConfigColumns`, up to version 2 `ConfigLine`s, decoded apart so that they do not keep the document in memory."""
    records: RecordColumns
    mixes: MixColumns
    events: list[Job | Link | Failure | Ending]
    requests: tuple[Request, ...] = ()
    before: Before = Before()
