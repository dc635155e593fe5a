"""The Hydra job around us: the config that the app really holds, and what the job was started as."""

import sys
from pathlib import Path
from types import FrameType
from typing import Final

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf, open_dict

from envcfg.adapters.hydra_schema import KEY, interval

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
    folder = HydraConfig.get().runtime.output_dir if HydraConfig.initialized() else None
    return Path(folder or OmegaConf.select(config, "hydra.runtime.output_dir") or ".")


def overrides() -> tuple[str, ...]:
    """The task overrides the job was started with."""
    return tuple(HydraConfig.get().overrides.task) if HydraConfig.initialized() else ()


def choice(group: str) -> str | None:
    """The option that was chosen of a config group: `curriculum=staged` says which curriculum this is."""
    chosen = HydraConfig.get().runtime.choices.get(group) if HydraConfig.initialized() else None
    return None if chosen is None else str(chosen)


def name() -> str | None:
    return str(HydraConfig.get().job.name) if HydraConfig.initialized() else None


def save_interval(config: DictConfig, default: int) -> int:
    """The job's own `trainer.env_config_save_interval`: in a sweep, the callback's argument is the first job's."""
    value = OmegaConf.select(config, KEY, throw_on_resolution_failure=False)
    return default if value is None else interval(value)


def hide_key_from_strict_trainer(config: DictConfig) -> None:
    """Take our key out of a trainer node that will be instantiated: its class would refuse it as an argument."""
    trainer = OmegaConf.select(config, "trainer", throw_on_resolution_failure=False)
    if not isinstance(trainer, DictConfig) or "_target_" not in trainer:
        return
    key = KEY.partition(".")[2]
    if key in trainer:
        with open_dict(trainer):
            read_only = OmegaConf.is_readonly(trainer)
            OmegaConf.set_readonly(trainer, value=False)
            del trainer[key]
            OmegaConf.set_readonly(trainer, value=read_only)
