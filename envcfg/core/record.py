"""What a journal says: who adopted which config, when and why."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final, Literal, TypeAlias, get_args

from msgspec import Meta, Struct, field

from envcfg.core.code import Code
from envcfg.core.diff import Edit
from envcfg.core.tree import Config

CauseKind = Literal["initial", "curriculum", "schedule", "manual", "resume"]
CAUSE_KINDS: Final[tuple[str, ...]] = get_args(CauseKind)
Status = Literal["completed", "failed", "interrupted"]
STATUSES: Final[tuple[str, ...]] = get_args(Status)
NOT_RECORDED: Final = "not recorded"
"""What is said of an ending that nobody knows."""


LATEST: Final = 253_402_300_799
"""The end of the year 9999, in seconds since the Unix epoch."""
Whole: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""A whole number that a column of 64 bits holds; a reader refuses another."""
Seconds: TypeAlias = Annotated[float, Meta(ge=0, le=LATEST)]
"""Since the Unix epoch, up to `LATEST`; a reader refuses another."""


class Cause(Struct, frozen=True, omit_defaults=True, gc=False):
    """Why a config was adopted: its kind (one of `CAUSE_KINDS`) and, where known, what triggered it."""

    kind: str
    metric: str | None = None
    value: float | None = None
    threshold: float | None = None
    note: str | None = None
    delay: Whole | None = None
    """Epochs that the decision waited after its reason was there, where that was drawn at random."""
    propensity: float | None = None
    """The probability with which that delay was drawn: 0.2 where it was one of 0 to 4 epochs."""


class Writer(Struct, frozen=True):
    """Who writes a segment: rank and worker tell the shards of one run apart, session the starts of one."""

    run: str
    session: str
    rank: int = 0
    worker: int = 0


class Job(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="job"):
    """What the program was started as, written once a session."""

    time: Seconds
    curriculum: str | None = None
    name: str | None = None
    overrides: tuple[str, ...] = ()
    config: str | None = None
    """Digest of the composed config of the whole job."""
    template: str | None = None
    """Digest of the same config with its interpolations as written."""


class Stored(Struct, frozen=True):
    """A config that records refer to by its digest."""

    digest: str
    config: Config
    size: int = 0
    """Bytes of its canonical encoding; 0 where nobody measured."""
    base: str | None = None
    """Digest of a config that it is known to differ from in *edits* and nothing else."""
    edits: tuple[Edit, ...] = ()


class Record(Struct, frozen=True, omit_defaults=True, gc=False, tag_field="t", tag="record"):
    """A slot adopted a config: another one than it had, or under another task name."""

    step: Whole
    """Environment steps, all slots together, when the slot adopted it."""
    slot: Whole
    config: str
    """Digest of the config with every interpolation resolved."""
    time: Seconds
    """Seconds since the Unix epoch."""
    epoch: Whole | None = None
    episode: Whole | None = None
    task: str | None = None
    template: str | None = None
    """Digest of the config with its interpolations as written, where there were any."""
    requested_at: Whole | None = None
    """The step at which the curriculum decided, where it said so."""
    cause: Cause | None = None


class Request(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="request"):
    """What slots were asked to run, by a curriculum or a call such as `set_attr`; whether they do, records say."""

    step: Whole
    """Environment steps, all slots together, when it was asked."""
    config: str
    """Digest of what was asked for: a config, or those leaves of one that were named."""
    time: Seconds
    slots: tuple[Whole, ...] | None = None
    """None for every slot of the rank, in whichever worker it lives."""
    epoch: Whole | None = None
    task: str | None = None
    cause: Cause | None = None


class Mix(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="mix"):
    """Task probabilities as the curriculum stated them, and what was adopted and played since the last mix."""

    step: Whole
    time: Seconds
    epoch: Whole | None = None
    stated: Mapping[str, float] | None = None
    adopted: Mapping[str, Whole] = field(default_factory=lambda: MappingProxyType({}))
    """Adoptions of each task, unchanged ones too; a task without a name is ''."""
    rewards: Mapping[str, tuple[Whole, float]] | None = None
    """Episodes of each task that ended since the last mix, and their mean reward, where the trainer said so."""


class Link(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="link"):
    """The run of a tracking service that this run's metrics went to."""

    time: Seconds
    service: str
    id: str
    project: str | None = None
    entity: str | None = None
    mode: str | None = None
    folder: str | None = None
    """The name of its folder; never a path."""
    name: str | None = None
    """What the service calls the run for people, where it was asked."""


class Failure(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="failure"):
    """Something of ours failed and training went on: where, what, and how often so far."""

    where: str
    message: str
    count: Whole
    time: Seconds
    code: Code = Code.UNKNOWN
    """A reader takes one that it does not know for `UNKNOWN`."""


class Ending(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="ending"):
    """A session came to its end; a session without one was cut off."""

    status: Status
    time: Seconds
    step: Whole | None = None
    epoch: Whole | None = None
    unknown: bool = False
    """The program closed nothing and left with `sys.exit`, or a notebook ended: *status* is no more than a word."""

    @property
    def said(self) -> str:
        """The status, where it is known."""
        return NOT_RECORDED if self.unknown else self.status


Entry: TypeAlias = Job | Stored | Record | Request | Mix | Link | Failure | Ending
"""What a journal is made of."""
