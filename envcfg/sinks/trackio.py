"""The sink for Trackio: the series in a run of their own beside that of the trainer, on environment steps."""

import math
from collections.abc import Sequence
from contextlib import redirect_stdout
from contextvars import Context
from io import StringIO
from typing import Any, Final

from envcfg.core.extras import needed
from envcfg.core.record import Ending
from envcfg.core.tree import Config
from envcfg.sinks.change_log import ChangedKey
from envcfg.sinks.series_sink import SeriesSink, job_facts
from envcfg.sinks.wandb.metrics import MetricsRow

CHANGES: Final = "env_config/changes"


class TrackioSink(SeriesSink):
    """Publishes to the run *name* of *project*; by default the project of the trainer's run, and the run's name.

    It is a run of its own, because rows in the trainer's run would move the trainer's steps. *server* is the address of
    a server of your own, with its token, or the name of a Space.
    """

    def __init__(
        self,
        *,
        project: str | None = None,
        name: str | None = None,
        server: str | None = None,
        params: Sequence[str] | None = None,
        top_tasks: int = 20,
    ) -> None:
        super().__init__(params=params, top_tasks=top_tasks)
        self._trackio = needed("trackio", "the sink trackio", extra="trackio")
        self._project = project
        self._name = name
        self._server = server
        self._run: Any = None
        self._config: Config = {}
        self._changes: list[ChangedKey] = []

    def send_config(self, config: Config) -> None:
        self._config = config

    def send(self, points: MetricsRow, changed: Sequence[ChangedKey], *, step: int) -> None:
        run = self._begun()
        run.log({name: value for name, value in points.items() if math.isfinite(value)}, step=step)
        self._changes += changed
        if changed:
            rows = [list(row) for row in self._changes]
            run.log({CHANGES: self._trackio.Table(columns=list(ChangedKey._fields), data=rows)}, step=step)

    def end(self, ending: Ending) -> None:
        del ending
        if self._run is not None:
            with redirect_stdout(StringIO()):
                self._run.finish()

    def _begun(self) -> Any:
        """The run of our own. It is made in a context of its own, because Trackio ends the run of a context."""
        if self._run is None:
            current = self._trackio.context_vars.current_project.get()
            facts = {"envcfg": dict(job_facts(self._job)), "env_config": self._config}
            options: dict[str, Any] = {"resume": "allow", "embed": False, "config": facts}
            options |= {"auto_log_gpu": False, "auto_log_cpu": False}
            if self._server is not None:
                options["server_url" if "://" in self._server else "space_id"] = self._server
            name = self._name or f"{self._journal.run}-envcfg"
            with redirect_stdout(StringIO()):  # a program prints the same with envcfg as without it
                self._run = Context().run(self._trackio.init, self._project or current or "envcfg", name, **options)
        return self._run
