"""What `hydra/callbacks=env_config` adds to an app's config: the callback, and a typed key in its trainer node."""

from typing import Any, Final

from hydra.core.config_store import ConfigStore
from omegaconf import IntegerNode
from omegaconf.errors import ValidationError

DEFAULT_SAVE_INTERVAL: Final = 1000
"""Epochs without a change after which an artifact version is saved all the same."""
KEY: Final = "trainer.env_config_save_interval"


class Interval(IntegerNode):
    """An integer >= 1; unlike OmegaConf's own node it takes neither a bool, nor null, nor a rounded float."""

    def __init__(self, value: Any = DEFAULT_SAVE_INTERVAL, key: Any = None, parent: Any = None) -> None:
        super().__init__(value, key=key, parent=parent, is_optional=False)

    def _validate_and_convert_impl(self, value: Any) -> int:
        return interval(value)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Interval":
        copy = Interval()
        self._deepcopy_impl(copy, memo)
        return copy


def interval(value: Any) -> int:
    """*value* as a save interval; raises OmegaConf's `ValidationError` with what was expected."""
    text = str(value).strip()
    if isinstance(value, bool | float) or not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ValidationError(f"{KEY}: expected an integer >= 1 (epochs), got {value!r}")
    return int(text)


def register() -> None:
    """Put the callback's config into Hydra's store; a second call changes nothing."""
    ConfigStore.instance().store(
        group="hydra/callbacks", name="env_config", package="_global_", provider="envcfg", node=_node()
    )


def _node() -> dict[str, Any]:
    callback = {
        "_target_": "envcfg.HydraCallback",
        "save_interval": f"${{oc.select:{KEY},{DEFAULT_SAVE_INTERVAL}}}",
        "enabled": True,
        "strict": False,
        "folder": "envcfg",
        "curriculum": None,
        "wandb": True,
        "artifact_gap": 60,
        "params": None,
        "top_tasks": 20,
        "reveal": [],
    }
    return {"hydra": {"callbacks": {"env_config": callback}}, "trainer": {KEY.partition(".")[2]: Interval()}}
