"""What `hydra/callbacks=env_config` adds to an app's config: the callback, and a typed key in its trainer node.

Every Hydra app of the environment imports this when it starts: OmegaConf and Hydra's store, nothing else.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from hydra.core.config_store import ConfigStore
from omegaconf import IntegerNode, OmegaConf
from omegaconf.errors import ValidationError

DEFAULT_SAVE_INTERVAL: Final = 1000
"""Epochs without a change after which an artifact version is saved all the same."""
TRAINER: Final = "trainer"
NAME: Final = "env_config_save_interval"
KEY: Final = f"{TRAINER}.{NAME}"
CALLBACK: Final = "hydra.callbacks.env_config"


@dataclass
class Settings:
    """The arguments of the callback and their defaults; `docs/hydra.md` tells what they are for.

    Not frozen, because Hydra refuses every override of a frozen dataclass.
    """

    save_interval: int | None = None
    """In epochs; without one, each job's own `trainer.env_config_save_interval`."""
    enabled: bool = True
    ranks: str = "all"
    """Which processes of a distributed training record: `all`, or `main`."""
    strict: bool = False
    folder: str = "envcfg"
    """The journal's, relative to the job's output folder."""
    curriculum: str | None = None
    """The name in the report; without one, the option chosen of the config group `curriculum`."""
    sinks: list[Any] = field(default_factory=list)
    """Sinks beside W&B: each a name, `module:attribute`, or a mapping of `name` and options."""
    wandb: bool = True
    artifact_gap: float = 60.0
    """The least number of seconds between two artifact versions."""
    max_versions: int = 200
    """The greatest number of artifact versions that a job makes; see `envcfg.tracking.policy`."""
    artifact_ttl: int | None = None
    """In days; without one, the service keeps artifact versions as long as it is set up to."""
    last_upload: float = 30.0
    """Seconds that the end of a job waits for its last artifact version, on a network that does not answer."""
    params: list[str] | None = None
    """Globs over dotted places of a config: what is charted; without them, the key parameters."""
    top_tasks: int = 20
    page: bool = False
    """Log the run's report as a page of W&B at its end: five megabytes a run, and Plotly where it trains."""
    reveal: list[str] = field(default_factory=list)
    """Environment variables whose values may be recorded where a config reads them with `oc.env`."""
    allow: list[str] = field(default_factory=list)
    """Globs over dotted places of a config: what is recorded whatever it looks like."""
    deny: list[str] = field(default_factory=list)
    """Globs over dotted places of a config: what is never recorded."""


@dataclass
class EnvConfigCallback(Settings):
    """The node `hydra.callbacks.env_config`: Hydra's messages name this class."""

    _target_: str = "envcfg.HydraCallback"


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


def interval(value: Any, name: str = KEY) -> int:
    """*value* as a save interval; raises OmegaConf's `ValidationError` with what was expected."""
    text = str(value).strip()
    if isinstance(value, bool | float) or not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ValidationError(f"{name}: expected an integer >= 1 (epochs), got {value!r}")
    return int(text)


def register() -> None:
    """Put the callback's config into Hydra's store; a second call changes nothing."""
    node = {
        "hydra": {"callbacks": {"env_config": OmegaConf.structured(EnvConfigCallback)}},
        TRAINER: {NAME: Interval()},
    }
    ConfigStore.instance().store(
        group="hydra/callbacks", name="env_config", package="_global_", provider="envcfg", node=node
    )
