"""Makes `trainer.env_config_save_interval` known to Hydra, without a key in the config of the app.

The app composes its config as it does without envcfg. Then Hydra applies the overrides. An override of the key is taken
there, and its value becomes an argument of the callback. So the key is in no config that the app reads.
`--cfg job` and `--help` show it.

Every Hydra app of the environment imports this module when it starts. It imports only OmegaConf and Hydra.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Final

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.hydra import Hydra
from hydra.core.override_parser.types import Override
from hydra.errors import ConfigCompositionException
from omegaconf import DictConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import ValidationError

from envcfg.core.save_interval import DEFAULT_SAVE_INTERVAL

TRAINER: Final = "trainer"
NAME: Final = "env_config_save_interval"
KEY: Final = f"{TRAINER}.{NAME}"
ARGUMENT: Final = "save_interval"
"""The argument of the callback that holds the value of the key."""
_OURS: Final = "_envcfg_is_inside"

_Apply = Callable[[list[Override], DictConfig], None]
_Show = Callable[[Hydra, DictConfig, str], DictConfig]


def interval(value: Any, name: str = KEY) -> int:
    """Return *value* as a save interval. Raises OmegaConf's `ValidationError`, which says what was expected."""
    text = f"{value:g}" if isinstance(value, float) else str(value).strip()
    if isinstance(value, bool) or not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ValidationError(f"{name}: expected an integer >= 1 (epochs), got {value!r}")
    return int(text)


def callback_arguments(config: DictConfig) -> tuple[str, dict[Any, Any]] | None:
    """The name of envcfg's callback in a whole config, and its arguments as written; None if it is not on."""
    with suppress(Exception):  # a config without the node `hydra.callbacks`, or with something else there
        callbacks: Any = OmegaConf.to_container(config.hydra.callbacks, resolve=False)
        for name, node in callbacks.items():
            target = str(node.get("_target_")) if isinstance(node, dict) else ""
            if target.startswith("envcfg.") and target.endswith(".HydraCallback"):
                return name, node
    return None


def trainer_node(config: DictConfig) -> DictConfig | None:
    """The trainer node of the app, if it is a mapping. An interpolation is not followed: a resolver could run."""
    if TRAINER not in config.keys() or OmegaConf.is_interpolation(config, TRAINER):  # noqa: SIM118  # `in` would resolve
        return None
    node = None if OmegaConf.is_missing(config, TRAINER) else config[TRAINER]
    return node if isinstance(node, DictConfig) else None


def has_key(config: DictConfig) -> bool:
    """Whether the app itself has the key, from its YAML, its schema or an override with a plus."""
    trainer = trainer_node(config)
    return trainer is not None and NAME in trainer.keys()  # noqa: SIM118  # as above


def teach_hydra() -> None:
    """Let Hydra take the key from the overrides, and show it. A second call changes nothing."""
    _wrap(ConfigLoaderImpl, "_apply_overrides_to_config", lambda known: staticmethod(_applying(known)))
    _wrap(Hydra, "get_sanitized_cfg", _showing)


def _wrap(owner: type, name: str, wrapper: Callable[[Any], Any]) -> None:
    """Replace a method of Hydra. A Hydra that has no such method does not know the key; all else works."""
    known = getattr(owner, name, None)
    if known is not None and not hasattr(known, _OURS):
        made = wrapper(known)
        setattr(getattr(made, "__func__", made), _OURS, True)
        setattr(owner, name, made)


def _applying(apply: _Apply) -> _Apply:
    @wraps(apply)
    def applied(overrides: list[Override], cfg: DictConfig) -> None:
        ours = [] if has_key(cfg) else list(filter(_is_ours, overrides))
        apply([override for override in overrides if override not in ours] if ours else overrides, cfg)
        found = callback_arguments(cfg)
        if found is None or has_key(cfg):
            apply(ours, cfg)  # Hydra says what is wrong with them, as it does without envcfg
            ours = []
        if found is not None:
            _settle(cfg, *found, ours)

    return applied


def _is_ours(override: Override) -> bool:
    is_plain = not (override.is_add() or override.is_force_add() or override.is_delete())
    return is_plain and override.package is None and override.key_or_group == KEY


def _settle(cfg: DictConfig, name: str, arguments: dict[Any, Any], overrides: list[Override]) -> None:
    """Check the key, and make the callback a plain node that holds its value.

    A pickled config then has no class of envcfg, and can be read where envcfg is not installed.
    """
    values = [_value(override) for override in overrides]
    if values and arguments.get(ARGUMENT) is None:
        arguments[ARGUMENT] = values[-1]
    _check_own(cfg)
    callbacks = cfg.hydra.callbacks
    with read_write(callbacks), open_dict(callbacks):
        callbacks[name] = arguments


def _value(override: Override) -> Any:
    value = override.value()
    if isinstance(value, str) and "${" in value:  # the callback checks what comes of it
        return value
    try:
        return interval(value)
    except ValidationError as error:
        raise ConfigCompositionException(f"Error merging override {override.input_line}") from error


def _check_own(cfg: DictConfig) -> None:
    """Check the key of an app that has it itself."""
    trainer = trainer_node(cfg) if has_key(cfg) else None
    if trainer is None or OmegaConf.is_interpolation(trainer, NAME) or OmegaConf.is_missing(trainer, NAME):
        return
    try:
        interval(trainer[NAME])
    except ValidationError as error:
        raise ConfigCompositionException(f"The config of the app has an invalid {KEY}") from error


def _showing(sanitized: _Show) -> _Show:
    @wraps(sanitized)
    def shown(self: Hydra, cfg: DictConfig, cfg_type: str) -> DictConfig:
        found = callback_arguments(cfg) if cfg_type != "hydra" else None
        if found is not None and not has_key(cfg):
            with suppress(Exception):  # a trainer node that takes no integer
                _show(cfg, found[1].get(ARGUMENT) or DEFAULT_SAVE_INTERVAL)
        return sanitized(self, cfg, cfg_type)

    return shown


def _show(cfg: DictConfig, value: Any) -> None:
    trainer = trainer_node(cfg)
    if trainer is not None:
        with read_write(trainer), open_dict(trainer):
            trainer[NAME] = value
    elif TRAINER not in cfg.keys():  # noqa: SIM118  # `in` would resolve
        with read_write(cfg), open_dict(cfg):
            cfg[TRAINER] = {NAME: value}
