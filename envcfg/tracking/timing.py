"""The part of a tracker for time: steps, epochs, episodes and phases."""

import sys
from collections.abc import Iterable, Mapping
from functools import partial

from msgspec.structs import replace

from envcfg.core.code import Code
from envcfg.core.errors import ConfigError
from envcfg.core.record import EVALUATION, Phase
from envcfg.tracking.arguments import SMALL, count, optional_count, optional_text
from envcfg.tracking.clock import limits
from envcfg.tracking.clock.clock import Clock, Driver
from envcfg.tracking.clock.past import Past, past_of
from envcfg.tracking.closing import ClosingMixin
from envcfg.tracking.dispatcher import Dispatcher

_UNKNOWN = -1
"""The shared step before a step was set or counted."""


class Timing(ClosingMixin):
    """The part of a tracker that moves its clock. `Tracker` sets the attributes."""

    _episodes: dict[int, int]
    """The last episode of each slot."""

    def set_step(self, *, step: int, epoch: int | None = None) -> None:
        """Set the current step. Later calls without `step=` use it, in worker processes too."""
        with self._lock, self._out.guard("set_step"):
            self._enter(count("step", step), epoch, is_told=True)

    def mix(self, probabilities: Mapping[str, float], *, step: int | None = None, epoch: int | None = None) -> None:
        """Record the task probabilities that the curriculum states now; *step* is as for `record`."""
        with self._lock, self._out.guard("mix"):
            self._enter(step, epoch)
            self._progress.tally.state(probabilities)

    def end_epoch(
        self,
        *,
        step: int | None = None,
        epoch: int | None = None,
        rewards: Mapping[str, Iterable[float] | float] | None = None,
    ) -> None:
        """End an epoch: write its counts and publish its metrics.

        Without *step*, the current step counts; without *epoch*, the number after the last epoch that ended. What is
        recorded later without `epoch=`, also in workers, belongs to the next epoch. *rewards* has the returns of the
        episodes that ended in the epoch, by task. They are needed to distinguish a change of the task mix from a
        change of skill. Without them, those of `end_episode` count.
        """
        with self._lock, self._out.guard("end_epoch"):
            at, of = self._enter(step, epoch, is_told=True)
            if epoch is None and not self._progress.has_open_epoch:
                _, of = self._progress.set(None, self._progress.clock.next_epoch)
            self._progress.publish(at, of, rewards)
            self._process.write(*self._shared())  # workers now record in the next epoch

    def end_episode(
        self, *, reward: float, length: int | None = None, task: str | None = None, slot: int | None = None
    ) -> None:
        """Count an episode that ended: *reward* is its return, *length* its number of steps.

        Without *task*, the current task of *slot* counts. The returns of an epoch are the metric `returns` of the run.
        """
        with self._lock, self._out.guard("end_episode"):
            self._enter(None, None)
            if slot is not None and slot >= EVALUATION:
                return  # the returns of the training are a metric of the run
            if task is None and slot is not None:
                task = self._slots.task(count("slot", slot, SMALL))
            steps = optional_count("length", length)
            self._progress.end_episode(optional_text(task, self._out.text), float(reward), steps)

    def begin_phase(self, name: str) -> None:
        """Begin a phase, such as a stage of the curriculum or a second call of a trainer's `learn`.

        It begins at the next step. If your program counts its steps or epochs from 0 again, those of the phase follow
        those before.
        """
        with self._lock, self._out.guard("begin_phase"):
            self._open()
            self._progress.clock.announce(optional_text(name, self._out.text))
            self._update_deferral()

    def add_steps(self, steps: int, *, is_fallback: bool = False) -> None:
        """Count environment steps that were taken since the last call, for an adapter that sees them.

        If the training program sets the step too, its step wins, and these steps are placed between two of its steps.
        With *is_fallback* they count only while the step is not set or counted in another way.
        """
        with self._lock, self._out.guard("add_steps"):
            self._open()
            self._progress.clock.count(count("steps", steps), is_fallback=is_fallback)
            self._process.write(*self._shared())

    @property
    def next_epoch(self) -> int:
        """The number of the epoch that begins at the current step: one more than that of the last epoch before it."""
        with self._lock, self._out.guard("next_epoch"):
            return self._progress.clock.next_epoch
        return 0

    def next_episode(self, slot: int = 0) -> int:
        """The number of the next episode of *slot*: one more than that of the last one, also after a resume."""
        with self._lock, self._out.guard("next_episode"):
            if slot not in self._episodes:
                self._episodes[slot] = self._progress.clock.last_episode(slot)
            return 1 + self._episodes[slot]
        return 0

    def _enter(
        self, step: int | None, epoch: int | None, *, slot: int | None = None, is_told: bool = False
    ) -> tuple[int, int | None]:
        """The step and the epoch of the run for those of a call. The clock moves there, for workers too."""
        self._open()
        self._slots.adopt_late(self._progress.clock.step, self._progress.clock.running)
        step, epoch = optional_count("step", step), optional_count("epoch", epoch, SMALL)
        if self._process.is_worker:
            found = self._progress.follow(*self._process.with_shared_step(step, epoch))
        else:
            found = self._progress.set(step, epoch, slot=slot, is_told=is_told)
        if self._process.is_shared:
            self._process.write(*self._shared())
        return found

    def _open(self) -> None:
        """Raise an error if the tracker is closed; in another process, begin a shard of its own."""
        if self._is_closed:
            raise ConfigError("the tracker is closed: make a new one to record more", code=Code.CLOSED)
        if self._process.is_elsewhere:
            self._move()

    def _on_axis(self, step: int | None) -> int | None:
        """A step of the program on the axis of the run."""
        return None if step is None else limits.checked(max(0, step + self._progress.clock.offset), None)[0]

    def _shared(self) -> tuple[int, int | None]:
        """The step and the epoch for workers."""
        clock = self._progress.clock
        return (clock.step if clock.driver > Driver.FALLBACK else _UNKNOWN), clock.running

    def _update_deferral(self) -> None:
        raise NotImplementedError

    def _move(self) -> None:
        raise NotImplementedError


def clock_of(out: Dispatcher, *, has_past: bool) -> Clock:
    """The clock of the process that writes with *out*."""
    return Clock(
        partial(_past, out) if has_past else Past,
        write=lambda phase: _write(out, phase),
        warn=_show,
        fail=lambda sentence: out.guard.note("clock", sentence),
    )


def _past(out: Dispatcher) -> Past:
    with out.guard("resume"):
        return past_of(out.journal.folder, out.journal.writer)
    return Past()


def _write(out: Dispatcher, phase: Phase) -> Phase:
    """Write *phase*. Its time is when it began, also if it is written again."""
    phase = replace(phase, time=phase.time or out.next_moment())
    out.append(phase)
    return phase


def _show(sentence: str) -> None:
    sys.stderr.write(f"envcfg: {sentence} (shown once)\n")
