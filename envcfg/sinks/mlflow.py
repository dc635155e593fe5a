"""The sink for MLflow: the series as metrics, the initial config as parameters, the journal as artifacts."""

import math
import re
import time
from collections.abc import Iterator, Sequence
from importlib.metadata import EntryPoint
from typing import Any, Final, NamedTuple

from envcfg.core import encoding
from envcfg.core.extras import needed
from envcfg.core.path import dotted
from envcfg.core.record import Ending
from envcfg.core.tree import Config, leaves
from envcfg.sinks.change_log import ChangedKey
from envcfg.sinks.outbox import Outbox
from envcfg.sinks.series_sink import SeriesSink, change_text, job_facts
from envcfg.sinks.wandb.metrics import MetricsRow

FOLDER: Final = "envcfg"
"""The folder of the journal in the artifacts of a run."""
_PAGE: Final = "envcfg.adapters:run_page"
_STATUSES: Final = {"completed": "FINISHED", "failed": "FAILED", "interrupted": "KILLED"}
_BATCH: Final = 1000
"""The most metrics that MLflow takes at once."""
_PARAMS: Final = 100
_LONGEST: Final = 500


class _Points(NamedTuple):
    """The points of an epoch."""

    values: MetricsRow
    step: int
    time: int
    """In milliseconds since the Unix epoch."""


class MlflowSink(SeriesSink):
    """Publishes to the active run of the process. If the program has none, the sink makes a run of its own.

    *tracking_uri* and *experiment* are those of MLflow by default. With *page*, the report is an artifact, which needs
    the extra `figures`. The end of the job waits at most *patience* seconds for the server.
    """

    def __init__(
        self,
        *,
        tracking_uri: str | None = None,
        experiment: str | None = None,
        params: Sequence[str] | None = None,
        top_tasks: int = 20,
        page: bool = False,
        patience: float = 60.0,
    ) -> None:
        super().__init__(params=params, top_tasks=top_tasks)
        self._mlflow = needed("mlflow", "the sink mlflow", extra="mlflow")
        self._entities = needed("mlflow.entities", "the sink mlflow", extra="mlflow")
        self._uri = tracking_uri
        self._experiment = experiment
        self._page = page
        self._patience = patience
        self._client: Any = None
        self._run = ""
        self._is_own = False
        self._config: Config | None = None
        self._changes: list[ChangedKey] = []
        self._outbox: Outbox[_Points] = Outbox(self._send)

    def send_config(self, config: Config) -> None:
        self._config = config

    def send(self, points: MetricsRow, changed: Sequence[ChangedKey], *, step: int) -> None:
        self._changes += changed
        if not self._run:
            active = self._mlflow.active_run()
            self._run = active.info.run_id if active is not None else ""
        values = {name: value for name, value in points.items() if math.isfinite(value)}
        self._outbox.add(_Points(values, step, int(time.time() * 1000)))

    def end(self, ending: Ending) -> None:
        folder = self._journal.folder

        def finish() -> None:
            client = self._begun()
            client.log_artifacts(self._run, str(folder), FOLDER)
            if self._changes:
                client.log_text(self._run, change_text(self._changes), f"{FOLDER}/changes.md")
            if self._page:
                page = EntryPoint("page", _PAGE, "").load()  # a training loads no figures before its end
                client.log_text(self._run, page(folder.parent, ending.status), f"{FOLDER}/report.html")
            if self._is_own:
                client.set_terminated(self._run, _STATUSES.get(ending.status, "FINISHED"))

        self._outbox.close(finish, patience=self._patience, what="MLflow")

    def _begun(self) -> Any:
        """The client, with a run. Only the worker thread calls it."""
        if self._client is None:
            client = self._mlflow.MlflowClient(tracking_uri=self._uri)
            if not self._run:
                self._run, self._is_own = self._new_run(client), True
            for batch in _batches(list(self._params()), _PARAMS):
                client.log_batch(self._run, params=[self._entities.Param(name, text) for name, text in batch])
            self._client = client
        return self._client

    def _new_run(self, client: Any) -> str:
        name = self._experiment or "Default"
        known = client.get_experiment_by_name(name)
        experiment = known.experiment_id if known is not None else client.create_experiment(name)
        return str(client.create_run(experiment, run_name=self._journal.run).info.run_id)

    def _params(self) -> Iterator[tuple[str, str]]:
        for name, text in job_facts(self._job).items():
            yield f"{FOLDER}.{name}", text[:_LONGEST]
        for path, value in leaves(self._config or {}):
            text = value if isinstance(value, str) else encoding.encode(value).decode()
            yield f"env_config.{_clean(dotted(path))}", text[:_LONGEST]

    def _send(self, points: list[_Points]) -> None:
        client = self._begun()
        new = self._entities.Metric
        metrics = [new(_clean(name), value, at, step) for row, step, at in points for name, value in row.items()]
        for batch in _batches(metrics, _BATCH):
            client.log_batch(self._run, metrics=batch)


def _clean(name: str) -> str:
    """A name that MLflow accepts."""
    return re.sub(r"[^A-Za-z0-9_./ -]", "_", name)[:240]


def _batches(items: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    return (items[start : start + most] for start in range(0, len(items), most))
