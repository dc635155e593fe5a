"""Where a tracker records: in the process it was made in, or in a worker that it came to by a pickle or a fork."""

import os
from pathlib import Path

from envcfg.core.record import Writer
from envcfg.tracking.progress import Progress
from envcfg.tracking.shard import Parcel


class Home:
    """The process a tracker is at home in; one that it was made in tells its steps, a worker hears them."""

    def __init__(self, parcel: Parcel, *, is_made_here: bool) -> None:
        self.parcel = parcel
        self.is_worker = False
        self._pid = os.getpid() if is_made_here else 0
        self._progress = Progress(Path(parcel.folder), parcel.writer.session)

    @property
    def is_elsewhere(self) -> bool:
        """Whether the tracker has come to another process, in which it has recorded nothing yet."""
        return os.getpid() != self._pid

    def move(self) -> Writer:
        """Be at home in this process from now on; gives who that is in the journal."""
        self._pid = os.getpid()
        self.is_worker = True
        return self.parcel.writer_here()

    def share(self, step: int, epoch: int | None) -> None:
        """Let workers hear the steps from now on; raises `OSError` where no file can be made for them."""
        if not self.is_worker and not self.is_elsewhere:
            self._progress.share(step, epoch)

    def tell(self, step: int, epoch: int | None) -> None:
        """The run is there."""
        if not self.is_worker:
            self._progress.tell(step, epoch)

    def told(self, step: int | None, epoch: int | None) -> tuple[int | None, int | None]:
        """What a worker does not know itself is what it was told last."""
        reached = self._progress.read() if self.is_worker else None
        if reached is None:
            return step, epoch
        return reached.step if step is None else step, reached.epoch if epoch is None else epoch

    def end(self) -> None:
        """Nothing is told any more."""
        if not self.is_worker:
            self._progress.end()
