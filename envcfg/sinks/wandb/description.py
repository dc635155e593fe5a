"""What the config and the summary of a W&B run say about the recording, each under one key of our own."""

from typing import Any

from envcfg.journal.segment import SegmentWriter
from envcfg.sinks.wandb.journals import counted
from envcfg.sinks.wandb.metrics import LiveMetrics
from envcfg.sinks.wandb.namespace import RECORDER, is_own, own_key
from envcfg.sinks.wandb.published import PublishedNames, names_of_trainer
from envcfg.sinks.wandb.totals import Totals

_LISTED = 100
"""The most series without a chart that are listed."""


class Description:
    """Describes one W&B run. Its keys are found before anything is written.

    *is_known* says that an earlier session published to this run. If that one was killed, the config of the run may not
    say so.
    """

    def __init__(self, run: Any, *, is_known: bool = False) -> None:
        self._run = run
        self._key = own_key(run.config)
        said = run.config.get(self._key)
        if is_own(said):
            theirs = set(said.get("trainer_names", ()))
        else:
            theirs = set() if is_known else names_of_trainer(run.summary.keys())
        self.names = PublishedNames(run, theirs)
        self._said: dict[str, Any] = {}

    def describe(self, live: LiveMetrics, totals: Totals, curriculum: str | None) -> None:
        """Write what runs can be grouped by, and the names and values of the charts, into the config of the run."""
        said = {
            **RECORDER,
            "curriculum": curriculum,
            "schedule": totals.schedule,
            "tasks": totals.tasks,
            "series": self.names.series,
            "trainer_names": self.names.theirs,
            "names": live.names | self.names.renamed,
            "values": {key: list(texts) for key, texts in live.categories.items()},
            "left_out": sorted(live.left_out)[:_LISTED],
        }
        if said != self._said:
            self._said = said
            self._run.config.update({self._key: said}, allow_val_change=True)

    def count(self, journal: SegmentWriter, totals: Totals, status: str, ineffective_keys: int | None) -> None:
        """Write what runs can be sorted by into the summary of the run."""
        key = own_key(self._run.summary)
        found = {**totals.summary(status), "ineffective_keys": ineffective_keys}
        journals = counted(self._run.summary.get(key), journal, found["records"])
        self._run.summary[key] = {**RECORDER, **found, "journals": journals}
