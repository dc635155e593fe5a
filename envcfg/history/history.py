"""A history: everything that was recorded of one run, immutable, whatever it was read from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from envcfg.core import diff
from envcfg.core.diff import Change
from envcfg.core.errors import SourceError
from envcfg.core.record import Cause, Ending, Failure, Job, Link, Mix, Record
from envcfg.core.tree import Config


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a config was adopted: which rank's which worker's which slot."""

    rank: int
    worker: int
    slot: int


@dataclass(frozen=True, slots=True)
class Adoption:
    """A record, with the place it speaks of."""

    place: Place
    record: Record


@dataclass(frozen=True, slots=True)
class Transaction:
    """One decision of the curriculum: all slots that adopted the same task and config for the same request.

    Without a request of its own, what is adopted at one step is one decision. Number 1 is the initial config.
    """

    number: int
    step: int
    """When the first slot adopted it."""
    last_step: int
    """When the last slot adopted it."""
    epoch: int | None
    time: float
    task: str | None
    before: str | None
    """Digest of what the first slot ran until then; None for its first config."""
    config: str
    requested_at: int | None
    cause: Cause | None
    places: tuple[Place, ...]
    """In the order in which they adopted it."""

    @property
    def is_initial(self) -> bool:
        return self.before is None


@dataclass(frozen=True)
class History:
    """One run: what was adopted in order of step, every config by its digest, and how it ended."""

    run: str
    adoptions: tuple[Adoption, ...]
    configs: Mapping[str, Config]
    mixes: tuple[Mix, ...] = ()
    jobs: tuple[Job, ...] = ()
    links: tuple[Link, ...] = ()
    """Runs of tracking services that the metrics went to."""
    failures: tuple[Failure, ...] = ()
    ending: Ending | None = None
    """How the last session ended."""
    sessions: int = 1
    abandoned: tuple[Adoption, ...] = ()
    """Records of a branch that a restart went back behind: kept, and counted nowhere."""
    losses: tuple[str, ...] = ()
    """One sentence for each thing that could not be read."""
    folder: Path | None = None
    """The journal it was read from."""
    logs: tuple[Path, ...] = field(default=(), repr=False)
    """W&B transaction logs of the run, oldest first: where its trainer's metrics are."""

    @property
    def status(self) -> str:
        """`completed`, `failed`, `interrupted`, `cut off` where the last session wrote no ending, or `not recorded`."""
        if self.ending is None:
            return "cut off" if self.sessions else "not recorded"
        return self.ending.status

    @property
    def curriculum(self) -> str | None:
        return next((job.curriculum for job in reversed(self.jobs) if job.curriculum), None)

    @property
    def last_step(self) -> int:
        """The last environment step that anything recorded speaks of."""
        steps = [adoption.record.step for adoption in self.adoptions[-1:]] + [mix.step for mix in self.mixes[-1:]]
        return max([*steps, (self.ending and self.ending.step) or 0])

    @property
    def last_epoch(self) -> int | None:
        epochs = [mix.epoch for mix in self.mixes] + [adoption.record.epoch for adoption in self.adoptions]
        epochs += [self.ending.epoch] if self.ending else []
        return max((epoch for epoch in epochs if epoch is not None), default=None)

    @cached_property
    def transactions(self) -> tuple[Transaction, ...]:
        """The changes, by number."""
        return _transactions(self.adoptions)

    @cached_property
    def adopted(self) -> Mapping[str, int]:
        """How often each task was adopted, unchanged adoptions included, most frequent first."""
        counts: dict[str, int] = {}
        for mix in self.mixes:
            for task, count in mix.adopted.items():
                counts[task] = counts.get(task, 0) + count
        _add_untallied(counts, self.adoptions)
        return MappingProxyType(dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))))

    def config(self, digest: str) -> Config:
        """The config with this digest; raises `SourceError` where the journal lost it."""
        try:
            return self.configs[digest]
        except KeyError:
            raise SourceError(
                f"the config {digest} of run {self.run} is not in what could be read of its journal"
            ) from None

    def changes(self, transaction: Transaction) -> tuple[Change, ...]:
        """What a transaction changed, leaf by leaf; empty for an initial config or a mere change of task name."""
        if transaction.before is None or {transaction.before, transaction.config} - self.configs.keys():
            return ()
        return diff.diff(self.configs[transaction.before], self.configs[transaction.config])

    def at(self, step: int, place: Place | None = None) -> Config:
        """The config in force at *step*: of one place, or of most places.

        Raises `SourceError` for a step before the first record.
        """
        return self.config(self.digest_at(step, place))

    def digest_at(self, step: int, place: Place | None = None) -> str:
        """The digest of the config in force at *step*."""
        held: dict[Place, str] = {}
        for adoption in self.adoptions:
            if adoption.record.step > step:
                break
            held[adoption.place] = adoption.record.config
        if place is not None:
            held = {key: value for key, value in held.items() if key == place}
        if not held:
            who = "anything" if place is None else f"{place}"
            raise SourceError(f"no config of {who} was recorded up to step {step} of run {self.run}")
        return _most_common(list(held.values()))


def _most_common(digests: Sequence[str]) -> str:
    """The most frequent one; of several, the one that was there first."""
    counts: dict[str, int] = {}
    for digest in digests:
        counts[digest] = counts.get(digest, 0) + 1
    return max(counts, key=lambda digest: counts[digest])


def _transactions(adoptions: Sequence[Adoption]) -> tuple[Transaction, ...]:
    held: dict[Place, Record] = {}
    bundles: dict[object, list[tuple[Adoption, Record | None]]] = {}
    for adoption in adoptions:
        record, previous = adoption.record, held.get(adoption.place)
        held[adoption.place] = record
        if previous is not None and (previous.task, previous.config) == (record.task, record.config):
            continue  # a new session, or a new template of the same values
        moment = ("step", record.step) if record.requested_at is None else ("request", record.requested_at)
        bundles.setdefault((record.task, record.config, moment, previous is None), []).append((adoption, previous))
    return tuple(_transaction(number, bundle) for number, bundle in enumerate(bundles.values(), start=1))


def _transaction(number: int, bundle: Sequence[tuple[Adoption, Record | None]]) -> Transaction:
    first, previous = bundle[0][0].record, bundle[0][1]
    return Transaction(
        number=number,
        step=first.step,
        last_step=bundle[-1][0].record.step,
        epoch=first.epoch,
        time=first.time,
        task=first.task,
        before=None if previous is None else previous.config,
        config=first.config,
        requested_at=first.requested_at,
        cause=first.cause,
        places=tuple(adoption.place for adoption, _ in bundle),
    )


def _add_untallied(counts: dict[str, int], adoptions: Sequence[Adoption]) -> None:
    """A run that was cut off has records whose tally was never written: each was one adoption at least."""
    recorded: dict[str, int] = {}
    for adoption in adoptions:
        task = adoption.record.task or ""
        recorded[task] = recorded.get(task, 0) + 1
    for task, count in recorded.items():
        counts[task] = max(counts.get(task, 0), count)
