"""Where a tracker records: in the process it was made in, or in a worker that it came to by a pickle or a fork."""

from pathlib import Path

from envcfg.core.record import Writer
from envcfg.tracking.processes.handoff import PickledState
from envcfg.tracking.processes.shared_step import SharedStep


class ProcessContext:
    """The process a tracker is at home in; one that it was made in tells its steps, a worker hears them."""

    def __init__(self, state: PickledState, *, is_made_here: bool) -> None:
        self.state = state
        self.is_elsewhere = not is_made_here
        """Whether the tracker has come to another process, in which it has recorded nothing yet."""
        self.is_worker = False
        self.is_heard = False
        """Whether anybody may hear what is told."""
        self.is_alone = is_made_here
        """Whether this is the process that the tracker was made in, and nobody hears it."""
        self._shared_step = SharedStep(Path(state.folder), state.writer.session)

    def left(self) -> None:
        """This is the child of a fork."""
        self.is_elsewhere = True
        self.is_heard = self.is_alone = False

    def move(self) -> Writer:
        """Be at home in this process from now on; gives who that is in the journal."""
        self.is_elsewhere = False
        self.is_worker = True
        return self.state.writer_here()

    def share(self, step: int, epoch: int | None) -> None:
        """Let workers hear the steps from now on; raises `OSError` where no file can be made for them."""
        if not (self.is_worker or self.is_elsewhere or self.is_heard):
            self._shared_step.share(step, epoch)
            self.is_heard, self.is_alone = True, False

    def tell(self, step: int, epoch: int | None) -> None:
        """The run is there; a worker only hears it."""
        if self.is_heard:
            self._shared_step.tell(step, epoch)

    def told(self, step: int | None, epoch: int | None) -> tuple[int | None, int | None]:
        """What a worker does not know itself is what it was told last."""
        reached = self._shared_step.read() if self.is_worker else None
        if reached is None:
            return step, epoch
        return reached.step if step is None else step, reached.epoch if epoch is None else epoch

    def end(self) -> None:
        """Nothing is told any more."""
        if self.is_heard:
            self.is_heard = False
            self._shared_step.end()
