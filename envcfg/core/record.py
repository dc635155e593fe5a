"""The entries of a journal: which slot adopted which config, when and why."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, TypeAlias, get_args

from msgspec import Struct, field
from msgspec.structs import replace

from envcfg.core.code import Code
from envcfg.core.diff import Edit
from envcfg.core.drawn import Draws
from envcfg.core.errors import ConfigError
from envcfg.core.tree import Config
from envcfg.core.units import Seconds, Whole

CauseKind = Literal["initial", "curriculum", "schedule", "manual", "resume"]
CAUSE_KINDS: Final[tuple[str, ...]] = get_args(CauseKind)
Status = Literal["completed", "failed", "interrupted"]
STATUSES: Final[tuple[str, ...]] = get_args(Status)
Role = Literal["train", "eval"]
ROLES: Final[tuple[str, ...]] = get_args(Role)
EVALUATION: Final = 1 << 24
"""Slot 0 of the evaluation environments has this number in the journal, so that it is not slot 0 of the training."""
NOT_RECORDED: Final = "not recorded"
"""The status text if it is unknown how a session ended."""


MAX_CONFIG: Final = 12 << 20
"""The most bytes of a config that is recorded. A reader accepts larger segments: they begin with other entries."""


class Cause(Struct, frozen=True, omit_defaults=True, gc=False):
    """Why a config was adopted: the kind (one of `CAUSE_KINDS`) and, if known, the metric that triggered it."""

    kind: str
    metric: str | None = None
    value: float | None = None
    threshold: float | None = None
    note: str | None = None
    delay: Whole | None = None
    """The epochs that the change waited after its rule was met, if this delay was drawn at random."""
    propensity: float | None = None
    """The probability of that delay, such as 0.2 for a uniform draw of 0 to 4 epochs."""


class Writer(Struct, frozen=True, omit_defaults=True):
    """The writer of a segment. Rank and worker identify the shard of a run; session identifies one start of it."""

    run: str
    """The name of the run, for people. Two runs may have the same one."""
    session: str
    rank: int = 0
    worker: int = 0
    id: str = ""
    """The id of the journal, at random; from format version 4 on."""
    resumes: str = ""
    """The earlier session of the shard that this one may continue; empty for none, or if it is not known."""


class Job(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="job"):
    """How the program was started; written once in a session."""

    time: Seconds
    curriculum: str | None = None
    name: str | None = None
    overrides: tuple[str, ...] = ()
    config: str | None = None
    """The digest of the composed config of the whole job."""
    template: str | None = None
    """The digest of the same config with its interpolations as written."""
    metric_step: str | None = None
    """The key of the trainer's rows that counts environment steps, if the trainer states it."""
    signed: str | None = None
    """A digest of the overrides that only the user who recorded them can make; None if there are no overrides."""
    commit: str | None = None
    """The hash of the git commit of the program; None if it is not known."""
    modified: bool | None = None
    """Whether tracked files of the program differed from the commit; None if it is not known."""


class Stored(Struct, frozen=True):
    """A config that records refer to by its digest."""

    digest: str
    config: Config
    size: int = 0
    """The size of the canonical encoding in bytes; 0 if unknown."""
    base: str | None = None
    """The digest of a config that differs from this one in *edits* only."""
    edits: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        if self.size > MAX_CONFIG:
            said = f"a config of {self.size:,} bytes: expected at most {MAX_CONFIG:,}"
            raise ConfigError(said, code=Code.CONFIG_SIZE)


class Record(Struct, frozen=True, omit_defaults=True, gc=False, tag_field="t", tag="record"):
    """A slot adopted another config, or the same config under another task name."""

    step: Whole
    """The environment step, all slots together, at which the slot adopted it."""
    slot: Whole
    config: str
    """The digest of the config with every interpolation resolved."""
    time: Seconds
    """Seconds since the Unix epoch."""
    epoch: Whole | None = None
    episode: Whole | None = None
    task: str | None = None
    template: str | None = None
    """The digest of the config with its interpolations as written, if it has any."""
    requested_at: Whole | None = None
    """The step at which the slots were asked to adopt it, if it was recorded. If the change waited for a random delay,
    this is the step after the wait, not the step at which the rule was met."""
    cause: Cause | None = None

    def explained(self, request: "Request") -> "Record":
        """A copy in which *request* fills in the missing step of the decision and the missing cause."""
        asked = request.step if self.requested_at is None else self.requested_at
        record: Record = replace(self, requested_at=asked, cause=self.cause or request.cause)
        return record


class Request(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="request"):
    """A request to slots, by a curriculum or a call such as `set_attr`. Records show whether it became effective."""

    step: Whole
    """The environment step of the request, all slots together."""
    config: str
    """The digest of the request: a whole config, or some leaves of one."""
    time: Seconds
    slots: tuple[Whole, ...] | None = None
    """None for every slot of the rank, in all its workers."""
    epoch: Whole | None = None
    task: str | None = None
    cause: Cause | None = None


class Returns(NamedTuple):
    """The returns of the episodes of one task that ended since the last mix."""

    episodes: Whole
    mean: float
    squares: float | None = None
    """The sum of the squared deviations from the mean, if it is known."""
    length: float | None = None
    """The mean length of the episodes, in environment steps of their own slot, if it is known."""


class Mix(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="mix"):
    """The task probabilities of the curriculum, and the counts and rewards since the last mix."""

    step: Whole
    time: Seconds
    epoch: Whole | None = None
    stated: Mapping[str, float] | None = None
    adopted: Mapping[str, Whole] = field(default_factory=lambda: MappingProxyType({}))
    """The adoptions of each task, unchanged ones included; '' for a task without a name."""
    rewards: Mapping[str, Returns] | None = None
    """For each task, the returns of the episodes that ended since the last mix, if an adapter or the trainer has them.
    """


class EpochEnd(Struct, frozen=True, omit_defaults=True, gc=False, tag_field="t", tag="epoch"):
    """An epoch ended. All of them together relate steps, epochs, times and the rows of a tracking service."""

    step: Whole
    epoch: Whole
    time: Seconds
    row: Whole | None = None
    """The row of the tracking service that comes next (`_step` in W&B), if there is such a service and it is known."""


class Phase(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="phase"):
    """From this step on, the training program counts from another number, or a stage with a name begins."""

    step: Whole
    """The environment step of the run at which the phase begins."""
    time: Seconds
    number: Whole
    """From 0 for the beginning of the run."""
    name: str | None = None
    """None if the steps or the epochs went back without a call that begins a phase."""
    phase_step: Whole = 0
    """The step at which the training program began to count in this phase."""
    epoch: Whole = 0
    """The epoch of the run that the training program calls epoch 0."""


class SlotEvent(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="slot"):
    """Environments ended in their slots. The next record of such a slot is one of another environment."""

    step: Whole
    time: Seconds
    event: str
    """The reason of the end: `closed`, `replaced` or `died`. A reader ignores other events."""
    slots: tuple[Whole, ...] | None = None
    """None for every slot of the worker."""
    worker: Whole | None = None
    """The worker of the slots, if another process writes the event; None for the writer itself."""
    after: Whole = 0
    """The number of records before it in its segment."""


class Link(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="link"):
    """The run of a tracking service that receives the metrics of this run."""

    time: Seconds
    service: str
    id: str
    project: str | None = None
    entity: str | None = None
    mode: str | None = None
    folder: str | None = None
    """The name of its folder, without a path."""
    name: str | None = None
    """The display name of the run in the service, if known."""
    marked: bool = False
    """Whether each row has, as `env_config/step`, the step of the run at which it was logged."""


class Concurrent(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="concurrent"):
    """Another session wrote to the same shard while this one did."""

    session: str
    time: Seconds


class Failure(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="failure"):
    """A failure in envcfg while the training continued: its place, its message, and its count so far."""

    where: str
    message: str
    count: Whole
    time: Seconds
    code: Code = Code.UNKNOWN
    """A reader treats an unknown code as `UNKNOWN`."""


class Ending(Struct, frozen=True, omit_defaults=True, tag_field="t", tag="ending"):
    """The end of a session. A session without an ending was cut off."""

    status: Status
    time: Seconds
    step: Whole | None = None
    epoch: Whole | None = None
    unknown: bool = False
    """Whether the status is unknown: after `sys.exit` without a close, or after a notebook. Then ignore *status*."""
    records: Whole | None = None
    """The number of records of this process; from format version 4 on."""
    segments: Mapping[str, Whole] | None = None
    """The number of the last segment of each shard at this time. Only the training process of a rank lists them."""

    @property
    def status_text(self) -> str:
        """The status, or `not recorded` if it is unknown."""
        return NOT_RECORDED if self.unknown else self.status


Entry: TypeAlias = (
    Job | Stored | Record | Request | Mix | Draws | EpochEnd | Phase | SlotEvent | Link | Concurrent | Failure | Ending
)
"""Any entry of a journal."""
