"""What a user would pick instead, each doing its own best with one config: those that are installed."""

import contextlib
import copy
import importlib.util
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

Logger = Callable[[dict[str, Any], int], Any]
"""Takes the resolved config, and the step at which it was adopted."""


def flat(config: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in config.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return found


def origin(root: DictConfig) -> Logger:
    """The way of the note that this project started from: deep-copy, resolve, append the whole as JSON."""
    history: list[str] = []
    return lambda _, __: history.append(json.dumps(OmegaConf.to_container(copy.deepcopy(root), resolve=True)))


def differing(config: dict[str, Any], difference: Callable[[Any, Any], Any]) -> Logger:
    """Keep the difference from a copy of the config before."""
    last = [copy.deepcopy(config)]
    kept = []

    def log(new: dict[str, Any], _: int) -> None:
        kept.append(difference(last[0], new))
        last[0] = copy.deepcopy(new)

    return log


@contextlib.contextmanager
def wandb_offline(folder: Path) -> Iterator[dict[str, Logger]]:
    os.environ["WANDB_SILENT"] = "true"
    import wandb  # noqa: PLC0415  # a peer may not be installed

    with wandb.init(mode="offline", dir=folder, settings=wandb.Settings(console="off", x_disable_stats=True)) as run:
        yield {
            "wandb run.log, flat": lambda config, step: run.log(flat(config), step=step),
            "wandb run.config.update": lambda config, _: run.config.update({"env": config}, allow_val_change=True),
        }


@contextlib.contextmanager
def mlflow_file(folder: Path) -> Iterator[dict[str, Logger]]:
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    import mlflow  # noqa: PLC0415  # a peer may not be installed

    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    with mlflow.start_run():
        yield {"mlflow log_dict": lambda config, step: mlflow.log_dict(config, f"config_{step}.json")}


@contextlib.contextmanager
def dvclive_folder(folder: Path) -> Iterator[dict[str, Logger]]:
    from dvclive import Live  # noqa: PLC0415  # a peer may not be installed

    logging.getLogger("dvclive").setLevel(logging.ERROR)
    live = Live(str(folder / "dvclive"), save_dvc_exp=False, dvcyaml=None)

    def log(config: dict[str, Any], step: int) -> None:
        live.step = step
        for name, value in flat(config).items():
            live.log_metric(name, value)

    yield {"dvclive log_metric, each": log}


PEERS = {"wandb": wandb_offline, "mlflow": mlflow_file, "dvclive": dvclive_folder}


@contextlib.contextmanager
def loggers(folder: Path, root: DictConfig, plain: dict[str, Any]) -> Iterator[dict[str, Logger]]:
    """The way of each peer that is installed here, by its name."""
    with contextlib.ExitStack() as stack:
        found: dict[str, Logger] = {"the note's way": origin(root)}
        if importlib.util.find_spec("deepdiff"):
            from deepdiff import DeepDiff  # noqa: PLC0415  # a peer may not be installed

            found["deepdiff of a copy"] = differing(plain, DeepDiff)
        if importlib.util.find_spec("jsonpatch"):
            import jsonpatch  # noqa: PLC0415  # a peer may not be installed

            found["jsonpatch of a copy"] = differing(plain, jsonpatch.make_patch)
        for package, open_peer in PEERS.items():
            if importlib.util.find_spec(package):
                found |= stack.enter_context(open_peer(folder))
        yield found
