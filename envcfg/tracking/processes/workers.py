"""What workers record in processes of their own, heard where the training is: sinks and requests are there."""

from collections import Counter
from pathlib import Path

from envcfg.core.record import Mix, Writer
from envcfg.journal.following import Adopted, Following
from envcfg.tracking.dispatcher import Dispatcher
from envcfg.tracking.processes.context import ProcessContext
from envcfg.tracking.requests import Holds
from envcfg.tracking.slots import Slots

_NOT_YET = -1


class Workers:
    """The workers of one process that trains; they are heard when an epoch ends, so that a step costs nothing."""

    def __init__(self, process: ProcessContext, writer: Writer, slots: Slots, out: Dispatcher) -> None:
        self._process = process
        self._following = Following(Path(process.state.folder), writer)
        self._slots = slots
        self._out = out
        self._of: dict[int, set[int]] = {}
        """The slots of each worker."""
        self._records: Counter[int] = Counter()
        self._tallied: dict[int, int] = {}
        """The step of the last tally of each worker, and how many records it has written since."""

    def hear(self) -> None:
        """Tell the sinks what is new of them, and look whether it answers what slots were asked for."""
        if self._process.is_heard and (self._out.sinks or self._slots.requests.is_asked):
            with self._out.guard("workers"):
                self._hear()

    def _hear(self) -> None:
        heard: set[int] = set()
        for news in self._following.news():
            if isinstance(news, Adopted):
                heard.add(news.record.slot)
                self._adopted(news)
            else:
                self._tally(news.worker, news.mix)
        self._slots.settle(heard)

    def _adopted(self, news: Adopted) -> None:
        worker, record, config = news
        self._of.setdefault(worker, set()).add(record.slot)
        self._records[worker] += 1
        self._slots.hear(record.slot, Holds(config, record.task), at=record.step)
        self._out.tell(lambda sink: sink.recorded(record, config))

    def _tally(self, worker: int, mix: Mix) -> None:
        """Resets that changed nothing are only counted: of a worker that has one slot, they are known to be its own."""
        since, self._tallied[worker] = self._tallied.get(worker, _NOT_YET), mix.step
        times = sum(mix.adopted.values()) - self._records.pop(worker, 0)
        slots = self._of.get(worker, set())
        if len(slots) == 1 and times > 0:
            self._slots.hear_again(*slots, times=times, at=since)
        self._out.tell(lambda sink: sink.mixed(mix))
