"""Small Hydra apps, which tests write into a folder and start as real processes."""

import json
import os
from pathlib import Path
from subprocess import CompletedProcess

import prepared
from omegaconf import OmegaConf

KEY = "trainer.env_config_save_interval"
CALLBACK = "hydra.callbacks.env_config"
ON = "hydra/callbacks=env_config"
BARE = f"+{CALLBACK}._target_=envcfg.HydraCallback"
NO_WANDB = f"{CALLBACK}.wandb=false"
STRICT = f"{CALLBACK}.strict=true"
DIR = "hydra.run.dir=out"

PLAIN = """
import json, os, signal, sys
import hydra
import envcfg
{prelude}
@hydra.main(config_path={path!r}, config_name={name!r}, version_base="1.3")
def main(config):
    tracker = envcfg.tracker()
    for epoch in range(3):
        tracker.record({{"level": epoch, "seed": config.get("seed")}}, step=epoch * 10, epoch=epoch)
    {ending}
    print(json.dumps({{"tracker": type(tracker).__name__, "interval": tracker.save_interval}}))

if __name__ == "__main__":
    main()
"""

STRUCTURED = """
from dataclasses import dataclass, field
from hydra.core.config_store import ConfigStore

@dataclass
class TrainerConfig:
    lr: float = 0.1

@dataclass
class Config:
    trainer: TrainerConfig = field(default_factory=TrainerConfig)
    seed: int = 1

ConfigStore.instance().store(name="structured", node=Config)
"""

TRAINERS = {
    "plain": {"config.yaml": "trainer:\n  lr: 0.1\nseed: 1\n"},
    "absent": {"config.yaml": "seed: 1\n"},
    "grouped": {"config.yaml": "defaults:\n  - trainer: ppo\n  - _self_\nseed: 1\n", "trainer/ppo.yaml": "lr: 0.1\n"},
    "yaml": {"config.yaml": "trainer:\n  env_config_save_interval: 77\nseed: 1\n"},
    "defaults": {
        "config.yaml": "defaults:\n  - _self_\n  - override hydra/callbacks: env_config\n"
        "trainer:\n  lr: 0.1\nhydra:\n  callbacks:\n    env_config:\n      wandb: false\n"
    },
}


def app(
    folder: Path, trainer: str = "plain", *, config: str | None = None, prelude: str = "", ending: str = "pass"
) -> Path:
    """An app whose trainer node is of a kind, or whose whole config is given.

    *prelude* stands before its task function, *ending* is the last statement in it.
    """
    if trainer == "structured":
        text = PLAIN.format(prelude=STRUCTURED + prelude, path=None, name="structured", ending=ending)
    else:
        text = PLAIN.format(prelude=prelude, path="conf", name="config", ending=ending)
        for name, content in ({"config.yaml": config} if config else TRAINERS[trainer]).items():
            (folder / "conf" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "conf" / name).write_text(content)
    path = folder / "train.py"
    path.write_text(text)
    return path


def run(path: Path, *overrides: str, **environment: str) -> CompletedProcess[str]:
    """Start the app in its own folder, and wait for it."""
    env = {**os.environ, **environment}
    return prepared.run([path.name, *overrides], cwd=path.parent, env=env, imports=prepared.HYDRA)


def answer(done: CompletedProcess[str]) -> dict[str, object]:
    """The output of an app's task function: the class of its tracker, and its save interval."""
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(lines) == 1, done.stdout + done.stderr
    return json.loads(lines[0])


def hydra_yaml(path):
    """Hydra's own options, without those that say that envcfg was turned on."""
    hydra = OmegaConf.to_container(OmegaConf.load(path), resolve=False)["hydra"]
    hydra["callbacks"].pop("env_config", None)
    hydra["runtime"]["choices"].pop("hydra/callbacks", None)
    hydra["job"].pop("id", None)  # with submitit, the number of a process
    hydra["overrides"]["hydra"] = [text for text in hydra["overrides"]["hydra"] if "callbacks" not in text]
    return hydra
