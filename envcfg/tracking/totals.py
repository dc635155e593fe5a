"""What has been recorded so far, in a few numbers: the metadata of an artifact, the summary of a run."""

from collections import Counter
from typing import Any, Final

from envcfg.core.record import Mix, Record
from envcfg.journal.format import FORMAT, VERSION

MAX_TASKS: Final = 50
"""Tasks whose counts are told by name; W&B takes at most 100 keys of metadata."""


class Totals:
    """Counts what a sink hears."""

    def __init__(self) -> None:
        self.step = 0
        self.epoch = 0
        self._first_step: int | None = None
        self._records = 0
        self._configs: set[str] = set()
        self._adopted: Counter[str] = Counter()

    def record(self, record: Record) -> None:
        self._records += 1
        self._configs.add(record.config)
        self._first_step = record.step if self._first_step is None else self._first_step
        self.reach(step=record.step, epoch=record.epoch or 0)

    def mix(self, mix: Mix) -> None:
        self._adopted.update(mix.adopted)

    def reach(self, *, step: int, epoch: int) -> None:
        self.step, self.epoch = max(self.step, step), max(self.epoch, epoch)

    def summary(self, status: str) -> dict[str, Any]:
        """What a table of many runs shows for each of them."""
        return {"records": self._records, "configs": len(self._configs), "tasks": len(self._adopted), "status": status}

    def metadata(self, status: str) -> dict[str, Any]:
        """What an artifact version says of itself."""
        return {
            **self.summary(status),
            "format": FORMAT,
            "format_version": VERSION,
            "epoch": self.epoch,
            "first_step": self._first_step,
            "last_step": self.step,
            "task_counts": dict(self._adopted.most_common(MAX_TASKS)),
        }
