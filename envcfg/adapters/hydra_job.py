"""The Hydra job around us: the config that the app really holds, and what the job was started as."""

import sys
from pathlib import Path
from types import FrameType
from typing import Final

from omegaconf import DictConfig

_SEARCHED: Final = 40
"""Frames between our hook and Hydra's `run_job`; there are six in Hydra 1.3."""


def live_config(config: DictConfig) -> DictConfig:
    """The config that the task function gets.

    Callbacks are handed another copy, whose random resolvers draw other values. The task's own one is a local
    of Hydra's `run_job`; where it is not found there, *config* has to do.
    """
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # inspect.currentframe is the same with a detour
    for _ in range(_SEARCHED):
        if frame is None:
            break
        if frame.f_code.co_name == "run_job" and frame.f_globals.get("__name__") == "hydra.core.utils":
            task_config = frame.f_locals.get("task_cfg")
            return task_config if isinstance(task_config, DictConfig) else config
        frame = frame.f_back
    return config


def output_folder(config: DictConfig) -> Path:
    """Where Hydra put this job's output: of a run, or of one job of a sweep."""
    return Path(config.hydra.runtime.output_dir)


def run_name(config: DictConfig) -> str:
    """A job's output folder names its run: `2026-11-23/14-00-00`, or `.../14-00-00/3` in a sweep."""
    parts = output_folder(config).absolute().parts[-3:]
    return "/".join(parts if parts[-1].isdigit() else parts[-2:])


def name(config: DictConfig) -> str:
    return str(config.hydra.job.name)


def overrides(config: DictConfig) -> tuple[str, ...]:
    """The task overrides the job was started with."""
    return tuple(config.hydra.overrides.task)


def choice(config: DictConfig, group: str) -> str | None:
    """The option that was chosen of a config group: `curriculum=staged` says which curriculum this is."""
    chosen = config.hydra.runtime.choices.get(group)
    return None if chosen is None else str(chosen)
