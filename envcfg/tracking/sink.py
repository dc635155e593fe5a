"""Whoever wants to hear what was recorded, after the journal has it, is a sink."""

from typing import Protocol

from envcfg.core.record import Ending, Job, Mix, Record
from envcfg.core.tree import Config
from envcfg.journal.segment import SegmentWriter


class Sink(Protocol):
    """Hears of each entry in order, on the training thread: it must return at once and block on nothing.

    Whatever it raises is counted, shown once and kept from the training loop.
    """

    def opened(self, journal: SegmentWriter, job: Job) -> None:
        """The journal is open; its files can be read at any time, and `journal.writer.run` names the run."""

    def recorded(self, record: Record, config: Config) -> None:
        """A slot adopted another config, or the same one under another task name."""

    def missed(self, ineffective_keys: int) -> None:
        """How many keys slots were asked for and have not come to have; told from the first request on."""

    def mixed(self, mix: Mix) -> None:
        """Task probabilities and tallies of the epoch that is ending."""

    def epoch_ended(self, *, step: int, epoch: int) -> None:
        """An epoch ended: publish what there is to publish about it, in one go."""

    def closed(self, ending: Ending) -> None:
        """The session ended and the journal is sealed."""
