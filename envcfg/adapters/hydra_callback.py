"""The Hydra callback: a tracker for each job, from `on_job_start` to however the job ends."""

import atexit
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from hydra.core.utils import JobReturn, JobStatus
from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from omegaconf.errors import ValidationError

from envcfg.adapters import hydra_job
from envcfg.adapters.hydra_schema import DEFAULT_SAVE_INTERVAL, interval
from envcfg.core.errors import EnvcfgError
from envcfg.core.record import Status
from envcfg.tracking import ambient
from envcfg.tracking.redaction import Redaction
from envcfg.tracking.tracker import Tracker

if TYPE_CHECKING:
    from envcfg.tracking.sink import Sink


class HydraCallback(Callback):
    """Turned on with `hydra/callbacks=env_config`; `docs/hydra.md` says what each argument does.

    Launchers pickle it and the basic one shares it between jobs, so it holds plain arguments only; what
    belongs to one job is made when that job starts.
    """

    def __init__(
        self,
        *,
        save_interval: int = DEFAULT_SAVE_INTERVAL,
        enabled: bool = True,
        strict: bool = False,
        folder: str = "envcfg",
        curriculum: str | None = None,
        wandb: bool = True,
        artifact_gap: float = 60,
        params: Sequence[str] | None = None,
        top_tasks: int = 20,
        reveal: Sequence[str] = (),
    ) -> None:
        try:
            self.save_interval = interval(save_interval)
        except ValidationError as error:
            raise SystemExit(f"envcfg: {error}") from error
        self.enabled = enabled
        self.strict = strict
        self.folder = folder
        self.curriculum = curriculum
        self.wandb = wandb
        self.artifact_gap = artifact_gap
        self.params = None if params is None else tuple(params)
        self.top_tasks = top_tasks
        self.reveal = frozenset(reveal)

    def on_run_start(self, config: DictConfig, **_: Any) -> None:
        self._check(config)

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        self._check(config)

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        _close("interrupted")
        if not self.enabled:
            return
        live = hydra_job.live_config(config)
        try:
            ambient.attach(self._tracker(live))
        except EnvcfgError as error:
            if self.strict:
                raise SystemExit(f"envcfg: {error}") from error
            sys.stderr.write(f"envcfg: nothing will be recorded: {error}\n")
        hydra_job.hide_key_from_strict_trainer(live)
        atexit.register(_close, "interrupted")
        _close_on_terminate()

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:  # noqa: ARG002  # Hydra passes it by name
        _close("completed" if job_return.status == JobStatus.COMPLETED else "failed")
        atexit.unregister(_close)

    def _check(self, config: DictConfig) -> None:
        """Hydra turns exceptions of a callback into warnings; a wrong interval must stop the job before it starts."""
        try:
            hydra_job.save_interval(config, self.save_interval)
        except ValidationError as error:
            raise SystemExit(f"envcfg: {error}") from error

    def _tracker(self, live: DictConfig) -> Tracker:
        folder = hydra_job.output_folder(live) / self.folder
        return Tracker(
            folder,
            run=_run_name(folder.parent),
            job={"name": hydra_job.name(), "overrides": hydra_job.overrides(), "config": live},
            curriculum=self.curriculum or hydra_job.choice("curriculum"),
            sinks=self._sinks(hydra_job.save_interval(live, self.save_interval)),
            strict=self.strict,
            redaction=Redaction(reveal=self.reveal),
        )

    def _sinks(self, save_interval: int) -> "tuple[Sink, ...]":
        if not self.wandb:
            return ()
        os.environ.setdefault("WANDB_X_TRANSACTION_LOG_FLUSH_INTERVAL", "0.5")  # a kill loses 15 s of metrics otherwise
        from envcfg.tracking.wandb_sink import wandb_sinks  # noqa: PLC0415  # only where it is wanted

        return wandb_sinks(
            save_interval=save_interval, artifact_gap=self.artifact_gap, params=self.params, top_tasks=self.top_tasks
        )


def _run_name(folder: Path) -> str:
    """A job's output folder names its run: `2026-11-23/14-00-00`, or `.../14-00-00/3` in a sweep."""
    parts = folder.absolute().parts[-3:]
    return "/".join(parts[-3:] if parts[-1].isdigit() else parts[-2:])


def _close(status: Status) -> None:
    """End the attached tracker, if there is one; it is the job's last word."""
    ambient.tracker().close(status)
    ambient.detach()


def _close_on_terminate() -> None:
    """SIGTERM, which schedulers send before they kill, ends the job in order; an app's own handler is left alone."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(signum: int, _: FrameType | None) -> None:
    _close("interrupted")
    signal.signal(signum, signal.SIG_DFL)
    raise SystemExit(128 + signum)
