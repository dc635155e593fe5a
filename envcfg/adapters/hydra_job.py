"""The current Hydra job: the config object of the app, and how the job was started."""

import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

from omegaconf import DictConfig

from envcfg.adapters.hydra_schema import CALLBACK

_RUN_JOB: Final = frozenset({"run_job", "_run_job"})
"""The function that has the config of the task function: in Hydra 1.3, and in 1.4."""
_SEARCHED: Final = 40
"""The most frames to search between the callback and Hydra's `run_job`. Hydra 1.3 has six."""


def live_config(config: DictConfig) -> DictConfig:
    """Return the config object that the task function gets.

    Hydra gives callbacks a copy, in which random resolvers draw other values. The task's config is a local variable
    of Hydra's `run_job`, or `_run_job`. If it is not found there, *config* is returned.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # inspect.currentframe does the same
    for _ in range(_SEARCHED):
        if frame is None:
            break
        if frame.f_code.co_name in _RUN_JOB and frame.f_globals.get("__name__") == "hydra.core.utils":
            task_config = frame.f_locals.get("task_cfg")
            return task_config if isinstance(task_config, DictConfig) else config
        frame = frame.f_back
    return config


def output_folder(config: DictConfig) -> Path:
    """Return the output folder of this job, of a single run or of a sweep."""
    return Path(config.hydra.runtime.output_dir)


def run_name(config: DictConfig) -> str:
    """Return the run's name, made from the output folder: `2026-11-23/14-00-00`, or `.../14-00-00/3` in a sweep."""
    parts = output_folder(config).absolute().parts[-3:]
    return "/".join(parts if parts[-1].isdigit() else parts[-2:])


def name(config: DictConfig) -> str:
    return str(config.hydra.job.name)


def overrides(config: DictConfig, invariant: Sequence[str]) -> tuple[str, ...]:
    """Return the task overrides that the job was started with, and the metrics that were declared *invariant*."""
    given = tuple(config.hydra.overrides.task)
    return (*given, f"{CALLBACK}.invariant=[{','.join(invariant)}]") if invariant else given


def choice(config: DictConfig, group: str) -> str | None:
    """Return the chosen option of a config group: `staged` for `curriculum=staged`."""
    chosen = config.hydra.runtime.choices.get(group)
    return None if chosen is None else str(chosen)
