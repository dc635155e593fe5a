"""What a user would use instead: each installed peer logs one config in its fastest way."""

import contextlib
import copy
import importlib.util
import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from families import flat
from omegaconf import DictConfig, OmegaConf

FULL = "full config as JSON"
Logger = Callable[[dict[str, Any], int], Any]
"""A function of the resolved config and the step at which it was adopted."""


def full_config(root: DictConfig) -> Logger:
    """Log the full config each time: deep-copy it, resolve it, append it as JSON."""
    history: list[str] = []
    return lambda _, __: history.append(json.dumps(OmegaConf.to_container(copy.deepcopy(root), resolve=True)))


def kept_differences(config: dict[str, Any], difference: Callable[[Any, Any], Any]) -> Logger:
    """Keep the difference from a copy of the previous config."""
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
            "wandb run.log, flat": lambda config, step: run.log(dict(flat(config)), step=step),
            "wandb run.config.update": lambda config, _: run.config.update({"env": config}, allow_val_change=True),
        }


@contextlib.contextmanager
def mlflow_file(folder: Path) -> Iterator[dict[str, Logger]]:
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    logging.getLogger("alembic").setLevel(logging.ERROR)
    import mlflow  # noqa: PLC0415  # a peer may not be installed

    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    experiment = mlflow.create_experiment("benchmark", artifact_location=(folder / "artifacts").as_uri())
    with mlflow.start_run(experiment_id=experiment):
        yield {"mlflow log_dict": lambda config, step: mlflow.log_dict(config, f"config_{step}.json")}


@contextlib.contextmanager
def dvclive_folder(folder: Path) -> Iterator[dict[str, Logger]]:
    from dvclive import Live  # noqa: PLC0415  # a peer may not be installed

    logging.getLogger("dvclive").setLevel(logging.ERROR)
    live = Live(str(folder / "dvclive"), save_dvc_exp=False, dvcyaml=None)

    def log(config: dict[str, Any], step: int) -> None:
        live.step = step
        for name, value in flat(config):
            live.log_metric(name, value if isinstance(value, int | float) else str(value))

    yield {"dvclive log_metric, each": log}


@contextlib.contextmanager
def aim_repository(folder: Path) -> Iterator[dict[str, Logger]]:
    import aim  # noqa: PLC0415  # a peer may not be installed

    logging.getLogger("aim").setLevel(logging.ERROR)
    run = aim.Run(repo=str(folder), system_tracking_interval=None, log_system_params=False)

    def log(config: dict[str, Any], step: int) -> None:
        run["env", step] = config

    yield {"aim run[...] = config": log}
    run.close()


PEERS = {"wandb": wandb_offline, "mlflow": mlflow_file, "dvclive": dvclive_folder, "aim": aim_repository}


@contextlib.contextmanager
def loggers(folder: Path, root: DictConfig, plain: dict[str, Any]) -> Iterator[dict[str, Logger]]:
    """The logger of each installed peer, by name. Peers that write into the working directory write into *folder*."""
    with contextlib.ExitStack() as stack, contextlib.chdir(folder):
        found: dict[str, Logger] = {FULL: full_config(root)}
        if importlib.util.find_spec("deepdiff"):
            from deepdiff import DeepDiff  # noqa: PLC0415  # a peer may not be installed

            found["deepdiff of a copy"] = kept_differences(plain, DeepDiff)
        if importlib.util.find_spec("jsonpatch"):
            import jsonpatch  # noqa: PLC0415  # a peer may not be installed

            found["jsonpatch of a copy"] = kept_differences(plain, jsonpatch.make_patch)
        for package, open_peer in PEERS.items():
            if importlib.util.find_spec(package):
                found |= stack.enter_context(open_peer(folder))
        yield found
