"""The app's trainer node, and the class behind it: one that has never heard of our key would refuse it."""

import inspect
import sys
from typing import Any

from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from envcfg.adapters.hydra_schema import NAME, TRAINER


def trainer_with_key(config: DictConfig) -> DictConfig | None:
    """The trainer node of an app's config; None where it is no mapping, or does not state our key."""
    trainer = OmegaConf.select(config, TRAINER, throw_on_resolution_failure=False)
    if not isinstance(trainer, DictConfig):
        return None
    names = trainer.keys()  # `in trainer` denies a key whose interpolation fails
    return trainer if NAME in names and not OmegaConf.is_missing(trainer, NAME) else None


def hide_key(config: DictConfig) -> None:
    """Take the key out of a trainer node that the app will make an object of, and could not with it.

    That is a node with a `_target_`, and a structured one whose class takes no attributes but its own.
    """
    trainer = trainer_with_key(config)
    if trainer is not None and _is_refused(trainer):
        with read_write(trainer), open_dict(trainer):
            del trainer[NAME]


def _is_refused(trainer: DictConfig) -> bool:
    schema: Any = OmegaConf.get_type(trainer)
    if _takes_key(schema):
        return False
    if "_target_" in trainer:
        return not _takes_key(_loaded(str(trainer["_target_"])))
    return schema is not dict and (schema.__dictoffset__ == 0 or schema.__setattr__ is not object.__setattr__)


def _loaded(target: str) -> Any:
    """What a `_target_` names, None where it is not imported yet: that is for the app to do, in its order."""
    module, _, attribute = target.rpartition(".")
    return getattr(sys.modules.get(module), attribute, None)


def _takes_key(made: Any) -> bool:
    """Whether a class or function has a parameter of the key's name; `**rest` may be handed on to one that has not."""
    try:
        return NAME in inspect.signature(made).parameters
    except (TypeError, ValueError):  # nothing, or a builtin
        return False
