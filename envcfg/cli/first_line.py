"""The line to type into an app that records nothing yet, for the library that the app uses."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from envcfg.cli.hydra_yaml import parsed, text_of
from envcfg.core.tree import leaves
from envcfg.history.history import History

_LINES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "stable_baselines3": "model.learn(steps, callback=envcfg.adapters.SB3Callback())",
        "torchrl": "envcfg.adapters.TorchRLHook().register(trainer), and a RecordedEnv inside GymWrapper",
        "rllib": "config.callbacks(envcfg.adapters.rllib_callbacks())",
        "syllabus": "env = envcfg.adapters.RecordedTaskEnv(env, slot=slot)",
        "mettagrid": "simulator.add_event_handler(envcfg.adapters.MettagridHandler())",
        "pufferlib": "simulator.add_event_handler(envcfg.adapters.MettagridHandler())",
        "rsl_rl": 'env = envcfg.adapters.recorded_tensors(env, attributes=("terrain_levels",))',
        "isaaclab": 'env = envcfg.adapters.recorded_tensors(env, attributes=("terrain_levels",))',
        "gymnasium": "env = envcfg.adapters.RecordedEnv(env), or for vectors RecordedVectorEnv.make(env_fns)",
    }
)
"""By the name of the library. The more special ones are first: most of them use Gymnasium, too."""
BY_HAND: Final = "envcfg.tracker().record(config, step=step), where an environment starts to use a config"


def first_line(history: History) -> str:
    """The line for the app of *history*. It is the one for any loop if the app names no library that is known."""
    words = {word for text in _texts(history) for word in re.findall(r"\w+", text)}
    return next((f"{line}  ({name})" for name, line in _LINES.items() if name in words), BY_HAND)


def _texts(history: History) -> Iterator[str]:
    """Where an app names its libraries: its config, its overrides and its script."""
    for job in history.jobs:
        yield from job.overrides
        config = history.configs.get(job.config or "", {})
        yield from (value for _, value in leaves(config) if isinstance(value, str))
    if history.folder is not None:
        yield _script(history.folder.parent / ".hydra" / "hydra.yaml")


def _script(composed: Path) -> str:
    """The text of the script that Hydra started; empty if it cannot be found."""
    try:
        hydra = parsed(text_of(composed))["hydra"]
        path = Path(hydra["runtime"]["cwd"], f"{hydra['job']['name']}.py")
    except (KeyError, TypeError):
        return ""
    return text_of(path)
