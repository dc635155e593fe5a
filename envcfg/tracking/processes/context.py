"""The process in which a tracker records: its creator, or a worker that received it by pickle or fork."""

from pathlib import Path

from envcfg.core.record import Writer
from envcfg.tracking.processes.handoff import PickledState
from envcfg.tracking.processes.shared_step import SharedStep


class ProcessContext:
    """The current process of a tracker. The creating process shares its steps, and workers read them."""

    def __init__(self, state: PickledState, *, is_made_here: bool) -> None:
        self.state = state
        self.is_elsewhere = not is_made_here
        """Whether the tracker arrived in another process, and has not recorded anything there yet."""
        self.is_worker = False
        self.is_shared = False
        """Whether other processes may read the steps."""
        self.is_alone = is_made_here
        """Whether this process created the tracker, and no other process reads its steps."""
        self._shared_step = SharedStep(Path(state.folder), state.writer.session)

    def after_fork(self) -> None:
        """Note that this process is the child of a fork."""
        self.is_elsewhere = True
        self.is_shared = self.is_alone = False

    def move(self) -> Writer:
        """Record in this process from now on; returns the writer for its shard."""
        self.is_elsewhere = False
        self.is_worker = True
        return self.state.writer_here()

    def share(self, step: int, epoch: int | None) -> None:
        """Share the steps with workers from now on; raises `OSError` if the shared file cannot be created."""
        if not (self.is_worker or self.is_elsewhere or self.is_shared):
            self._shared_step.share(step, epoch)
            self.is_shared, self.is_alone = True, False

    def write(self, step: int, epoch: int | None) -> None:
        """Write the current step for workers; does nothing in a worker."""
        if self.is_shared:
            self._shared_step.write(step, epoch)

    def with_shared_step(self, step: int | None, epoch: int | None) -> tuple[int | None, int | None]:
        """*step* and *epoch*. In a worker, the trainer's latest values replace missing ones."""
        reached = self._shared_step.read() if self.is_worker else None
        if reached is None or reached.step < 0:
            return step, epoch
        return reached.step if step is None else step, reached.epoch if epoch is None else epoch

    def end(self) -> None:
        """Stop sharing the steps."""
        if self.is_shared:
            self.is_shared = False
            self._shared_step.end()
