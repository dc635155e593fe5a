"""The app's trainer node. A class that does not know envcfg's key would refuse it, so the key is hidden from it."""

import inspect
import sys
from typing import Any

from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from envcfg.adapters.hydra_schema import NAME, TRAINER


def trainer_with_key(config: DictConfig) -> DictConfig | None:
    """Return the trainer node of an app's config, or None if it is not a mapping or does not set envcfg's key."""
    trainer = OmegaConf.select(config, TRAINER, throw_on_resolution_failure=False)
    if not isinstance(trainer, DictConfig):
        return None
    names = trainer.keys()  # `in trainer` is False for a key whose interpolation fails
    return trainer if NAME in names and not OmegaConf.is_missing(trainer, NAME) else None


def hide_key(config: DictConfig) -> None:
    """Remove envcfg's key from a trainer node if the app could not make its trainer object with it.

    This concerns a node with a `_target_`, and a structured node whose class accepts no other attributes.
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
    """Return the object that a `_target_` names, or None if it is not imported yet. Only the app imports it."""
    module, _, attribute = target.rpartition(".")
    return getattr(sys.modules.get(module), attribute, None)


def _takes_key(made: Any) -> bool:
    """Whether a class or function has a parameter with the key's name. `**kwargs` is not enough: it proves nothing."""
    try:
        return NAME in inspect.signature(made).parameters
    except (TypeError, ValueError):  # None, or a builtin
        return False
