"""What a sink of your own begins with: a class whose methods do nothing."""

from pathlib import Path
from typing import Protocol

from envcfg.core.record import Ending, Job, Mix, Record
from envcfg.core.tree import Config


class Journal(Protocol):
    """The journal that a sink belongs to. Read from it, and never write into its folder."""

    @property
    def folder(self) -> Path:
        """The folder of the journal. Its parent is the output folder of the job."""

    @property
    def run(self) -> str:
        """The name of the run. All ranks, workers and sessions of a run share it."""

    @property
    def session(self) -> str:
        """A random name of this start of the training program."""

    @property
    def rank(self) -> int:
        """The number of this process in a distributed training; 0 for the only one."""


class BaseSink:
    """A sink that ignores everything. Override the methods that you need.

    Each tracker calls its sinks in the process that made it, on the thread that called the tracker, and after the
    journal has been written. So a method must return at once: do slow work on a thread of your own. Workers that live
    in other processes call no sinks; what they record arrives at the end of an epoch.

    An exception costs this one call: it is counted in the journal, shown once, and training goes on. With `strict` it
    reaches the training loop.
    """

    def opened(self, journal: Journal, job: Job) -> None:
        """Recording begins; called once, before every other method.

        *job* says what the program was started as: its name, its overrides, its curriculum.
        """

    def recorded(self, record: Record, config: Config) -> None:
        """A slot adopted another config, or the same one under another task name.

        `record.step` counts environment steps over all slots. `record.time` is in seconds since the Unix epoch.
        *config* is a nested dict with every interpolation resolved and every secret removed: do not change it.
        """

    def missed(self, ineffective_keys: int) -> None:
        """So many keys were requested and are in force in no slot; called only where requests are recorded."""

    def mixed(self, mix: Mix) -> None:
        """The tally of an epoch: the stated task probabilities, adoptions by task, and rewards by task.

        Called before `epoch_ended`, for this process and for each worker; not called where nothing happened.
        """

    def epoch_ended(self, *, step: int, epoch: int) -> None:
        """An epoch ended, at environment step *step*: publish what belongs together."""

    def closed(self, ending: Ending) -> None:
        """The session ended and the journal is sealed; called last. `ending.status` says how it ended.

        Not called where the process was killed.
        """
