"""The base class for your own sink. Its methods do nothing."""

from pathlib import Path
from typing import Protocol

from envcfg.core.drawn import Draws
from envcfg.core.record import Ending, Job, Mix, Record, Request
from envcfg.core.tree import Config


class Journal(Protocol):
    """The journal of the run. A sink may read its folder, but must not write there."""

    @property
    def folder(self) -> Path:
        """The folder of the journal. Its parent is the output folder of the job."""

    @property
    def run(self) -> str:
        """The name of the run. All ranks, workers and sessions of a run share it."""

    @property
    def session(self) -> str:
        """A random name for this start of the training program."""

    @property
    def rank(self) -> int:
        """The number of this process in a distributed training; 0 in any other training."""


class BaseSink:
    """A sink that ignores everything. Override the methods that you need.

    A tracker calls its sinks in its own process, on the thread that called the tracker, after the journal was written.
    A method must return at once, so do slow work on your own thread. Workers in other processes call no sinks. Their
    records arrive at the end of an epoch.

    If a method raises an exception, the exception is counted in the journal and shown once. Training goes on. With
    `strict`, the exception reaches the training loop.
    """

    row: int | None = None
    """If a service numbers its rows: the number of the row that comes next, as far as it is known.

    The journal keeps it at each end of an epoch, so that rows can be placed on environment steps later.
    """

    def opened(self, journal: Journal, job: Job) -> None:
        """Recording begins. This is called once, before every other method.

        *job* describes how the program was started: its name, its overrides and its curriculum.
        """

    def recorded(self, record: Record, config: Config) -> None:
        """A slot adopted another config, or the same config under another task name.

        `record.step` counts environment steps over all slots. `record.time` is in seconds since the Unix epoch.
        *config* is a nested dict without interpolations and without secrets. Do not change it.
        """

    def slots_ended(self, slots: tuple[int, ...]) -> None:
        """The environments of these slots ended. What they adopted is in force no longer."""

    def requested(self, request: Request) -> None:
        """The trainer requested a config. Slots adopt it later, at their resets."""

    def missed(self, ineffective_keys: int) -> None:
        """The number of ineffective keys changed. This is called only if requests are recorded."""

    def mixed(self, mix: Mix) -> None:
        """The counts of an epoch: the task probabilities, and the adoptions and rewards of each task.

        This is called before `epoch_ended`, for this process and for each worker, but not for an epoch without counts.
        """

    def drew(self, draws: Draws) -> None:
        """The distributions of parameters that were drawn anew at resets, in an epoch, for one task and branch.

        This is called before `epoch_ended`, for this process and for each worker. With many resets in an epoch, it is
        called several times.
        """

    def epoch_ended(self, *, step: int, epoch: int) -> None:
        """An epoch ended at environment step *step*. Publish everything about it now."""

    def closed(self, ending: Ending) -> None:
        """The session ended and the journal is sealed. `ending.status` says how the session ended.

        This is called last. It is not called if the process is killed.
        """
