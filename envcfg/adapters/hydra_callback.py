"""The Hydra callback. It starts a tracker for each job, and closes it when the job ends."""

import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from hydra.core.utils import JobReturn, JobStatus
from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from envcfg.adapters import hydra_job, hydra_sinks
from envcfg.adapters.hydra_key import teach_hydra
from envcfg.adapters.hydra_settings import save_interval, settings
from envcfg.adapters.ranks import rank
from envcfg.adapters.wandb_page import run_page
from envcfg.core.errors import ConfigError
from envcfg.core.record import Status
from envcfg.tracking import ambient
from envcfg.tracking.arguments import status_of
from envcfg.tracking.capture import resolvers
from envcfg.tracking.redaction.rules import Redaction
from envcfg.tracking.tracker import Tracker

if TYPE_CHECKING:
    from envcfg.tracking.sink import Sink


class HydraCallback(Callback):
    """Records each job of a Hydra app. Turn it on with `hydra/callbacks=env_config`.

    The arguments are the fields of `CallbackSettings`. Raises `SystemExit` for an invalid argument, since Hydra turns
    any other exception of a callback into a warning. The callback holds plain arguments only: launchers pickle it, and
    Hydra's basic launcher shares it between jobs.

    Example: `python train.py hydra/callbacks=env_config hydra.callbacks.env_config.strict=true`
    """

    def __init__(self, **given: Any) -> None:
        try:
            self.settings = settings(given)
        except ConfigError as error:
            _exit(error)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """In the process of a launcher, let Hydra know the key before it composes the config of a job."""
        self.__dict__.update(state)
        teach_hydra()

    def on_run_start(self, config: DictConfig, **_: Any) -> None:
        self._save_interval(config)

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        self._save_interval(config)

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        _close("interrupted")  # the job before, if Hydra did not report its end
        live = hydra_job.live_config(config)
        if self.settings.enabled and (self.settings.ranks == "all" or rank() == 0):
            self._attach(config, live)

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:  # noqa: ARG002  # passed by name
        is_completed = job_return.status == JobStatus.COMPLETED
        try:
            _close("completed" if is_completed else _status(job_return))
        except Exception as error:  # noqa: BLE001  # strict only; the guard has reported it
            if is_completed:  # otherwise people must see the app's own error
                _exit(error)

    def _attach(self, config: DictConfig, live: DictConfig) -> None:
        interval = self._save_interval(config)
        resolvers.forget()
        try:
            tracker = self._tracker(config, live, interval)
        except Exception as error:  # noqa: BLE001  # training must go on without envcfg
            if self.settings.strict:
                _exit(error)
            sys.stderr.write(f"envcfg: nothing will be recorded: {error}\n")
        else:
            tracker.save_interval = interval
            ambient.attach(tracker)
            tracker.is_job = True  # if Hydra does not report its end, it was interrupted

    def _save_interval(self, config: DictConfig) -> int:
        """Return the save interval of the job. An invalid one stops the run, or in a sweep only its job."""
        try:
            return save_interval(config, self.settings)
        except ConfigError as error:
            _exit(error)

    def _tracker(self, config: DictConfig, live: DictConfig, interval: int) -> Tracker:
        asked, own = self.settings, hydra_sinks.create_sinks(self.settings)
        overrides = hydra_job.overrides(config, asked.invariant)
        tracker = Tracker(
            hydra_job.output_folder(config) / asked.folder,
            run=hydra_job.run_name(config),
            rank=rank(),
            job={"name": hydra_job.name(config), "overrides": overrides, "config": live},
            curriculum=asked.curriculum or hydra_job.choice(config, "curriculum"),
            metric_step=asked.metric_step,
            sinks=(*self._wandb_sinks(interval), *own.sinks),
            strict=asked.strict,
            redaction=Redaction(frozenset(asked.reveal), tuple(asked.allow), tuple(asked.deny)),
        )
        hydra_sinks.report_failures(own.failures, tracker)
        return tracker

    def _wandb_sinks(self, interval: int) -> "tuple[Sink, ...]":
        asked = self.settings
        if not asked.wandb:
            return ()
        os.environ.setdefault("WANDB_X_TRANSACTION_LOG_FLUSH_INTERVAL", "0.5")  # by default, a kill loses 15 s
        from envcfg.sinks.wandb.sink import wandb_sinks  # noqa: PLC0415  # only if it is used

        return wandb_sinks(
            save_interval=interval,
            artifact_gap=asked.artifact_gap,
            max_versions=asked.max_versions,
            artifact_ttl=asked.artifact_ttl,
            last_upload=asked.last_upload,
            params=asked.params,
            top_tasks=asked.top_tasks,
            page=run_page if asked.page else None,
        )


def _close(status: Status) -> None:
    """Close and detach the attached tracker, if there is one."""
    try:
        ambient.tracker().close(status)
    finally:
        ambient.detach()


def _status(job_return: JobReturn) -> Status:
    """How a job ended without returning. Hydra 1.4 reports a Ctrl-C and `sys.exit`, too; 1.3 reports only errors."""
    error = job_return._return_value  # noqa: SLF001  # `return_value` raises it
    return status_of(error) if isinstance(error, BaseException) else "failed"


def _exit(error: Exception) -> NoReturn:
    raise SystemExit(f"envcfg: {error}") from error
