"""The base of sinks that show the same series as W&B gets, and each change, in another tool."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from envcfg.core.params import Selection
from envcfg.core.record import Ending, Job, Mix, Record, Request
from envcfg.core.tree import Config
from envcfg.sinks.base import BaseSink, Journal
from envcfg.sinks.change_log import ChangedKey, ChangeLog
from envcfg.sinks.wandb.metrics import LiveMetrics, MetricsRow


class SeriesSink(BaseSink):
    """Collects the series and the changes of each epoch. A derived sink sends them.

    *params* are dotted keys of a config, or globs, that are charted; by default the key parameters. *top_tasks* is the
    greatest number of charted tasks.
    """

    def __init__(self, *, params: Sequence[str] | None = None, top_tasks: int = 20) -> None:
        self._live = LiveMetrics(Selection(None if params is None else tuple(params)), top_tasks=top_tasks)
        self._log = ChangeLog()
        self._changed: list[ChangedKey] = []
        self._job: Job | None = None
        self._journal: Journal
        self._last = 0
        self._is_new = False
        """Whether something was recorded after the last epoch."""

    def begin(self, folder: Path) -> None:
        """Start to send. *folder* is the output folder of the job."""

    def send(self, points: MetricsRow, changed: Sequence[ChangedKey], *, step: int) -> None:
        """Send the points and the changes of an epoch that ended at *step*."""

    def send_config(self, config: Config) -> None:
        """Send the initial config."""

    def end(self, ending: Ending) -> None:
        """Send what is left."""

    def opened(self, journal: Journal, job: Job) -> None:
        self._journal, self._job = journal, job
        self.begin(journal.folder.parent)

    def requested(self, request: Request) -> None:
        self._log.requested(request)

    def recorded(self, record: Record, config: Config) -> None:
        if not self._log.has_records:
            self.send_config(config)
        self._live.record(record, config)
        self._changed += self._log.record(record, config)
        self._last, self._is_new = max(self._last, record.step), True

    def slots_ended(self, slots: tuple[int, ...]) -> None:
        self._live.end(slots)

    def missed(self, ineffective_keys: int) -> None:
        self._live.miss(ineffective_keys)

    def mixed(self, mix: Mix) -> None:
        self._live.mix(mix)

    def epoch_ended(self, *, step: int, epoch: int) -> None:
        self._last, self._is_new = max(self._last, step), False
        changed, self._changed = self._changed, []
        self.send(self._live.row(step=step, epoch=epoch), changed, step=step)

    def closed(self, ending: Ending) -> None:
        if self._is_new:
            self.epoch_ended(step=self._last, epoch=0)
        self.end(ending)


def change_text(changed: Sequence[ChangedKey]) -> str:
    """The rows of changes as a Markdown table."""
    head = "| change | step | epoch | task | cause | key | before | after |\n|---|---|---|---|---|---|---|---|"
    return "\n".join([head, *(f"| {' | '.join(_cell(value) for value in row)} |" for row in changed)])


def _cell(value: Any) -> str:
    return "" if value is None else str(value).replace("|", "\\|").replace("\n", " ")


def job_facts(job: Job | None) -> Mapping[str, str]:
    """What the job says of itself, as short texts."""
    if job is None:
        return {}
    facts = {"job": job.name, "curriculum": job.curriculum, "overrides": " ".join(job.overrides)}
    return {name: text for name, text in facts.items() if text}
