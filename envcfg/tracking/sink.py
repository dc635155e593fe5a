"""The protocol of sinks, which receive each entry after the journal has it."""

from typing import Protocol

from envcfg.core.drawn import Draws
from envcfg.core.record import Ending, Job, Mix, Record, Request
from envcfg.core.tree import Config
from envcfg.journal.segment import SegmentWriter


class Sink(Protocol):
    """Receives each entry in order, on the training thread. Every method must return at once, without blocking.

    An exception in a sink is counted and shown once. It does not reach the training loop.
    """

    def opened(self, journal: SegmentWriter, job: Job) -> None:
        """The journal is open. Its files can be read at any time; `journal.writer.run` is the name of the run."""

    def recorded(self, record: Record, config: Config) -> None:
        """A slot adopted another config, or the same config under another task name."""

    def slots_ended(self, slots: tuple[int, ...]) -> None:
        """The environments of these training slots ended."""

    def requested(self, request: Request) -> None:
        """The trainer requested a config, for slots to adopt."""

    def missed(self, ineffective_keys: int) -> None:
        """The number of ineffective keys changed; called from the first request on."""

    def mixed(self, mix: Mix) -> None:
        """The task probabilities and counts of the epoch that is ending."""

    def drew(self, draws: Draws) -> None:
        """Parameters were drawn anew at resets: their distributions, since the last call."""

    def epoch_ended(self, *, step: int, epoch: int) -> None:
        """An epoch ended: publish everything about it at once."""

    def closed(self, ending: Ending) -> None:
        """The session ended and the journal is sealed."""
