"""The current step and epoch of a run. At the end of an epoch, its counts are written and the sinks are called."""

from collections.abc import Callable, Iterable, Mapping

from envcfg.core.record import Ending, Status
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.tally import UNCOUNTED, Tally


class Progress:
    """The step and the epoch of a run, and the counts of the epoch; *gather* is called before they are written."""

    def __init__(self, out: Dispatcher, step: int, gather: Callable[[], None]) -> None:
        self.step = step
        self.epoch: int | None = None
        self.may_defer = False
        """Whether unchanged adoptions may be counted later, since there are no requests and no workers."""
        self.tally = Tally(out.text)
        self._out = out
        self._gather = gather
        self._published: int | None = None

    def count_unchanged(self, step: int | None, epoch: int | None, task: str | None) -> bool:
        """Count the adoption of an unchanged config; False if there is more to do. Runs no code of the user."""
        if not self.may_defer or type(step) is not int or step < 0:
            return False
        if epoch is not None and epoch is not self.epoch and (type(epoch) is not int or epoch != self.epoch):
            return False
        self.step = step
        uncounted = self.tally.uncounted
        uncounted.append(task or "")
        if len(uncounted) >= UNCOUNTED:
            self.tally.count()
        return True

    def set_step(self, step: int | None, epoch: int | None) -> None:
        """Set the current step and epoch; if a new epoch begins, publish the previous one."""
        if epoch is not None and self.epoch is not None and epoch > self.epoch:
            self._publish_once()
        self.step = self.step if step is None else step
        self.epoch = self.epoch if epoch is None else epoch

    def publish(self, rewards: Mapping[str, Iterable[float] | float] | None = None) -> None:
        """End the epoch: write its counts and *rewards*, and call `epoch_ended` of the sinks."""
        self._out.check_segment_sometimes()
        self._gather()
        if rewards is not None:
            with self._out.guard("rewards"):
                self.tally.reward(rewards)
        self._write_mix()
        self._published = self.epoch
        if self.epoch is not None:
            step, epoch = self.step, self.epoch
            self._out.notify(lambda sink: sink.epoch_ended(step=step, epoch=epoch))

    def end(self, status: Status | None) -> None:
        """End the run and write all remaining counts; *status* is None if it is not known how the run ended."""
        try:
            with self._out.guard("close"):
                self._out.check_segment()
                self._publish_once()
                self._gather()
                self._write_mix(is_last=True)
        finally:
            ending = Ending(status or "interrupted", self._out.now(), self.step, self.epoch, unknown=status is None)
            self._out.end(ending)
        self._out.guard.raise_if_strict()

    def _publish_once(self) -> None:
        if self.epoch is not None and self._published != self.epoch:
            self.publish()

    def _write_mix(self, *, is_last: bool = False) -> None:
        mix = self.tally.take(step=self.step, epoch=self.epoch, time=self._out.now(), is_last=is_last)
        if mix is not None:
            self._out.append(mix)
            self._out.notify(lambda sink: sink.mixed(mix))
