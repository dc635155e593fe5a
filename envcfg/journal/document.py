"""What a sealed segment says: the structure of its one JSON document, `docs/journal-format.md` explains it."""

from typing import Annotated, Final, TypeAlias

from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from envcfg.core.record import Cause, Ending, Failure, Job, Link, Request, Whole
from envcfg.journal.format import Header
from envcfg.journal.packing import Packed

SEALED_FORMAT: Final = "envcfg-segment"
TICKS: Final = {1: 1_000_000, 2: 1_000}
"""Units of a column of times in a second, by format version."""

Count: TypeAlias = Annotated[int, Meta(ge=0, le=1 << 24)]
"""Rows of a segment; a column of one value says no more about how many there are."""


class RecordColumns(Struct, frozen=True, omit_defaults=True):
    """Version 1 had neither `count`, `first_step`, `first_time`, `lag` nor `adopted`, but what follows them."""

    step: Packed
    time: Packed
    slot: Packed
    epoch: Packed
    episode: Packed
    cause: Packed
    causes: list[Cause | None]
    configs: list[str]
    tasks: list[str | None]
    templates: list[str | None]
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


class Sealed(Struct, frozen=True, omit_defaults=True):
    """The document: what the open segment held, by kind."""

    format: str
    header: Header
    configs: Raw
    """`ConfigLine`s, which are decoded apart so that their bytes do not keep the whole document in memory."""
    records: RecordColumns
    mixes: MixColumns
    events: list[Job | Link | Failure | Ending]
    requests: tuple[Request, ...] = ()
