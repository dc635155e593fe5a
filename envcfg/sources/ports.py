"""Where runs and metrics may be read from: the two kinds of source, of ours and of others."""

from collections.abc import Sequence
from typing import Protocol

from envcfg.history.history import History
from envcfg.sources.series import Series


class RunSource(Protocol):
    """A place that `envcfg.load` looks in. `envcfg.load` asks ours first, then those of installed packages."""

    def find(self, where: str) -> History | None:
        """The run that *where* names; None where *where* is nothing of this source.

        *where* is what the user typed: a path, an address, a name. `envcfg.load` on a folder makes a `History`.
        Raises `EnvcfgError` with one sentence where *where* is of this source and cannot be read. The user sees that
        sentence if no other source finds the run.
        """


class MetricSource(Protocol):
    """A place that the metrics of a run are read from: ours are asked first, then those of installed packages."""

    def names(self, run: History) -> Sequence[str]:
        """The metrics of *run* that this source has; empty for a run that it knows nothing of.

        `run.folder` is the journal's folder, or None. `run.folder.parent` is then the output folder of the job.
        """

    def series(self, run: History, name: str) -> Series | None:
        """The metric *name* of *run*; None where this source has no such metric."""
