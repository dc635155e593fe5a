"""The config that `hydra/callbacks=env_config` adds to an app: the callback, with typed arguments.

Every Hydra app of the environment imports this module when it starts. It imports only OmegaConf and Hydra's store.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf

from envcfg.adapters.hydra_key import teach_hydra

CALLBACK: Final = "hydra.callbacks.env_config"


@dataclass
class CallbackSettings:
    """The arguments of the callback and their defaults. `docs/hydra.md` explains them.

    The class is not frozen, because Hydra refuses every override of a frozen dataclass.
    """

    save_interval: int | None = None
    """In epochs. By default the `trainer.env_config_save_interval` of each job."""
    enabled: bool = True
    ranks: str = "all"
    """Which processes of a distributed training record: `all`, or `main`."""
    strict: bool = False
    folder: str = "envcfg"
    """The folder of the journal, relative to the job's output folder."""
    curriculum: str | None = None
    """The name in the report. By default the chosen option of the config group `curriculum`."""
    metric_step: str | None = None
    """The key of the logged metrics that counts environment steps. By default it is found and checked."""
    sinks: list[Any] = field(default_factory=list)
    """Sinks besides W&B. Each one is a name, `module:attribute`, or a mapping of `name` and options."""
    wandb: bool = True
    artifact_gap: float = 60.0
    """The least number of seconds between two artifact versions."""
    max_versions: int = 200
    """The greatest number of artifact versions that a job makes. See `envcfg.tracking.policy`."""
    artifact_ttl: int | None = None
    """In days. By default the service decides how long it keeps artifact versions."""
    last_upload: float = 30.0
    """The end of a job waits at most this many seconds for the upload of its last artifact version."""
    params: list[str] | None = None
    """Dotted keys of a config, or globs, that are charted. By default the key parameters."""
    top_tasks: int = 20
    page: bool = False
    """Log the run's report to W&B as a page when the run ends. It takes five megabytes a run, and needs Plotly."""
    invariant: list[str] = field(default_factory=list)
    """Metrics that mean the same under every config, such as a success rate. Effects on them are always tested."""
    reveal: list[str] = field(default_factory=list)
    """Environment variables that may be recorded when a config reads them with `oc.env`."""
    allow: list[str] = field(default_factory=list)
    """Dotted keys of a config, or globs, that are recorded even if they look like secrets."""
    deny: list[str] = field(default_factory=list)
    """Dotted keys of a config, or globs, that are never recorded."""


@dataclass
class HydraCallbackConfig(CallbackSettings):
    """The node `hydra.callbacks.env_config`. Hydra names this class in its messages."""

    _target_: str = "envcfg.HydraCallback"


def register_hydra_schema() -> None:
    """Put the config of the callback into Hydra's store, and make the key known. A second call changes nothing.

    The Hydra plugin of envcfg calls this for you. An app that Hydra loads without plugins calls it before
    `hydra.main`: `envcfg.adapters.register_hydra_schema()`.
    """
    node = {"hydra": {"callbacks": {"env_config": OmegaConf.structured(HydraCallbackConfig)}}}
    ConfigStore.instance().store(
        group="hydra/callbacks", name="env_config", package="_global_", provider="envcfg", node=node
    )
    teach_hydra()
