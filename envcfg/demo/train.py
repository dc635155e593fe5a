"""The demo's Hydra app: `python -m envcfg.demo.train hydra/callbacks=env_config preset=short seed=1`."""

import importlib.util
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import hydra
import numpy as np
import torch
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

import envcfg
from envcfg.demo.curricula import Curriculum, ScheduleCurriculum, ThresholdCurriculum
from envcfg.demo.learning_progress import LearningProgressCurriculum
from envcfg.demo.logbook import Logbook
from envcfg.demo.ppo import PPO, Policy, Settings
from envcfg.demo.slots import Slots
from envcfg.demo.task import Task, World

_INSTALLED: Final = Path(__file__).parent / "conf"
_CHECKOUT: Final = Path(__file__).parents[2] / "conf"
CONF: Final = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT

log = logging.getLogger(__name__)


@hydra.main(config_path=str(CONF), config_name="train", version_base="1.3")
def main(config: DictConfig) -> float:
    """Train, log, and give the mean reward of the last tenth of the epochs, which a sweeper can optimise."""
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    tracker = envcfg.tracker()
    worlds = [world_of(config.env) for _ in range(config.env.slots)]
    curriculum = curriculum_of(config.curriculum, tasks_of(config.env), seed=config.seed)
    rewards: list[float] = []
    with Logbook(config, Path(HydraConfig.get().runtime.output_dir)) as logbook:
        slots = Slots(worlds, curriculum, tracker, seed=config.seed)
        policy = Policy(worlds[0].observation_size, worlds[0].actions, config.ppo.hidden)
        ppo = PPO(slots, policy, Settings(**config.ppo))
        for epoch in range(config.trainer.epochs):
            slots.epoch = epoch
            tracker.mix(curriculum.probabilities, step=slots.step, epoch=epoch)
            losses = ppo.epoch()
            episodes = slots.take_episodes()
            tracker.advance(step=slots.step, epoch=epoch)
            logbook.epoch(epoch, slots.step, episodes, losses)
            rewards += [outcome for task in episodes.outcomes.values() for outcome in task]
        final = float(np.mean(rewards[-max(1, len(rewards) // 10) :]))
        logbook.summary(**{"curriculum/changes": curriculum.changes, "final_reward": final})
    log.info("%d steps, %d changes by the curriculum, final reward %.3f", slots.step, curriculum.changes, final)
    return final


def tasks_of(env: DictConfig) -> list[Task]:
    """The tasks of an env config in order, interpolations resolved."""
    tasks = OmegaConf.to_container(env.tasks, resolve=True)
    if not isinstance(tasks, dict):
        raise TypeError(f"env.tasks: expected a mapping of names to parameters, got {type(tasks).__name__}")
    return [Task(str(name), params) for name, params in tasks.items()]


def world_of(env: DictConfig) -> World:
    """A new world; CartPole's physics where mettagrid is asked for and not installed is an error with the way out."""
    if env.kind == "cartpole":
        from envcfg.demo.cartpole_world import CartPoleWorld  # noqa: PLC0415  # only the library that is used

        return CartPoleWorld()
    if importlib.util.find_spec("mettagrid") is None:
        raise SystemExit("mettagrid is not installed (it has no wheel for every platform): add env=cartpole")
    from envcfg.demo.mettagrid_world import MettagridWorld  # noqa: PLC0415

    return MettagridWorld(agents=env.agents)


def curriculum_of(settings: DictConfig, tasks: Sequence[Task], *, seed: int) -> Curriculum:
    """The curriculum that the config names, over *tasks*."""
    kinds: dict[str, Callable[..., Any]] = {
        "threshold": ThresholdCurriculum,
        "schedule": ScheduleCurriculum,
        "learning_progress": LearningProgressCurriculum,
    }
    options = {str(key): value for key, value in settings.items() if key != "kind"}
    if settings.kind == "learning_progress":
        options["rng"] = np.random.default_rng(seed + 1)
    curriculum: Curriculum = kinds[settings.kind](tasks, **options)
    return curriculum


if __name__ == "__main__":
    main()
