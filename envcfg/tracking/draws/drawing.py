"""Takes the drawn parameters out of what is recorded, and records their distributions."""

from collections.abc import Mapping, Sequence
from operator import methodcaller
from typing import Any

from envcfg.core.record import EVALUATION
from envcfg.tracking.arguments import When
from envcfg.tracking.capture.arrays import Naming
from envcfg.tracking.capture.capture import Capture
from envcfg.tracking.capture.recognition import CacheEntry, NotCached
from envcfg.tracking.capture.snapshot import Snapshot
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.draws.collector import DrawCollector
from envcfg.tracking.draws.configs import DrawnConfigs
from envcfg.tracking.draws.parameters import DrawnParameters, Place
from envcfg.tracking.draws.slots import DrawnSlots
from envcfg.tracking.slots import TrackedSlots
from envcfg.tracking.tally import Tally


class Drawing:
    """The drawn parameters of one process of a run."""

    def __init__(
        self, capture: Capture, slots: TrackedSlots, out: Dispatcher, tally: Tally, *, is_worker: bool
    ) -> None:
        self.parameters = DrawnParameters(capture, is_silent=is_worker)
        self._collector = DrawCollector(capture.text)
        self._columns = DrawnSlots(self.parameters, self._collector, capture)
        self._configs = DrawnConfigs(self.parameters, self._collector, capture)
        self._capture, self._slots, self._out, self._tally = capture, slots, out, tally
        self._base: Snapshot | None = None
        self._written: tuple[str | None, int] | None = None
        """The digest of the base, and the version of the parameters, in the latest config of a drawn environment."""
        self._informed: set[int] = set()
        """The slots that adopted a config since the latest statement."""

    def take(
        self,
        leaves: Mapping[Place, Any],
        *,
        base: Any,
        resets: Any,
        task: Naming,
        when: When,
        branch: str | None = None,
        is_declared: bool = False,
    ) -> tuple[Mapping[Place, Any], Any]:
        """Collect the drawn ones of these columns. Returns the other columns, and the base of their configs."""
        rest, counts = self._columns.take(
            leaves, base=base, resets=resets, task=task, when=when, branch=branch, is_declared=is_declared
        )
        if self.parameters:
            snapshot = None if base is None else self._capture(base)
            if rest:
                base = self.parameters.config({} if snapshot is None else snapshot.config.config)
            else:
                self._adopt(snapshot, next(iter(counts), None), when)
                for name, times in counts.items():
                    self._tally.adopt(name, times)
            self._write_if_full(has_epochs=when.epoch is not None)
        return rest, base

    def take_config(self, slot: int, task: str | None, entry: CacheEntry, when: When) -> tuple[CacheEntry, When]:
        """As `take`, for the config of one slot."""
        taken = self._configs.take(slot, task, entry, when)
        if taken is not entry:
            when = self.explained([slot], when)[0][1]
            self._write_if_full(has_epochs=when.epoch is not None)
        return taken, when

    def explained(self, slots: Sequence[int], when: When) -> list[tuple[Sequence[int], When]]:
        """The positions of *slots* that adopt a statement now, with its cause; and of the others, with their own."""
        said = self.parameters.statement
        if said is None:
            return [(range(len(slots)), when)]
        new = [row for row, slot in enumerate(slots) if slot not in self._informed]
        old = [row for row, slot in enumerate(slots) if slot in self._informed]
        self._informed.update(slots)
        cause, asked = when.cause or said.cause, said.step if when.requested_at is None else when.requested_at
        found = [(new, when._replace(cause=cause, requested_at=asked)), (old, when)]
        return [part for part in found if part[0]]

    def state(self, ranges: Mapping[str, Any], when: When) -> None:
        """Note what is drawn from now on. An environment of which all parameters are drawn adopts it at once."""
        if self.parameters.state(ranges, when):
            self._informed.clear()
            if self._written is not None:
                self._adopt(self._base, None, when)

    def write(self) -> None:
        """Write the draws that were collected."""
        for entry in self._collector.take(self._out.now()):
            self._out.append(entry)
            self._out.notify(methodcaller("drew", entry))

    def finish(self, step: int, epoch: int | None) -> None:
        """Write the last draws, and what was stated if nothing was recorded since."""
        if self.parameters.statement is not None and not self._informed and self._written is None:
            self._adopt(self._base, None, When(step, epoch))
        self.write()

    def _adopt(self, base: Snapshot | None, task: str | None, when: When) -> None:
        """Record the config of an environment of which all parameters are drawn, if it is a new one."""
        key = (None if base is None else base.config.digest, self.parameters.version)
        if key == self._written:
            return
        self._base, self._written = base, key
        drawn = self._capture(self.parameters.config({} if base is None else base.config.config))
        for slot in [slot for slot in sorted(self._slots.held) if slot < EVALUATION] or [0]:
            named = self._slots.task(slot) if slot in self._slots.held else task
            ((_, why),) = self.explained([slot], when)
            self._slots.adopt(slot, named, NotCached(drawn), why)

    def _write_if_full(self, *, has_epochs: bool) -> None:
        if self._collector.is_full(has_epochs=has_epochs):
            self.write()
