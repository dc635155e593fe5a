"""How far a run is; what happened in an epoch is tallied, and written and told when the epoch is over."""

from collections.abc import Callable, Iterable, Mapping

from envcfg.core.record import Ending, Status
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.tally import UNCOUNTED, Tally


class Progress:
    """The step and the epoch that a run has reached, and the tally of that; *gather* is called before that is told."""

    def __init__(self, out: Dispatcher, step: int, gather: Callable[[], None]) -> None:
        self.step = step
        self.epoch: int | None = None
        self.is_quiet = False
        """Whether nobody waits for what is recorded, or hears of it before the epoch ends."""
        self.tally = Tally(out.text)
        self._out = out
        self._gather = gather
        self._published: int | None = None

    def again(self, step: int | None, epoch: int | None, task: str | None) -> bool:
        """A slot adopted what it has: count it, if that is all there is to do; runs no code of anybody else's."""
        if not self.is_quiet or type(step) is not int or step < 0:
            return False
        if epoch is not None and epoch is not self.epoch and (type(epoch) is not int or epoch != self.epoch):
            return False
        self.step = step
        again = self.tally.again
        again.append(task or "")
        if len(again) >= UNCOUNTED:
            self.tally.count()
        return True

    def set_step(self, step: int | None, epoch: int | None) -> None:
        """The run is there; an epoch that is now behind it is published."""
        if epoch is not None and self.epoch is not None and epoch > self.epoch:
            self._publish_once()
        self.step = self.step if step is None else step
        self.epoch = self.epoch if epoch is None else epoch

    def publish(self, rewards: Mapping[str, Iterable[float] | float] | None = None) -> None:
        """The epoch ended, in which episodes ended with *rewards*: write its tally, have the sinks publish theirs."""
        self._out.glance()
        self._gather()
        if rewards is not None:
            with self._out.guard("rewards"):
                self.tally.reward(rewards)
        self._write_mix()
        self._published = self.epoch
        if self.epoch is not None:
            step, epoch = self.step, self.epoch
            self._out.tell(lambda sink: sink.epoch_ended(step=step, epoch=epoch))

    def end(self, status: Status | None) -> None:
        """The run is over, nobody knows how where that is None: nothing that was tallied is left unwritten."""
        try:
            with self._out.guard("close"):
                self._out.look_after()
                self._publish_once()
                self._gather()
                self._write_mix(is_last=True)
        finally:
            ending = Ending(status or "interrupted", self._out.now(), self.step, self.epoch, unknown=status is None)
            self._out.end(ending)
        self._out.guard.insist()

    def _publish_once(self) -> None:
        if self.epoch is not None and self._published != self.epoch:
            self.publish()

    def _write_mix(self, *, is_last: bool = False) -> None:
        mix = self.tally.take(step=self.step, epoch=self.epoch, time=self._out.now(), is_last=is_last)
        if mix is not None:
            self._out.append(mix)
            self._out.tell(lambda sink: sink.mixed(mix))
