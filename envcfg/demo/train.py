"""The demo's Hydra app: `python -m envcfg.demo.train hydra/callbacks=env_config preset=short seed=1`."""

import importlib.util
import logging
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import hydra
import numpy as np
import torch
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

import envcfg
from envcfg import Recorder
from envcfg.demo.curricula import Curriculum, ScheduleCurriculum, ThresholdCurriculum
from envcfg.demo.learning_progress import LearningProgressCurriculum
from envcfg.demo.logbook import Logbook
from envcfg.demo.ppo import PPO, Policy, Settings
from envcfg.demo.replay import ReplayCurriculum
from envcfg.demo.slots import Slots
from envcfg.demo.task import Task, World

_INSTALLED: Final = Path(__file__).parent / "conf"
_CHECKOUT: Final = Path(__file__).parents[2] / "conf"
CONF: Final = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT

log = logging.getLogger(__name__)


def environment() -> str:
    """Return the default environment: `mettagrid` if it is installed, else `cartpole`."""
    return "mettagrid" if importlib.util.find_spec("mettagrid") else "cartpole"


OmegaConf.register_new_resolver("demo_environment", environment, replace=True)  # used in `conf/train.yaml`


@hydra.main(config_path=str(CONF), config_name="train", version_base="1.3")
def main(config: DictConfig) -> float:
    """Train, log, and return the final reward, which a sweeper can optimise."""
    if environment() != "mettagrid":
        log.warning("mettagrid is not installed (some platforms have no wheel of it): training on CartPole")
    with Logbook(config, Path(HydraConfig.get().runtime.output_dir)) as logbook:
        return train(config, envcfg.tracker(), logbook)


def train(config: DictConfig, tracker: Recorder, logbook: Logbook) -> float:
    """Run the whole training. Return the mean reward of the last tenth of its episodes."""
    torch.manual_seed(config.seed)  # for the policy's first weights; later choices have generators of their own
    torch.set_num_threads(config.threads)
    worlds = [world_of(config.env) for _ in range(config.env.slots)]
    curriculum = curriculum_of(config.curriculum, tasks_of(config.env), seed=config.seed)
    slots = Slots(worlds, curriculum, tracker, seed=config.seed)
    policy = Policy(worlds[0].observation_size, worlds[0].actions, config.ppo.hidden)
    ppo = PPO(slots, policy, Settings(**config.ppo), torch.Generator().manual_seed(config.seed))
    rewards: list[float] = []
    for epoch in range(config.trainer.epochs):
        slots.begin_epoch(epoch)
        tracker.mix(curriculum.probabilities, step=slots.step, epoch=epoch)
        losses = ppo.epoch()
        episodes = slots.take_episodes()
        tracker.end_epoch(step=slots.step, epoch=epoch, rewards=episodes.outcomes)
        logbook.epoch(epoch, slots.step, episodes, losses)
        rewards += episodes.rewards
    last = rewards[-max(1, len(rewards) // 10) :]
    final = sum(last) / len(last) if last else math.nan
    logbook.summary(**{"curriculum/changes": curriculum.changes, "final_reward": final})
    counts = (f"{slots.step:,}", f"{curriculum.changes:,}")
    log.info("%s steps, %s changes by the curriculum, final reward %.3f", *counts, final)
    return final


def tasks_of(env: DictConfig) -> list[Task]:
    """Return the tasks of an env config in order, with interpolations resolved."""
    tasks = OmegaConf.to_container(env.tasks, resolve=True)
    if not isinstance(tasks, dict):
        raise TypeError(f"env.tasks: expected a mapping of names to parameters, got {type(tasks).__name__}")
    return [Task(str(name), params) for name, params in tasks.items()]


def world_of(env: DictConfig) -> World:
    """Return a new world of the kind in the config."""
    if env.kind == "cartpole":
        from envcfg.demo.cartpole_world import CartPoleWorld  # noqa: PLC0415  # only the library that is used

        return CartPoleWorld()
    if environment() != "mettagrid":
        raise SystemExit("env=mettagrid needs mettagrid, which is not installed: use env=cartpole")
    from envcfg.demo.mettagrid_world import MettagridWorld  # noqa: PLC0415

    return MettagridWorld(agents=env.agents)


def curriculum_of(settings: DictConfig, tasks: Sequence[Task], *, seed: int) -> Curriculum:
    """Return the curriculum of the config, with *tasks*."""
    options = {str(key): value for key, value in settings.items() if key != "kind"}
    if settings.kind == "replay":
        return ReplayCurriculum(envcfg.replay(options.pop("run"), **options))
    kinds: dict[str, Callable[..., Any]] = {
        "threshold": ThresholdCurriculum,
        "schedule": ScheduleCurriculum,
        "learning_progress": LearningProgressCurriculum,
    }
    if settings.kind != "schedule":
        options["rng"] = np.random.default_rng(seed + 1)
    curriculum: Curriculum = kinds[settings.kind](tasks, **options)
    return curriculum


if __name__ == "__main__":
    main()
