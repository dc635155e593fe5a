"""The step and the epoch of a run. They never go back.

A step that the training program sets always wins. Steps that an adapter counts are placed after the last step that was
set. If the program starts to count from a lower number, a phase begins: its steps follow those before.
"""

import threading
from collections.abc import Callable, Mapping
from enum import IntEnum

from msgspec.structs import replace

from envcfg.core.code import Coded
from envcfg.core.record import EpochEnd, Phase
from envcfg.tracking.clock import limits, sentences
from envcfg.tracking.clock.past import Past


class Driver(IntEnum):
    """What moves the clock, the least trusted first."""

    NOBODY = 0
    FALLBACK = 1
    """An environment that assumes that all others take as many steps."""
    COUNTER = 2
    TRAINER = 3


class Clock:
    """The clock of one process.

    *past* is called at the first use of the clock. *write* writes a phase and returns it with its time, *warn* shows a
    text, and *fail* counts an error.
    """

    def __init__(
        self,
        past: Callable[[], Past],
        *,
        write: Callable[[Phase], Phase],
        warn: Callable[[str], None],
        fail: Callable[[Coded], None],
    ) -> None:
        self.step = 0
        self.epoch: int | None = None
        self.plain_epoch: int | None = None
        """The current epoch as the program counts it."""
        self.running: int | None = None
        """The epoch of calls without one: the one that was passed last, or the next one if that has ended."""
        self.offset = 0
        """The step of the run is this much more than the step that the program sets."""
        self.latest: dict[int, int] = {}
        """The latest step of each slot. A slot never goes back."""
        self.driver = Driver.NOBODY
        self.is_settled = False
        """Whether the program sets the step, and no phase waits for its first step."""
        self._is_waiting = False
        """Whether a phase was announced that begins at the next step."""
        self._read_past = past
        self._write = write
        self._warn = warn
        self._fail = fail
        self._is_begun = False
        self._is_resumed = False
        """Whether no step was set since the earlier sessions. The first step may go back, for a rollback."""
        self._phase = Phase(0, 0.0, 0)
        self._name: str | None = None
        self._is_written = False
        self._epoch_offset = 0
        self._told: int | None = None
        """The last step that the program set by `set_step` or `end_epoch`."""
        self._told_epoch: int | None = None
        self._thread: int | None = None
        self._ends: list[EpochEnd] = []
        self._base, self._counted, self._without_step, self._rate = 0, 0, 0, 1.0
        self._has_warned: set[str] = set()
        self._is_contested = self._has_unnamed = False
        self._is_epoch_open = False
        """Whether the phase began without an epoch, so that the first one may be a lower number."""
        self._episodes: Mapping[int, int] = {}

    def set(
        self, step: int | None, epoch: int | None, *, slot: int | None = None, is_told: bool = False
    ) -> tuple[int, int | None]:
        """The step and the epoch of the run for those that the program passes in a call; the clock moves there.

        *is_told* is true for the calls that only set the clock. The other calls may come in any order of slots, so
        only the steps of the same slot must not go back.
        """
        if slot in self.latest and self.is_settled and step is not None and epoch in (None, self.plain_epoch):
            at = step + self.offset
            if at >= self.latest[slot] and not (is_told or self._is_resumed or self._is_epoch_open):
                return self._advance(slot, at), self.running if epoch is None else self.epoch
        self._begin()
        least = None
        if step is not None or epoch is not None:
            least = self._judge(step, epoch, slot, is_told=is_told)
        elif self.driver is Driver.NOBODY:
            self._count_without_step()
        at = self.step if step is None else max(step + self.offset, least or 0)
        same = self.epoch if is_told else self.running
        at, of = limits.checked(at, same if epoch is None else epoch + self._epoch_offset)
        if step is not None:
            self._move(at, is_told=is_told)
        if slot is not None:
            self.latest[slot] = at
        if epoch is not None and of is not None and (is_told or self.epoch is None or of > self.epoch):
            self.epoch, self.plain_epoch, self.running = of, of - self._epoch_offset, of
        if is_told and epoch is not None:
            self._told_epoch = epoch
        return at, of

    def _advance(self, slot: int | None, at: int) -> int:
        """`set` in the most frequent case: a known slot goes on, within the current epoch."""
        limits.checked(at, None)
        if slot is not None:
            self.latest[slot] = at
        self._thread = threading.get_ident()
        self.step = max(self.step, at)
        self._base, self._counted = self.step, 0
        return at

    def count(self, steps: int, *, is_fallback: bool = False) -> None:
        """Note environment steps that an adapter counted since the last call, or since the last step that was set."""
        driver = Driver.FALLBACK if is_fallback else Driver.COUNTER
        if is_fallback and self.driver > driver:
            return
        self._begin()
        if self._is_waiting:
            self._begin_phase(None, None)
        if self.driver < driver:
            self.driver, self._base, self._counted = driver, self.step, 0
        self._is_resumed = False
        self._counted += steps
        self.step = max(self.step, min(self._base + round(self._rate * self._counted), limits.MOST_STEPS))

    def follow(self, step: int | None, epoch: int | None) -> tuple[int, int | None]:
        """In a worker: use the step and the epoch of the training process, or those that are passed in a call."""
        if step is not None:
            self.step, self.driver = step, Driver.TRAINER
        if epoch is not None:
            self.epoch = self.plain_epoch = self.running = epoch
        return self.step, self.epoch

    def announce(self, name: str | None) -> None:
        """Begin a phase at the next step that is set or counted, whether it is a lower number or not."""
        self._begin()
        self._is_waiting, self._name, self.is_settled = True, name, False

    def ended(self, end: EpochEnd) -> None:
        """Note the end of an epoch."""
        self._ends.append(end)
        self.running = max(self.running or 0, end.epoch + 1)

    def last_episode(self, slot: int) -> int:
        """The last recorded episode of *slot* in the earlier sessions; -1 for none."""
        self._begin()
        return self._episodes.get(slot, -1)

    @property
    def next_epoch(self) -> int:
        """The number of the next epoch, as the program counts its epochs."""
        self._begin()
        return max(0, self._next_epoch - self._epoch_offset)

    @property
    def _next_epoch(self) -> int:
        """One more than the last epoch that ended up to the current step; 0 for the first."""
        return 1 + max((end.epoch for end in self._ends if end.step <= self.step), default=-1)

    def _begin(self) -> None:
        """Go on from the earlier sessions, one step after their last one."""
        if self._is_begun:
            return
        self._is_begun = True
        past = self._read_past()
        self._episodes = past.episodes
        if past.last_step is None:
            return
        self._is_resumed, self.step = True, min(past.last_step + 1, limits.MOST_STEPS)
        self._base = self.step
        self._ends = [*past.ends]
        self.running = self._next_epoch if self._ends else None
        if past.phase is not None:
            self._phase, self._is_written = past.phase, True
            self.offset, self._epoch_offset = past.phase.step - past.phase.phase_step, past.phase.epoch

    def _judge(self, step: int | None, epoch: int | None, slot: int | None, *, is_told: bool) -> int | None:
        """Begin a phase if one was announced, or if the program went back. Return the least step of this call."""
        least = None
        if self._is_waiting:
            self._begin_phase(step, epoch)
        elif not self._is_resumed and not self._is_contested:
            least = self._checked(step, epoch, slot, is_told=is_told)
        if self._is_epoch_open and epoch is not None:
            self._open_epochs(epoch)
        self._thread = threading.get_ident()
        if step is not None and self._is_resumed:
            self._is_resumed = False
            self.step = self._base = step + self.offset  # it may have rolled back
            self._ends = [end for end in self._ends if end.step <= self.step]
            self.running = self._next_epoch if self._ends else self.epoch
        return least

    def _checked(self, step: int | None, epoch: int | None, slot: int | None, *, is_told: bool) -> int | None:
        """Handle a step or an epoch that went back. Return the least step of this call, unless a phase begins."""
        least = self._told if is_told else self._least(slot)
        is_back = step is not None and least is not None and step + self.offset < least
        is_early = is_told and epoch is not None and self._told_epoch is not None and epoch < self._told_epoch
        if not (is_back or is_early):
            return None
        if self._is_other_thread(is_told=is_told):
            self._is_contested = True
            self._fail(sentences.SEVERAL)
            return None
        if is_back and not is_early and not self._is_anew(step or 0, least or 0):
            self._warn_once("late", sentences.LATE.format(now=step, before=(least or 0) - self.offset))
            return least
        now, before = (step, (least or 0) - self.offset) if is_back else (epoch, self._told_epoch)
        what = "the step" if is_back else "the epoch"
        self._warn_once("back", sentences.BACK.format(what=what, before=before, now=now))
        self._has_unnamed = True
        self._begin_phase(step, epoch)
        return None

    def _is_anew(self, step: int, least: int) -> bool:
        """Whether a phase begins with a step that went back to *step*. Within an epoch, the step is only late."""
        if self._ends and self._ends[-1].step > self._phase.step:
            return step + self.offset < self._ends[-1].step
        return 2 * step <= least - self.offset

    def _least(self, slot: int | None) -> int | None:
        """The least step that a call for *slot* may have: that of the slot, or the end of the epoch before the last."""
        if slot in self.latest:
            return self.latest[slot]
        return self._ends[-2].step if len(self._ends) > 1 else None

    def _is_other_thread(self, *, is_told: bool) -> bool:
        """Whether another thread, which still runs, set the step before."""
        if not (is_told or self._has_unnamed) or self._thread in (None, threading.get_ident()):
            return False
        return self._thread in [thread.ident for thread in threading.enumerate()]

    def _begin_phase(self, step: int | None, epoch: int | None) -> None:
        """Begin a phase here. The program's own step or epoch may be lower than the current one."""
        is_virgin = self.driver is Driver.NOBODY and not self._is_written and self.step == 0 and not self._ends
        own = self.step - self.offset if step is None else step
        at, _ = limits.checked(max(self.step, own + self.offset), None)
        self.offset = at - own
        self._is_epoch_open = epoch is None
        self._renumber(epoch)
        number = self._phase.number + (not is_virgin)
        phase = Phase(at, 0.0, number, self._name, own, self._epoch_offset)
        self._is_waiting, self._name = False, None
        self._told = self._told_epoch = None
        self.step = self._base = max(self.step, at)
        self._counted = 0
        self._is_resumed, self._is_written = False, True
        self._phase = self._write(phase)

    def _open_epochs(self, epoch: int) -> None:
        """The phase began without an epoch. If its first epoch is a lower number, write the phase again."""
        self._is_epoch_open = False
        before = self._epoch_offset
        self._renumber(epoch)
        if self._epoch_offset != before:
            self._phase = self._write(replace(self._phase, epoch=self._epoch_offset))

    def _renumber(self, epoch: int | None) -> None:
        """If the program's *epoch* is a lower number, let it be the next one of the run."""
        if epoch is not None and epoch + self._epoch_offset < self._next_epoch:
            self._epoch_offset = self._next_epoch - epoch

    def _move(self, at: int, *, is_told: bool) -> None:
        self.driver, self.is_settled = Driver.TRAINER, True
        if is_told:
            self._learn_rate(at)
            overshoot = self.step - at
            is_counted = self._counted and overshoot <= max(0, at - (self._told or 0))
            self.step = max(at, self.step) if is_counted else at
            self._told = at
        else:
            self.step = max(at, self.step)
        self._base, self._counted = self.step, 0

    def _learn_rate(self, at: int) -> None:
        """The steps that the program sets for each step that an adapter counts, from the last two that it set."""
        if self._counted and self._told is not None and at > self._told:
            self._rate = (at - self._told) / self._counted

    def _count_without_step(self) -> None:
        self._without_step += 1
        if self._without_step >= sentences.WITHOUT_STEP:
            self._warn_once("none", sentences.NO_STEP)

    def _warn_once(self, what: str, sentence: str) -> None:
        if what not in self._has_warned:
            self._has_warned.add(what)
            self._warn(sentence)
