"""Reads the records of workers in the process that trains, which has the sinks and the requests."""

from collections import Counter
from pathlib import Path

from envcfg.core.record import Mix, Writer
from envcfg.journal.following import ShardFollower, WorkerAdoption
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.processes.context import ProcessContext
from envcfg.tracking.requests import InUse
from envcfg.tracking.slots import TrackedSlots

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

    def read(self) -> None:
        """Pass the new records of workers to the sinks, and check which requests they fulfil."""
        if self._process.is_shared and (self._out.sinks or self._slots.requests.is_asked):
            with self._out.guard("workers"):
                self._read()

    def _read(self) -> None:
        slots: set[int] = set()
        for entry in self._followed.new_entries():
            if isinstance(entry, WorkerAdoption):
                slots.add(entry.record.slot)
                self._adopted(entry)
            else:
                self._tally(entry.worker, entry.mix)
        self._slots.settle(slots)

    def _adopted(self, entry: WorkerAdoption) -> None:
        worker, record, config = entry
        self._of.setdefault(worker, set()).add(record.slot)
        self._records[worker] += 1
        self._slots.adopted_in_worker(record.slot, InUse(config, record.task), at=record.step)
        self._out.notify(lambda sink: sink.recorded(record, config))

    def _tally(self, worker: int, mix: Mix) -> None:
        """Note the unchanged resets of a worker. They are counted without a slot, so it must have only one."""
        since, self._tallied[worker] = self._tallied.get(worker, _NOT_YET), mix.step
        times = sum(mix.adopted.values()) - self._records.pop(worker, 0)
        slots = self._of.get(worker, set())
        if len(slots) == 1 and times > 0:
            self._slots.unchanged_in_worker(*slots, times=times, at=since)
        self._out.notify(lambda sink: sink.mixed(mix))
