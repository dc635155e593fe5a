"""The progress of a run. At the end of an epoch, its counts are written and the sinks are called."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from envcfg.core.record import Ending, EpochEnd, Status
from envcfg.tracking.clock.clock import Clock
from envcfg.tracking.clock.limits import MOST_STEPS
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.tally import UNCOUNTED, Tally

EPISODES: Final = 100
"""A run without epochs writes its counts after this many episodes."""


class Progress:
    """The clock of a run, and the counts of the epoch; *gather* is called before they are written."""

    def __init__(self, out: Dispatcher, clock: Clock, gather: Callable[[], None], *, is_worker: bool = False) -> None:
        self.clock = clock
        self.may_defer = False
        """Whether unchanged adoptions may be counted later, since there are no requests and no workers."""
        self.tally = Tally(out.text)
        self._out = out
        self._gather = gather
        self._is_worker = is_worker
        self._published: int | None = None
        self.write_draws: Callable[[], None] = lambda: None
        """Writes the draws of parameters since the last call."""

    @property
    def step(self) -> int:
        return self.clock.step

    @property
    def epoch(self) -> int | None:
        return self.clock.epoch

    @property
    def has_open_epoch(self) -> bool:
        """Whether the current epoch has not ended yet."""
        return self.epoch is not None and self._published != self.epoch

    def count_unchanged(self, slot: int, step: int | None, epoch: int | None, task: str | None) -> bool:
        """Count the adoption of an unchanged config; False if there is more to do. Runs no code of the user."""
        if not self.may_defer or type(step) is not int or step < 0:
            return False
        clock = self.clock
        at = step + clock.offset
        if not clock.is_settled or not clock.latest.get(slot, 0) <= at <= MOST_STEPS:
            return False
        if (
            epoch is not None
            and epoch is not clock.plain_epoch
            and (type(epoch) is not int or epoch != clock.plain_epoch)
        ):
            return False
        clock.latest[slot] = at
        if at > clock.step:  # noqa: PLR1730  # `max` takes twice as long
            clock.step = at
        uncounted = self.tally.uncounted
        uncounted.append(task or "")
        if len(uncounted) >= UNCOUNTED:
            self.tally.count()
        return True

    def set(
        self, step: int | None, epoch: int | None, *, slot: int | None = None, is_told: bool = False
    ) -> tuple[int, int | None]:
        """The step and the epoch of the run for those of a call; if a new epoch begins, publish the previous one."""
        clock = self.clock
        before, at = clock.epoch, clock.step
        found = clock.set(step, epoch, slot=slot, is_told=is_told)
        if clock.epoch is not before:
            self._publish_before(before, at)
        return found

    def follow(self, step: int | None, epoch: int | None) -> tuple[int, int | None]:
        """As `set`, in a worker. If an epoch ended before the worker knew of any, its counts are those of this one."""
        before, at = self.clock.epoch, self.clock.step
        found = self.clock.follow(step, epoch)
        self._publish_before(self.epoch - 1 if before is None and self.epoch else before, at)
        return found

    def end_episode(self, task: str | None, reward: float, length: int | None) -> None:
        """Count an episode that ended. Without epochs, write the counts after some episodes."""
        self.tally.end_episode(task, reward, length)
        if self.epoch is None and self.tally.ended >= EPISODES:
            self._write_mix(self.step, None)

    def publish(
        self, step: int, epoch: int | None, rewards: Mapping[str, Iterable[float] | float] | None = None
    ) -> None:
        """End *epoch*: write its counts and *rewards*, and call `epoch_ended` of the sinks."""
        self._out.check_segment_sometimes()
        self._gather()
        if rewards is not None:
            with self._out.guard("rewards"):
                self.tally.reward(rewards)
        with self._out.guard("draws"):
            self.write_draws()
        self._write_mix(step, epoch)
        self._published = epoch
        if epoch is None:
            return
        self._out.notify(lambda sink: sink.epoch_ended(step=step, epoch=epoch))
        end = EpochEnd(step, epoch, self._out.now(), self._out.row())
        self.clock.ended(end)
        if not self._is_worker:
            self._out.append(end)

    def end(self, status: Status | None, step: int) -> None:
        """End the run at *step* and write all remaining counts; without *status* it is not known how the run ended."""
        try:
            with self._out.guard("close"):
                of = self.epoch if self.has_open_epoch else self.clock.running
                self._out.check_segment()
                if self.has_open_epoch:
                    self.publish(self.step, self.epoch)
                self._gather()
                with self._out.guard("draws"):
                    self.write_draws()
                self._write_mix(self.step, of, is_last=True)
        finally:
            ending = Ending(status or "interrupted", self._out.now(), step, self.epoch, unknown=status is None)
            self._out.end(ending, kept=self.tally.total)
        self._out.guard.raise_if_strict()

    def _publish_before(self, epoch: int | None, step: int) -> None:
        """Publish the epoch before the current one, unless it was published."""
        now = self.epoch
        if epoch is not None and now is not None and now > epoch and self._published != epoch:
            self.publish(step, epoch)

    def _write_mix(self, step: int, epoch: int | None, *, is_last: bool = False) -> None:
        mix = self.tally.take(step=step, epoch=epoch, time=self._out.now(), is_last=is_last)
        if mix is not None:
            self._out.append(mix)
            self._out.notify(lambda sink: sink.mixed(mix))
