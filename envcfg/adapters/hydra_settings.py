"""Checks the callback's arguments and the app's `trainer.env_config_save_interval`.

With `hydra/callbacks=env_config` Hydra has already checked the types. If an app declares the callback itself, nothing
has been checked.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import PurePath
from typing import Any, Final

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigKeyError, OmegaConfBaseException

from envcfg.adapters.hydra_key import (
    ARGUMENT,
    KEY,
    NAME,
    callback_arguments,
    has_key,
    interval,
    trainer_node,
)
from envcfg.adapters.hydra_schema import CALLBACK, CallbackSettings
from envcfg.core.errors import ConfigError
from envcfg.core.save_interval import DEFAULT_SAVE_INTERVAL
from envcfg.sinks.named import NamedSink, named_sink

_LISTS: Final = {"params", "invariant", "reveal", "allow", "deny", "sinks"}


def settings(given: Mapping[str, Any]) -> CallbackSettings:
    """Return the callback's arguments with their defaults. Raises `ConfigError` for an invalid one."""
    for name in _LISTS & given.keys():
        if isinstance(given[name], str):
            raise ConfigError(f"{CALLBACK}.{name}={given[name]!r}: expected a list, such as [{given[name]}]")
    try:
        read: Any = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(CallbackSettings), dict(given)))
    except ConfigKeyError as error:
        known = ", ".join(field.name for field in fields(CallbackSettings))
        raise ConfigError(f"{CALLBACK}.{error.full_key}: no such argument; the arguments are {known}") from error
    except OmegaConfBaseException as error:
        raise ConfigError(f"{CALLBACK}.{error.full_key}: {_sentence(error)}") from error
    return _checked(read)


def sinks(asked: CallbackSettings) -> tuple[NamedSink, ...]:
    """The sinks that the callback names. Raises `ConfigError` for a sink that does not exist."""
    try:
        return tuple(map(named_sink, asked.sinks))
    except ConfigError as error:
        raise ConfigError(f"{CALLBACK}.sinks: {error}") from error


def save_interval(config: DictConfig, asked: CallbackSettings) -> int:
    """Return the save interval of one job, in epochs: the argument of its callback, or else the key of the app.

    *config* is the whole config of the job. All jobs of a sweep share one callback, whose arguments are those of the
    sweep. Raises `ConfigError` for an invalid interval.
    """
    try:
        return _of_callback(config, asked) or _of_app(config)
    except OmegaConfBaseException as error:
        raise ConfigError(f"{KEY}: {_sentence(error).removeprefix(f'{KEY}: ')}") from error


def _of_callback(config: DictConfig, asked: CallbackSettings) -> int | None:
    found = callback_arguments(config)
    if found is None or found[1].get(ARGUMENT) is None:
        return asked.save_interval
    return interval(config.hydra.callbacks[found[0]][ARGUMENT])


def _of_app(config: DictConfig) -> int:
    trainer = trainer_node(config) if has_key(config) else None
    if trainer is None or OmegaConf.is_missing(trainer, NAME):
        return DEFAULT_SAVE_INTERVAL
    return interval(trainer[NAME])


def _checked(asked: CallbackSettings) -> CallbackSettings:
    if asked.ranks not in ("all", "main"):
        raise ConfigError(f"{CALLBACK}.ranks={asked.ranks}: expected all or main")
    if asked.save_interval is not None and asked.save_interval < 1:
        raise ConfigError(f"{CALLBACK}.save_interval={asked.save_interval}: expected an integer >= 1 (epochs)")
    for name, seconds in (("artifact_gap", asked.artifact_gap), ("last_upload", asked.last_upload)):
        if not seconds >= 0:
            raise ConfigError(f"{CALLBACK}.{name}={seconds}: expected a number of seconds >= 0")
    if asked.max_versions < 2:
        raise ConfigError(
            f"{CALLBACK}.max_versions={asked.max_versions}: expected an integer >= 2 (a first and a last)"
        )
    if asked.artifact_ttl is not None and asked.artifact_ttl < 1:
        raise ConfigError(f"{CALLBACK}.artifact_ttl={asked.artifact_ttl}: expected an integer >= 1 (days)")
    if asked.top_tasks < 1:
        raise ConfigError(f"{CALLBACK}.top_tasks={asked.top_tasks}: expected an integer >= 1")
    sinks(asked)
    folder = PurePath(asked.folder)
    if folder.is_absolute() or ".." in folder.parts or not folder.parts:
        raise ConfigError(
            f"{CALLBACK}.folder={asked.folder!r}: expected a folder inside the job's output folder, such as 'envcfg'; "
            "the jobs of a sweep would share any other folder"
        )
    return asked


def _sentence(error: OmegaConfBaseException) -> str:
    """Return the first line of the message. The other lines repeat the key, which our message has already."""
    return str(error).partition("\n")[0]
