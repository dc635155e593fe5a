"""Ways in which apps consume their config, and kinds of trainer nodes."""

import copy
import json
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import attrs
import pydantic
from hydra.core.config_store import ConfigStore
from hydra.core.hydra_config import HydraConfig
from hydra.utils import instantiate
from hydra_zen import builds, zen
from omegaconf import MISSING, DictConfig, OmegaConf, open_dict, read_write

Config = Any


@dataclass
class Typed:
    lr: float = 0.1


@dataclass(frozen=True)
class Frozen:
    lr: float = 0.1


@dataclass(slots=True)
class Slotted:
    lr: float = 0.1


@attrs.define
class Defined:
    lr: float = 0.1


@attrs.frozen
class FrozenByAttrs:
    lr: float = 0.1


@pydantic.dataclasses.dataclass
class Validated:
    lr: float = 0.1


@dataclass
class Numbers:
    trainer: dict[str, float] = field(default_factory=lambda: {"lr": 0.1})
    seed: int = 1


@dataclass
class Perhaps:
    trainer: Typed | None = None
    seed: int = 1


@dataclass
class Needed:
    trainer: Typed = MISSING
    seed: int = 1


@dataclass
class HoldsTyped:
    trainer: Typed = field(default_factory=Typed)
    seed: int = 1


@dataclass
class HoldsFrozen:
    trainer: Frozen = field(default_factory=Frozen)
    seed: int = 1


@dataclass
class HoldsSlotted:
    trainer: Slotted = field(default_factory=Slotted)
    seed: int = 1


@pydantic.dataclasses.dataclass
class HoldsValidated:
    trainer: Validated = field(default_factory=Validated)
    seed: int = 1


@attrs.define
class HoldsDefined:
    trainer: Defined = Defined()
    seed: int = 1


@dataclass
class HoldsFrozenByAttrs:
    trainer: FrozenByAttrs = field(default_factory=FrozenByAttrs)
    seed: int = 1


@dataclass(frozen=True)
class FrozenRoot:
    trainer: Frozen = field(default_factory=Frozen)
    seed: int = 1


@dataclass(slots=True)
class SlotsRoot:
    seed: int = 1


def make(lr: float = 0.1) -> str:
    return f"made with {lr}"


Built = builds(make, populate_full_signature=True, zen_dataclass={"cls_name": "Built", "module": __name__})


@dataclass
class HoldsBuilt:
    trainer: Built = field(default_factory=Built)
    seed: int = 1


SCHEMAS: Mapping[str, type] = {
    "structured": HoldsTyped,
    "frozen": HoldsFrozen,
    "slots": HoldsSlotted,
    "attrs": HoldsDefined,
    "attrs frozen": HoldsFrozenByAttrs,
    "pydantic": HoldsValidated,
    "a frozen root": FrozenRoot,
    "a slots root": SlotsRoot,
    "numbers": Numbers,
    "optional": Perhaps,
    "needed": Needed,
    "built by hydra-zen": HoldsBuilt,
}
PLAIN: Mapping[str, str] = {
    "absent": "seed: 1\n",
    "plain": "seed: 1\ntrainer:\n  lr: 0.1\nlast: 2\n",
    "group": "defaults:\n  - trainer: ppo\n  - _self_\nseed: 1\n",
    "null": "trainer: null\nseed: 1\n",
    "missing": "trainer: ???\nseed: 1\n",
    "text": "seed: 1\ntrainer: ppo\n",
    "list": "seed: 1\ntrainer: [1, 2]\n",
    "empty": "seed: 1\ntrainer: {}\n",
    "reference": "trainer: ${trainers.ppo}\ntrainers:\n  ppo:\n    lr: 0.1\nseed: 1\n",
    "target": "seed: 1\ntrainer:\n  _target_: consumers.make\n  lr: 0.1\n",
    "a target as root": "_target_: consumers.make_root\nseed: 1\ntrainer:\n  lr: 0.1\n",
    "a target without trainer": "_target_: consumers.make_root\nseed: 1\n",
    "declared": "seed: 1\ntrainer:\n  lr: 0.1\n  env_config_save_interval: 77\n",
}
KINDS = [*PLAIN, *SCHEMAS]


def write_config(folder: Any, kind: str, *, default: bool = False) -> None:
    """Write the config of an app with a kind of trainer node; with *default*, its own YAML turns envcfg on."""
    chosen = "  - override hydra/callbacks: env_config\n" if default else ""
    if kind in SCHEMAS:
        ConfigStore.instance().store(name="schema_of_the_app", node=SCHEMAS[kind])
        text = f"defaults:\n  - schema_of_the_app\n  - _self_\n{chosen}"
    else:
        text = PLAIN[kind]
        if chosen:
            head = "defaults:\n  - _self_\n" if "defaults:" not in text else ""
            text = f"{head}{chosen}{text}" if head else text.replace("  - _self_\n", f"  - _self_\n{chosen}")
    (folder / "trainer").mkdir(parents=True, exist_ok=True)
    (folder / "trainer" / "ppo.yaml").write_text("lr: 0.1\n")
    (folder / "config.yaml").write_text(text)


def make_root(seed: int, trainer: Any = None) -> str:
    return f"made with {seed} and {trainer}"


def train(seed: int, trainer: Any = None, last: Any = None) -> str:
    return f"trained with {seed}, {trainer}, {last}"


class Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    lr: float = 0.1


class StrictRoot(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    seed: int
    trainer: Strict | None = None
    last: int = 0


def _with(config: Config, flag: Any, change: Callable[[Config], Any]) -> str:
    twin = copy.deepcopy(config)
    with flag(twin):
        change(twin)
    return OmegaConf.to_yaml(twin)


def _nodes(config: Any) -> Any:
    """Every node with its class, its declared types and its flags."""
    about = type(config).__name__, repr(config._metadata)
    content = config._content if isinstance(config, DictConfig) else None
    children = [(key, _nodes(node)) for key, node in content.items()] if isinstance(content, dict) else repr(config)
    return (*about, children)


WAYS: Mapping[str, Callable[[Config], Any]] = {
    "str": str,
    "repr": repr,
    "yaml": OmegaConf.to_yaml,
    "yaml, resolved": lambda config: OmegaConf.to_yaml(config, resolve=True),
    "container": lambda config: OmegaConf.to_container(config, resolve=True),
    "container, missing": lambda config: OmegaConf.to_container(config, throw_on_missing=True),
    "object": OmegaConf.to_object,
    "json": lambda config: json.dumps(OmegaConf.to_container(config, resolve=True)),
    "keyword arguments": lambda config: train(**config),
    "keyword arguments of the trainer": lambda config: make(**config.trainer),
    "zen": zen(train),
    "instantiate": instantiate,
    "instantiate the trainer": lambda config: instantiate(config.trainer),
    "instantiate with _convert_": lambda config: instantiate(config, _convert_="all"),
    "pydantic": lambda config: StrictRoot(**OmegaConf.to_container(config, resolve=True)),
    "pydantic of the trainer": lambda config: Strict.model_validate(OmegaConf.to_container(config.trainer)),
    "a dataclass": lambda config: Frozen(**OmegaConf.to_container(config.trainer)),
    "attrs": lambda config: Defined(**config.trainer),
    "truth": lambda config: bool(config.get("trainer")),
    "in": lambda config: ("trainer" in config, "lr" in config.trainer),
    "sum": lambda config: sum(config.trainer.values()),
    "length": lambda config: (len(config), len(config.trainer)),
    "order": lambda config: (list(config), list(config.trainer)),
    "items": lambda config: list(config.items()),
    "missing": lambda config: (OmegaConf.is_missing(config, "trainer"), sorted(OmegaConf.missing_keys(config))),
    "types": lambda config: (OmegaConf.get_type(config), OmegaConf.get_type(config, "trainer")),
    "select": lambda config: (OmegaConf.select(config, "trainer.lr"), OmegaConf.select(config, "trainer.x")),
    "an attribute that there is not": lambda config: config.trainer.momentum,
    "a new key": lambda config: _with(config, read_write, lambda twin: twin.update({"new": 1})),
    "a new key, opened": lambda config: _with(config, open_dict, lambda twin: OmegaConf.update(twin, "trainer.new", 1)),
    "another trainer": lambda config: _with(config, open_dict, lambda twin: setattr(twin, "trainer", {"a": 1})),
    "no trainer": lambda config: _with(config, open_dict, lambda twin: twin.pop("trainer")),
    "merge": lambda config: OmegaConf.to_yaml(OmegaConf.merge(config, {"seed": 2})),
    "merge onto": lambda config: OmegaConf.to_yaml(OmegaConf.merge({"trainer": {"epochs": 3}}, config)),
    "equality": lambda config: config == OmegaConf.create(OmegaConf.to_container(config)),
    "copy": lambda config: _nodes(copy.deepcopy(config)),
    "pickle": pickle.dumps,
    "nodes": _nodes,
    "overrides": lambda _: [line for line in HydraConfig.get().overrides.task if "save_interval" not in line],
    "resolve": lambda config: _with(config, open_dict, OmegaConf.resolve),
}


def consumed(config: Config) -> dict[str, str]:
    """What each way of consuming *config* gives: a result, or an error with its message."""

    def result(way: Callable[[Config], Any]) -> str:
        try:
            return repr(way(config))
        except Exception as error:  # noqa: BLE001  # also what an app gets
            return f"{type(error).__name__}: {error}"

    return {name: result(way) for name, way in WAYS.items()}
