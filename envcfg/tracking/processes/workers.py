"""Reads the records of workers in the process that trains, which has the sinks and the requests."""

from collections import Counter
from collections.abc import Iterable
from operator import methodcaller
from pathlib import Path

from envcfg.core.record import Mix, SlotEvent, Writer
from envcfg.journal.following import (
    ShardFollower,
    WorkerAdoption,
    WorkerCounts,
    WorkerDraws,
    WorkerEntry,
    WorkerSlotsEnded,
)
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.processes.context import ProcessContext
from envcfg.tracking.processes.handoff import living_children
from envcfg.tracking.requests import InUse
from envcfg.tracking.slots import TrackedSlots, two_environments

_NOT_YET = -1


class Workers:
    """The workers of the process that trains. Their records are read when an epoch ends, so steps cost nothing."""

    def __init__(self, process: ProcessContext, writer: Writer, slots: TrackedSlots, out: Dispatcher) -> None:
        self._process = process
        self._followed = ShardFollower(Path(process.state.folder), writer)
        self._slots = slots
        self._out = out
        self._of: dict[int, set[int]] = {}
        """The slots of each worker."""
        self._records: Counter[int] = Counter()
        """The number of records of each worker since its latest counts."""
        self._tallied: dict[int, int] = {}
        """The step of the latest counts of each worker."""
        self._last: dict[int, int] = {}
        """The worker that wrote each slot last."""
        self._children: set[int] = set()
        """The workers that lived as children of this process."""
        self._over: set[int] = set()
        """The workers that said, or were said, to have ended."""
        self._missing: set[int] = set()
        """The workers without a process and without an ending at the last reading."""
        self._replaced: set[tuple[int, int]] = set()
        """The slots of workers that another worker has written since."""

    def read(self) -> None:
        """Pass the new records of workers to the sinks, and check which requests they fulfil."""
        if self._process.is_shared and (self._out.sinks or self._slots.requests.is_asked):
            with self._out.guard("workers"):
                self._read()
                self._tell_deaths()

    def _read(self) -> None:
        slots: set[int] = set()
        for entry in sorted(self._followed.new_entries(), key=_time):
            match entry:
                case WorkerAdoption():
                    slots.add(entry.record.slot)
                    self._adopted(entry)
                case WorkerCounts():
                    self._tally(entry.worker, entry.mix)
                case WorkerDraws():
                    self._out.notify(methodcaller("drew", entry.draws))
                case WorkerSlotsEnded():
                    self._ended(entry.worker, entry.slots)
                    self._over.update(() if entry.slots is not None else (entry.worker,))
        self._slots.settle(slots)

    def _adopted(self, entry: WorkerAdoption) -> None:
        worker, record, config = entry
        self._of.setdefault(worker, set()).add(record.slot)
        self._check_writers(worker, record.slot)
        self._records[worker] += 1
        request = self._slots.adopted_in_worker(record.slot, InUse(config, record.task), at=record.step)
        told = record if request is None else record.explained(request)
        self._out.notify(lambda sink: sink.recorded(told, config))

    def _ended(self, worker: int, slots: Iterable[int] | None) -> None:
        """Note that environments of a worker ended. A slot may have begun in another worker since.

        Requests still need its slots: the last counts of resets follow when the worker exits.
        """
        own = self._of.setdefault(worker, set())
        ended = [slot for slot in (own if slots is None else own & {*slots}) if self._last.get(slot) == worker]
        for slot in ended:
            del self._last[slot]
        self._slots.ended(ended)

    def _tell_deaths(self) -> None:
        """Write that the slots of a worker ended, if its process is gone and it did not say so by the next reading."""
        living = living_children()
        gone = (self._of.keys() & self._children) - living - self._over
        self._children |= living
        for worker in gone & self._missing:
            step, _ = self._out.journal.reached()
            self._out.append(SlotEvent(step, self._out.now(), "died", worker=worker))
            self._ended(worker, None)
            self._over.add(worker)
        self._missing = gone

    def _check_writers(self, worker: int, slot: int) -> None:
        """Report two workers that write one slot by turns. One after the other is a new environment."""
        last = self._last.setdefault(slot, worker)
        if last != worker:
            self._replaced.add((last, slot))
            self._last[slot] = worker
            if (worker, slot) in self._replaced:
                self._out.guard.note("slot", two_environments(slot))

    def _tally(self, worker: int, mix: Mix) -> None:
        """Note the unchanged resets of a worker. They are counted without a slot, so it must have only one."""
        since, self._tallied[worker] = self._tallied.get(worker, _NOT_YET), mix.step
        times = sum(mix.adopted.values()) - self._records.pop(worker, 0)
        slots = self._of.get(worker, set())
        if len(slots) == 1 and times > 0:
            self._slots.unchanged_in_worker(*slots, times=times, at=since)
        self._out.notify(lambda sink: sink.mixed(mix))


def _time(entry: WorkerEntry) -> float:
    match entry:
        case WorkerAdoption(record=record):
            return record.time
        case WorkerCounts(mix=mix):
            return mix.time
        case WorkerDraws(draws=draws):
            return draws.time
        case WorkerSlotsEnded(time=time):
            return time
