"""A recording: the recorded data of one run, from any source."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from envcfg.core import diff
from envcfg.core.code import Code, Coded
from envcfg.core.diff import Edit
from envcfg.core.drawn import Draws
from envcfg.core.errors import SourceError
from envcfg.core.record import NOT_RECORDED, Ending, EpochEnd, Failure, Job, Link, Mix, Phase
from envcfg.core.tree import Config
from envcfg.history.adoptions import Adoptions
from envcfg.history.answers import Answer, Requested, answers
from envcfg.history.changes import Change, Changes
from envcfg.history.decisions import decisions, has_variants
from envcfg.history.lives import Life, Lives, without_ends
from envcfg.history.occupancy import occupancy
from envcfg.history.parameters import Parameters
from envcfg.journal.columns import NONE

INCOMPLETE: Final = "incomplete"
"""The status text of a run that completed, if a part of its recording is missing."""
_NOTHING_LOST: Final = frozenset({Code.TORN, Code.EMPTY})
"""The call that wrote the line had not returned."""


class Span(NamedTuple):
    """One session: when it began, and the step from which on a later session has replaced it."""

    begun: float
    """In seconds since the Unix epoch."""
    end: float
    """In environment steps; infinity if nothing of it was replaced."""


@dataclass(frozen=True)
class Evaluation:
    """The adoptions and the lives of environments that do not train."""

    adoptions: Adoptions
    lives: tuple[Life, ...]


class OtherRun(NamedTuple):
    """Another run in the same folder."""

    id: str
    run: str
    """Its name, which may be the same."""
    overrides: tuple[str, ...]
    is_concurrent: bool
    """Whether both wrote at the same time."""
    where: str = ""
    """What to type for it."""


@dataclass(frozen=True, repr=False)
class Recording:
    """One run: its adoptions in order of step, its configs by digest, and how it ended."""

    run: str
    adoptions: Adoptions
    configs: Mapping[str, Config]
    requests: tuple[Requested, ...] = ()
    """The requests, in order of step, if the trainer or an adapter recorded them."""
    mixes: tuple[Mix, ...] = ()
    drawn: tuple[Draws, ...] = ()
    """The draws of parameters, in order of step, if the environment is randomised; from format version 4 on."""
    epochs: tuple[EpochEnd, ...] = ()
    """The ends of epochs, in order of step; from format version 4 on."""
    phases: tuple[Phase, ...] = ()
    """The phases, in order of step; empty if the training program never went back and named no stage."""
    spans: tuple[Span, ...] = ()
    """The sessions, in order of time."""
    jobs: tuple[Job, ...] = ()
    links: tuple[Link, ...] = ()
    """The runs of tracking services, such as W&B, that received the metrics."""
    failures: tuple[Failure, ...] = ()
    ending: Ending | None = None
    """How the last session ended."""
    sessions: int = 1
    abandoned: Adoptions = field(default_factory=lambda: Adoptions.of(()))
    """Records after the step from which a later session restarted. They are kept, but not counted."""
    told_lives: tuple[Life, ...] = field(default=(), repr=False)
    """The lives of the slots, if the source has them. `lives` has them for every recording."""
    evaluation: Evaluation | None = field(default=None, repr=False)
    """The adoptions of evaluation environments. They are in no summary of the training."""
    until: int = field(default=0, repr=False)
    """The last step of the whole run, if this is a part of it."""
    losses: tuple[Coded, ...] = ()
    """One message for each part that could not be read."""
    notes: tuple[Coded, ...] = ()
    """What people should know of where the recording comes from, although nothing of it is lost."""
    id: str = ""
    """The id of the run. Two runs may have one name, and never one id."""
    others: tuple[OtherRun, ...] = ()
    """The other runs in its folder."""
    folder: Path | None = None
    """The folder of the journal."""
    logs: tuple[Path, ...] = field(default=(), repr=False)
    """The W&B transaction logs of the run, oldest first. They contain the metrics of the trainer."""
    metrics: tuple[str, ...] = field(default=(), repr=False)
    """Where the metrics are, if `load` was told: files, folders, or runs of tracking services."""

    @property
    def status(self) -> str:
        """`completed`, `failed`, `interrupted`, `cut off` if the last session wrote no ending, or `not recorded`.

        A run that completed and of which a part is missing is `incomplete`.
        """
        if self.ending is None:
            return "cut off" if self.sessions else NOT_RECORDED
        status = self.ending.status_text
        return INCOMPLETE if status == "completed" and not self.is_whole else status

    @property
    def is_whole(self) -> bool:
        """Whether everything that was recorded could be read, as far as that is known."""
        return all(loss.code in _NOTHING_LOST for loss in self.losses)

    @property
    def first_step(self) -> int | None:
        """The first environment step in the recording; None if nothing was recorded."""
        found = [*self.adoptions.columns.step[:1], *(mix.step for mix in self.mixes[:1])]
        found += [end.step for end in self.epochs[:1]] + [draws.since for draws in self.drawn[:1]]
        return min(found, default=None)

    @property
    def curriculum(self) -> str | None:
        return next((job.curriculum for job in reversed(self.jobs) if job.curriculum), None)

    @property
    def last_step(self) -> int:
        """The last environment step in the recording."""
        steps = [*self.adoptions.columns.step[-1:], *(mix.step for mix in self.mixes[-1:])]
        steps += [end.step for end in self.epochs[-1:]] + [draws.step for draws in self.drawn[-1:]]
        steps += [asked.request.step for asked in self.requests[-1:]]
        return max([*steps, self.until, (self.ending and self.ending.step) or 0])

    @property
    def last_epoch(self) -> int | None:
        epochs = [mix.epoch for mix in self.mixes if mix.epoch is not None] + [end.epoch for end in self.epochs]
        epochs += [draws.epoch for draws in self.drawn if draws.epoch is not None]
        epochs += [self.ending.epoch] if self.ending and self.ending.epoch is not None else []
        last = max([*epochs, max(self.adoptions.columns.epoch, default=NONE)], default=NONE)
        return None if last == NONE else last

    @cached_property
    def lives(self) -> Lives:
        """The life spans of the slots that train."""
        found = self.told_lives or without_ends(self.adoptions)
        return Lives(found, rows=len(self.adoptions), last_step=self.last_step)

    @cached_property
    def changes(self) -> Changes:
        """The changes, by number. `changes.with_initial` also has the initial configs."""
        if not self.requests or not has_variants(self.adoptions):
            return Changes(self.adoptions)
        return Changes(self.adoptions, decisions(self.requests, self.answers))

    def numbered(self, number: int) -> Sequence[Change]:
        """The change with this number; for 0 the initial configs. Raises `SourceError` if there is none."""
        found = self.changes.initial if number == 0 else self.changes[number - 1 : number] if number > 0 else ()
        if not found:
            raise SourceError(
                f"run {self.run} has no change {number}: its initial config has number 0, and it has "
                f"{len(self.changes):,} change{'s' * (len(self.changes) != 1)} after it"
            )
        return found

    @cached_property
    def parameters(self) -> Parameters:
        """Each parameter by itself, over the living slots."""
        return Parameters(occupancy(self.adoptions, self.lives), self.changes, self.configs)

    @cached_property
    def adopted(self) -> Mapping[str, int]:
        """The number of adoptions of each task, unchanged ones included, most frequent first."""
        counts: dict[str, int] = {}
        for mix in self.mixes:
            for task, count in mix.adopted.items():
                counts[task] = counts.get(task, 0) + count
        _add_untallied(counts, self.adoptions)
        return MappingProxyType(dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))))

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """The outcome of each request in each of its slots, sorted by request, then by slot."""
        return answers(self.requests, self.adoptions, self.configs)

    def config(self, digest: str) -> Config:
        """The config with this digest; raises `SourceError` if it could not be read."""
        try:
            return self.configs[digest]
        except KeyError:
            raise SourceError(f"config {digest} of run {self.run} could not be read from its journal") from None

    def edits(self, change: Change) -> tuple[Edit, ...]:
        """The edits of *change*, leaf by leaf; empty for an initial config, or if only the task name changed."""
        if change.before is None or {change.before, change.config} - self.configs.keys():
            return ()
        return diff.diff(self.configs[change.before], self.configs[change.config])


def _add_untallied(counts: dict[str, int], adoptions: Adoptions) -> None:
    """Raise *counts* to the number of records: the counts of a run that was cut off may be missing."""
    adopted, recorded = adoptions.columns.adopted, Counter[str]()
    for position, count in Counter(adopted.index).items():
        recorded[adopted.values[position].task or ""] += count
    for task, count in recorded.items():
        counts[task] = max(counts.get(task, 0), count)
