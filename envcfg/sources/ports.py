"""The protocols of sources: a run source finds runs, and a metric source reads metrics."""

from collections.abc import Sequence
from typing import Protocol

from envcfg.history.history import History
from envcfg.sources.series import Series


class RunSource(Protocol):
    """Finds runs for `envcfg.load`, which asks our sources first, then those of installed packages."""

    def find(self, where: str) -> History | None:
        """The run at *where*; None if *where* does not belong to this source.

        *where* is the text that the user typed: a path, an address or a name. To create a `History`, call `envcfg.load`
        with a folder. Raises `EnvcfgError` if *where* belongs to this source and cannot be read. The user sees its
        message if no other source finds the run.
        """


class MetricSource(Protocol):
    """Reads the metrics of a run. Our sources are asked first, then those of installed packages."""

    def names(self, run: History) -> Sequence[str]:
        """The names of the metrics of *run* in this source; empty for a run that it does not know.

        `run.folder` is the folder of the journal, or None. `run.folder.parent` is the output folder of the job.
        """

    def series(self, run: History, name: str) -> Series | None:
        """The metric *name* of *run*; None if this source does not have it."""
